"""Random forests: deep trees on samples of the rows, whose mean varies less than each of them."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.base import Classifier, Regressor
from rosenblatt.classic.binned import Trees, in_words
from rosenblatt.classic.boosting import PART, Groups, Weights
from rosenblatt.classic.inputs import of_mean_one
from rosenblatt.classic.rounds import TINY, Grower, Table, category_limits, start_of
from rosenblatt.classic.units import units
from rosenblatt.kernels.trees.grow import Tree
from rosenblatt.kernels.trees.losses import SQUARED
from rosenblatt.kernels.trees.split import Rules
from rosenblatt.ranges import NONE, SEED, Either, Whole

MOST_LEAVES = 1 << 15  # that int16 can name
SIDE_BY_SIDE = 1 << 20  # rows of all trees that are grown at a time, about
MOST_SIDE_BY_SIDE = 16


@dataclass(eq=False)
class Forest(Trees):
    """The mean of trees, each of rows drawn with replacement, which at each split may ask a few
    columns drawn anew (Breiman 2001, "Random forests"; bagging: Breiman 1996).

    Splits lessen the squared error of a target; of 0 and 1 that is the impurity of Gini. Classes
    beyond two, and targets, have trees of their own on the same rows.

    trees: of each target. leaves: of a tree, at most. least_rows: of a leaf; rows count in
    proportion to their weights, one in the mean. columns: the share that is asked at a split; None:
    a third, for classes sqrt(D) of D; where none of these tells rows apart, all.

    Learned: as Trees, start_ the means of the targets, and out_of_bag_ [N, K]: what the trees that
    had not drawn a row say of it, NaN where all had. Where groups are given, whole groups are
    drawn: else trees that had drawn a row's fellows would judge it too well.
    """

    settings: ClassVar = Trees.settings | {
        "trees": Whole(1, 10_000),
        "leaves": Whole(2, MOST_LEAVES),
        "least_rows": Whole(1, 1_000_000),
        "columns": Either(NONE, PART),
        "seed": SEED,
    }

    trees: int = 200
    leaves: int = 4096
    least_rows: int = 1
    columns: float | None = None
    seed: int = 0

    def _bag(self, x: np.ndarray, targets: np.ndarray, weights: Weights, groups: Groups) -> None:
        """Learn targets [K, N] from x [N, D]."""
        rng = np.random.default_rng(self.seed)
        self.out_of_bag_ = np.full(targets.T.shape, np.nan)
        there = np.flatnonzero(np.ones(len(x)) if weights is None else weights)
        weights = np.ones(len(there)) if weights is None else of_mean_one(weights[there])
        x, targets = x[there], np.ascontiguousarray(targets[:, there])
        group = np.arange(len(x))
        if groups is not None:
            group = np.unique(groups[there], return_inverse=True)[1]
        self._learn_bins(x, rng)
        table = Table(*in_words(x, self._bins), targets, SQUARED)
        self.out_of_bag_[there] = self._grow(table, weights, group, rng)

    def _check_restored(self) -> None:
        super()._check_restored()
        found = self.out_of_bag_
        if found.dtype != np.float64 or found.ndim != 2 or np.isinf(found).any():
            raise ValueError("what its trees say of rows out of their bags is none")

    def _grow(
        self, table: Table, weights: np.ndarray, group: np.ndarray, rng: np.random.Generator
    ) -> np.ndarray:
        """Grow the trees; return what is said of rows out of their bags, [N, K].

        group [N]: that of each row, all of them named.
        """
        (K, N), rules = table.targets.shape, self._rules(len(weights), table.columns.bins.size)
        start = start_of(table, weights)
        apart = (start[:, None] - table.targets).astype(np.float32)
        total, times, groups = np.zeros((K, N)), np.zeros(N), group.max() + 1
        step = max(1, min(MOST_SIDE_BY_SIDE, SIDE_BY_SIDE // N) // K)
        grown, draw_keys = [], rng.spawn(1)[0]
        for first in range(0, self.trees, step):
            n = min(step, self.trees - first)
            bags = [rng.integers(0, groups, groups) for _ in range(n)]
            drawn = [np.bincount(bag, minlength=groups)[group] for bag in bags]
            h = np.repeat(np.array(drawn) * weights, K, 0).astype(np.float32)
            g = h * np.tile(apart, (n, 1))
            largest = np.stack([np.abs(g).max(1), h.max(1)], 1).astype(np.float64) + TINY
            use = np.ones((n * K, table.columns.bins.size), bool)
            keys = draw_keys.integers(0, 2**63, n * K).astype(np.uint64)
            said = np.zeros((n * K, N))
            grower = Grower(table, rules, n * K, bool((weights == 1).all()), deep=True)
            tree, values = grower.grow((g, h, largest), (use, keys), 1.0, said)
            grown.append((_narrowed(tree), values))
            for counts, of_tree in zip(drawn, said.reshape(n, K, N), strict=True):
                total += of_tree * (counts == 0)
                times += counts == 0
        nodes = max(tree.feature.shape[1] for tree, _ in grown)
        wide = [(Tree(*(_widened(p, nodes) for p in t)), v[:, : nodes + 1]) for t, v in grown]
        self._keep(start, wide)
        return np.where(times, start[:, None] + total / np.maximum(times, 1), np.nan).T

    def _rules(self, rows: int, columns: int) -> Rules:
        share = self.columns or (1 / np.sqrt(columns) if self.kind == "classifier" else 1 / 3)
        tries, leaves = max(1, round(share * columns)), max(2, min(self.leaves, rows))
        least = self.least_rows - 0.5  # of whole numbers, whatever their rounding
        return Rules(leaves, 0.0, 0.0, least, *category_limits(0.0, rows), tries)

    def _scores(self, x: np.ndarray) -> np.ndarray:
        """Return the means of the trees for rows x [M, D], [M, K] float64."""
        K = self.start_.size
        out = self._sums(x, np.zeros((K, len(x)))) / (len(self.value_) // K)
        return np.ascontiguousarray((self.start_[:, None] + out).T)


@dataclass(eq=False)
class RandomForestClassifier(Forest, Classifier):
    """A forest that says the shares of the classes; two have one score, more have one each.

    Parameters and what is learned: as Forest, out_of_bag_ [N, classes] of shares; classes_ [K].
    """

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        groups: [N] whole numbers; rows of one are drawn together. Raises UserError as
        Classifier.fit, check_cells, check_weights and check_groups.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, labels: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        K = len(self.classes_)
        asked = np.arange(K)[:, None] if K > 2 else np.ones((1, 1))
        self._bag(x, (labels == asked).astype(np.float64), weights, groups)
        self.out_of_bag_ = _shares(self.out_of_bag_)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the shares of the classes, [M, K] float64; of two, [M], above 0 for the second.

        Raises UserError where nothing was learned, or for other columns.
        """
        shares = _shares(self._scores(self._asked(X)))
        return shares if shares.shape[1] > 2 else shares[:, 1] - 0.5

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the shares of the classes, [M, K] float32. Raises as decision_function."""
        return _shares(self._scores(self._asked(X))).astype(np.float32)


@dataclass(eq=False)
class RandomForestRegressor(Forest, Regressor):
    """A forest of one target or of each of several.

    Parameters and what is learned: as Forest.
    """

    least_rows: int = 5

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, values y [N] or [N, T], and their weights.

        groups: as of RandomForestClassifier. Raises UserError as Regressor.fit, check_cells,
        check_weights and check_groups.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self, x: np.ndarray, values: np.ndarray, weights: Weights, groups: Groups = None
    ) -> None:
        unit = units(values - values.mean(0))  # in which float32 holds how far they are from it
        self._bag(x, (values / unit).T, weights, groups)
        self._rescale(unit)
        self.out_of_bag_ *= unit

    def _values(self, x: np.ndarray) -> np.ndarray:
        return self._scores(x)


def _shares(scores: np.ndarray) -> np.ndarray:
    """Return shares of classes [M, K] from scores of each, or of the second of two [M, 1]."""
    if scores.shape[1] == 1:
        scores = np.concatenate([1 - scores, scores], 1)
    scores = np.clip(scores, 0, 1)  # there and back from the mean, a share may round to below 0
    total = np.zeros(len(scores))
    for column in scores.T:
        total += column
    return scores / np.where(total > 0, total, 1)[:, None]


def _narrowed(tree: Tree) -> Tree:
    """Return trees without the nodes behind the last that one of them has; the first stays."""
    some = (tree.child != -1).any((0, 2))
    some[0] = True
    nodes = int(np.flatnonzero(some)[-1]) + 1
    return Tree(*(part[:, :nodes].copy() for part in tree))


def _widened(part: np.ndarray, width: int) -> np.ndarray:
    """Return an array of trees [R, n, ...] with n made `width`; nodes of child -1 are no nodes."""
    out = np.full((len(part), width, *part.shape[2:]), -(part.dtype == np.int16), part.dtype)
    out[:, : part.shape[1]] = part
    return out
