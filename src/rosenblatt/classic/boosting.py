"""Gradient boosting: each tree reduces what those before it left of the loss."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.base import Classifier, Regressor
from rosenblatt.classic.binned import Trees, in_words
from rosenblatt.classic.inputs import of_mean_one
from rosenblatt.classic.logistic import probabilities
from rosenblatt.classic.rounds import Rounds, Settings, Table, category_limits
from rosenblatt.classic.units import units
from rosenblatt.data.folds import folds_inside
from rosenblatt.data.judged import check_judged
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import threads_in_use, use_threads
from rosenblatt.kernels.core.elementwise import exp, log
from rosenblatt.kernels.trees.losses import LOGISTIC, SOFTMAX, SQUARED
from rosenblatt.kernels.trees.split import Rules
from rosenblatt.ranges import FLAG, FROM_ZERO, NONE, SEED, Either, Real, Whole

Weights = np.ndarray | None
Groups = np.ndarray | None
PART = Real(1e-3, 1)
LEAVES = 8, 24, 64  # of a tree, of which cross-validation takes the best
MOST_ROUNDS = 2000  # that cross-validation tries
PATIENCE = 50  # rounds without a smaller loss
FOLDS = 5
FEW, L2 = 4_000, (5.0, 1.0)  # rows, and the penalty of fewer and of more
SMALL = 1 << 16  # numbers below which threads cost more than they save
MANY = 20_000  # rows from which one held-out fold tells enough
LEAST_HESSIAN = 1e-3  # of a side of a split
CATEGORY_L2 = 10.0  # LightGBM's


@dataclass(eq=False)
class BoostedTrees(Trees):
    """Trees fitted to the derivatives of a loss, one after the other (Friedman 2001, 2002).

    F_m = F_{m-1} + rate x tree_m, each leaf of value -G / (H + l2), the sums of the loss's first
    and second derivatives over its rows (Chen & Guestrin 2016, equations 5 and 7), on histograms
    and leaf by leaf (Ke et al. 2017).

    rounds: trees for each score; None: as many as cross-validation on the rows finds best (5 folds;
    one held out from 20,000 rows on). leaves: of a tree, at most; None: 8, 24 or 64, as the first
    of these folds finds best. l2: None: 5 of fewer than 4,000 rows, else 1. least_rows: of a leaf,
    about. rows, columns: the shares that a tree is shown, drawn by `seed`. Rows count in proportion
    to their weights, one in the mean.

    Learned: leaves_; losses_, of rounds that cross-validation tried, empty where it did not; and as
    Trees.
    """

    settings: ClassVar = Trees.settings | {
        "rounds": Either(NONE, Whole(1, 100_000)),
        "rate": Real(1e-4, 1),
        "leaves": Either(NONE, Whole(2, 4096)),
        "l2": Either(NONE, FROM_ZERO),
        "least_rows": Whole(1, 1_000_000),
        "rows": PART,
        "columns": PART,
        "seed": SEED,
    }
    rounds: int | None = None
    rate: float = 0.05
    leaves: int | None = 8
    l2: float | None = None
    least_rows: int = 5
    rows: float = 0.7
    columns: float = 0.5
    seed: int = 0

    def _boost(
        self, x: np.ndarray, targets: np.ndarray, kind: int, weights: Weights, groups: Groups
    ) -> None:
        """Learn targets [K, N], or labels [1, N], from x [N, D]."""
        rng = np.random.default_rng(self.seed)
        weights = np.ones(len(x)) if weights is None else of_mean_one(weights)
        there = weights > 0
        if not there.all():  # a copy of all rows would be as large as they are
            x, targets, weights = x[there], targets[:, there], weights[there]
            groups = None if groups is None else groups[there]
        self._learn_bins(x, rng)
        before = use_threads(1) if x.size < SMALL else threads_in_use()
        try:
            self._grow(Table(*in_words(x, self._bins), targets, kind), weights, groups, rng)
        finally:
            use_threads(before)

    def _grow(
        self, table: Table, weights: np.ndarray, groups: Groups, rng: np.random.Generator
    ) -> None:
        self.losses_: list[float] = []
        self.leaves_ = self.leaves or LEAVES[0]
        count = self.rounds or self._count_rounds(table, weights, groups, rng)
        rounds = Rounds(table, self._given(table, 1.0), weights, self.seed)
        grown = [rounds.step() for _ in range(count)]
        self._keep(rounds.start, grown)

    def _given(self, table: Table, share: float) -> Settings:
        """Return the settings where a share of the rows has weight."""
        rows = self.least_rows / (self.rows * share)  # those without weight are counted too
        least = LEAST_HESSIAN
        if table.kind == SQUARED:
            rows, least = 0.0, float(self.least_rows)  # second derivatives are the rows themselves
        categories = category_limits(CATEGORY_L2, table.words.shape[1])
        l2 = L2[table.words.shape[1] >= FEW] if self.l2 is None else float(self.l2)
        rules = Rules(self.leaves_, l2, rows, least, *categories, 0)
        return Settings(float(self.rate), float(self.rows), float(self.columns), rules)

    def _count_rounds(
        self, table: Table, weights: np.ndarray, groups: Groups, rng: np.random.Generator
    ) -> int:
        """Return the number of rounds of least loss on rows held out, and keep the losses.

        Of several numbers of leaves, keep the best one.
        """
        N = len(weights)
        if table.kind == SQUARED and groups is None:
            fold = rng.permutation(N) % min(FOLDS, N)
        else:
            labels = np.zeros(N) if table.kind == SQUARED else table.targets[0]
            fold = folds_inside(labels.astype(np.int64), groups, FOLDS, rng)
        held_out = FOLDS if N < MANY else 1
        if isinstance(self, Classifier) and groups is not None and np.ptp(groups):
            check_judged(table.targets[0].astype(np.int64), fold, groups, self.classes_, held_out)
        curves: list[list[float]] = []
        tried = (self.leaves_,) if self.leaves else LEAVES
        for held in range(held_out):
            out = fold == held
            if not (weights * out).any() or not (weights * ~out).any():
                continue
            found = {leaves: self._curve(table, weights, out, leaves) for leaves in tried}
            self.leaves_ = min(found, key=lambda leaves: min(found[leaves]))
            tried = (self.leaves_,)
            curves.append(found[self.leaves_])
        if not curves:
            raise UserError("1 sample alone has weight: no rounds can be tried; give `rounds`.")
        longest = max(map(len, curves))
        filled = [curve + curve[-1:] * (longest - len(curve)) for curve in curves]
        self.losses_ = np.mean(filled, 0).tolist()
        return int(np.argmin(self.losses_)) + 1

    def _curve(
        self, table: Table, weights: np.ndarray, out: np.ndarray, leaves: int
    ) -> list[float]:
        """Return the losses of rows held out [N] after each round, until they fall no more."""
        self.leaves_ = leaves
        rounds = Rounds(table, self._given(table, 1 - 1 / FOLDS), weights * ~out, self.seed)
        curve: list[float] = []
        best = 0
        while len(curve) < MOST_ROUNDS and len(curve) <= best + PATIENCE:
            rounds.step()
            curve.append(rounds.loss(weights * out))
            best = len(curve) - 1 if curve[-1] < curve[best] else best
        return curve

    def _scores(self, x: np.ndarray) -> np.ndarray:
        """Return the sums of the trees for rows x [M, D], [M, K] float64."""
        out = self._sums(x, np.repeat(self.start_[:, None], len(x), 1))
        return np.ascontiguousarray(out.T)


@dataclass(eq=False)
class BoostedTreesClassifier(BoostedTrees, Classifier):
    """Boosted trees on the logarithmic loss: two classes have one score, more have one each.

    Parameters and what is learned: as BoostedTrees; classes_ [K].
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        groups: [N] whole numbers; cross-validation keeps rows of one together. Raises UserError as
        Classifier.fit, check_cells, check_weights, check_groups and, without rounds, check_judged.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, labels: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        kind = LOGISTIC if len(self.classes_) == 2 else SOFTMAX
        self._boost(x, labels[None].astype(np.float64), kind, weights, groups)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores of the classes, [M, K] float64; of two, [M], above 0 for the second.

        Raises UserError where nothing was learned, or for other columns.
        """
        scores = self._scores(self._asked(X))
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, [M, K] float32. Raises as decision_function."""
        return probabilities(self.decision_function(X))


@dataclass(eq=False)
class BoostedTreesRegressor(BoostedTrees, Regressor):
    """Boosted trees on the squared error, of one target or of each of several.

    Parameters and what is learned: as BoostedTrees.
    log_target: learn log(1 + y) of values y >= 0, for errors that count by their ratio.
    """

    settings: ClassVar = BoostedTrees.settings | {"log_target": FLAG}

    log_target: bool = False

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, values y [N] or [N, T], and their weights.

        groups: as of BoostedTreesClassifier. Raises UserError as Regressor.fit, check_cells,
        check_weights and check_groups, and where log_target is asked of values below 0.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, values: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        if self.log_target:
            if values.min() < 0:
                row = int((values < 0).any(1).argmax())
                raise UserError(
                    f"value {row + 1} is {values[row].min()}: log_target wants values from 0; "
                    "leave it False."
                )
            values = log(1.0 + values)
        unit = units((values - values.mean(0)).reshape(-1, 1))  # one, for losses are added up
        self._boost(x, np.ascontiguousarray((values / unit).T), SQUARED, weights, groups)
        self._rescale(np.repeat(unit, values.shape[1]))
        self.losses_ = [loss * float(unit[0]) ** 2 for loss in self.losses_]

    def _values(self, x: np.ndarray) -> np.ndarray:
        scores = self._scores(x)
        return exp(scores) - 1.0 if self.log_target else scores
