"""Kernel ridge regression that learns how much each column counts: feature machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isqrt
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from rosenblatt.classic.base import Classifier, Estimator, Regressor
from rosenblatt.classic.calibration import Platt, Temperature
from rosenblatt.classic.cholesky import factor, held_out, solve
from rosenblatt.classic.inputs import check_learned, one_versus_rest
from rosenblatt.classic.logistic import LogisticRegression, probabilities
from rosenblatt.classic.standardisation import Standardisation
from rosenblatt.classic.units import deviations
from rosenblatt.data.folds import folds_inside
from rosenblatt.data.judged import check_judged, learned_elsewhere
from rosenblatt.features.histograms import Laplacian
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.similarity.laplacian import slopes
from rosenblatt.ranges import NONE, SEED, Either, Real, Whole

Groups = np.ndarray | None
WIDTHS = 0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0  # of the kernel, in mean distances of rows
PENALTIES = 0.01, 0.03, 0.1, 0.3, 1.0, 3.0, 10.0  # beside a diagonal of 1
FOLDS = 5
EXACT = 12_000  # rows up to which all are centres
WORK = 3 * 10**11  # multiplications that more rows may cost: the fewer centres, the more rows
BLOCK = 1024  # rows that are compared with the centres at a time
RIDGE = 1e-3  # on the diagonal of the centres' own matrix
TAME = 1e-4  # penalty of a calibration's weights


class _Trial(NamedTuple):
    """A width in mean distances and a penalty, the squared error of rows that they left out, these
    rows' scores [N, T], and the dual coefficients [N, T] of all rows."""

    width: float
    penalty: float
    error: float
    scores: np.ndarray
    dual: np.ndarray


@dataclass(eq=False)
class _FeatureMachine(Estimator):
    """Kernel ridge regression with k(x, z) = exp(-gamma sum_d m_d |x_d - z_d|), m learned.

    A recursive feature machine with a diagonal metric (Radhakrishnan, Beaglehole, Pandit & Belkin
    2024, "Mechanism for feature learning in neural networks and backpropagation-free machine
    learning models", algorithm 1): f solves (K + penalty I) A = Y; m becomes the root of the mean
    square of f's slope along each column, the diagonal of the average gradient outer product; and
    so on, for some rounds. Columns begin by their standard deviations.
    """

    rounds: int = 3
    width: float | None = None
    penalty: float | None = None
    sample: int = 2000
    seed: int = 0

    settings: ClassVar = {
        "rounds": Whole(0, 100),
        "width": Either(NONE, Real(1e-3, 1e3)),
        "penalty": Either(NONE, Real(0.01, 1e6)),
        "sample": Whole(10, EXACT),
        "seed": SEED,
    }
    axes: ClassVar = {
        "metric_": "float32 D",
        "scale_": "float32 D",
        "centres_": "float32 S D",
        "dual_coef_": "float32 K S",
        "intercept_": "float32 K",
    }

    def _learn_from(
        self, x: np.ndarray, y: np.ndarray, unit: Any, groups: Groups
    ) -> tuple[np.ndarray, np.ndarray]:
        """Learn targets y [N, T], of mean 0 and deviation 1, of rows x; keep the weights of y unit.

        Return rows held out [n], and their scores [n, T] of y.
        """
        order, some, ends = self._drawn(len(x), groups)
        factors = Standardisation().fit(x).factor_
        trial = self._choose(x[some] * factors, y[some], ends)
        self.width_, self.penalty_ = trial.width, trial.penalty
        self.scale_ = factors * self.metric_
        self.gamma_ = _gamma(x[some] * self.scale_, trial.width)
        centres, dual = self._solve(x, y, order)
        self.centres_ = x[centres] * self.scale_
        self.dual_coef_ = np.ascontiguousarray((dual * unit).T, np.float32)
        check_learned(self.dual_coef_)
        return some, trial.scores

    def _drawn(self, count: int, groups: Groups) -> tuple[np.ndarray, np.ndarray, list[int]]:
        """Return so many rows in random order, those held out [n], and where folds of them end."""
        rng = np.random.default_rng(self.seed)
        order = rng.permutation(count)
        return order, *_in_folds(order[: self.sample], groups, rng)

    def _choose(self, z: np.ndarray, y: np.ndarray, ends: list[int]) -> _Trial:
        """Set metric_ and path_ from rows z [n, D], folds up to `ends`; return the best trial.

        Once a round was of no use, none follows.
        """
        metric = np.ones(z.shape[1], np.float32)
        widths = WIDTHS if self.width is None else (self.width,)
        penalties = PENALTIES if self.penalty is None else (self.penalty,)
        self.path_: list[tuple[int, float, float, float]] = []
        best: _Trial | None = None
        for number in range(self.rounds + 1):
            rows = z * metric
            trials = _climb((rows, y, ends), widths, penalties, best)
            self.path_ += [(number, *trial[:3]) for trial in trials]
            found = min(trials, key=lambda trial: trial.error)
            if best is not None and found.error >= best.error:
                break
            best, self.metric_ = found, metric
            if number < self.rounds:
                metric = _next_metric(rows, metric, best)
        assert best is not None
        return best

    def _solve(
        self, x: np.ndarray, y: np.ndarray, order: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Return the centres' places [S], and their dual coefficients [S, T]."""
        kernel, z = Laplacian(self.gamma_), x * self.scale_
        if len(x) <= EXACT:
            gram = kernel(z)
            gram.flat[:: len(gram) + 1] += np.float32(self.penalty_)
            return np.arange(len(x)), solve(factor(gram, overwrite=True), y)
        chosen = np.sort(order[: isqrt(WORK // len(x))])
        centres = z[chosen]
        own = kernel(centres).astype(np.float64)
        own.flat[:: len(own) + 1] += RIDGE
        own *= self.penalty_
        right = np.zeros((len(centres), y.shape[1]))
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            block = kernel(z[rows], centres).astype(np.float64)
            gemm(block, block, own, transpose=(True, False), accumulate=True)
            gemm(block, y[rows], right, transpose=(True, False), accumulate=True)
        return chosen, solve(factor(own, overwrite=True), right)

    def _sums(self, x: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
        """Return the sums over the centres for rows that were checked, and a bias, [M, K] float32.

        bias: [K] float32.
        """
        scores = np.empty((len(x), len(self.dual_coef_)), np.float32)
        kernel = Laplacian(self.gamma_)
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            gemm(
                kernel(x[rows] * self.scale_, self.centres_), self.dual_coef_, scores[rows],
                transpose=(False, True), bias=bias,
            )  # fmt: skip
        return scores


@dataclass(eq=False)
class FeatureMachineRegressor(_FeatureMachine, Regressor):
    """A recursive feature machine of values: a Laplacian kernel machine that learns its metric.

    rounds: of learning the metric, at most; of them that one is kept, 0 included, whose rows are
    predicted best by the others, fold by fold (cholesky.held_out), as are width, 1 / gamma in mean
    distances of rows, and penalty, where these are None, on `sample` rows at most, drawn by `seed`.
    Up to 12,000 rows all are centres, of more some, that `seed` draws (Nystroem's approximation;
    Williams & Seeger 2001).

    Learned: metric_ [D], m, 1 at most; scale_ [D], m by the deviations; gamma_, width_ and
    penalty_; centres_ [S, D], so scaled; dual_coef_ [K, S], of values of mean 0 and deviation 1,
    which float32 holds wherever they lie: f(x) = intercept_ + unit_ sum_s a_s k(x, x_s), both [K]
    float64; path_, a list of (round, width, penalty, squared error of rows held out).
    """

    axes: ClassVar = _FeatureMachine.axes | {"intercept_": "float64 K", "unit_": "float64 K"}

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, and values y [N] or [N, T].

        groups: [N] whole numbers; folds keep rows of one together. Raises UserError as
        Regressor.fit and check_groups.
        """
        return self._learn(X, y, groups=groups)

    def _fit(self, x: np.ndarray, values: np.ndarray, groups: Groups = None) -> None:
        y, self.intercept_, self.unit_ = _standardised(values)
        self._learn_from(x, y, 1.0, groups)

    def _values(self, x: np.ndarray) -> np.ndarray:
        return self._sums(x, None) * self.unit_ + self.intercept_


@dataclass(eq=False)
class FeatureMachineClassifier(_FeatureMachine, Classifier):
    """A recursive feature machine on class labels: +1 for a class and -1 for the rest.

    Parameters and what is learned: as FeatureMachineRegressor; classes_ [K]; slope_ [K, K] and
    offset_ [K], which make scores probabilities, learned from the scores of rows held out: of two
    classes by Platt's way, one slope and offset, [1, 1] and [1]; of more by logistic regression on
    all scores (Guo et al. 2017, section 4.2, matrix scaling), or by a temperature, one slope, where
    the rows do not gain the likelihood that so many more numbers cost (Hurvich & Tsai 1989).
    """

    axes: ClassVar = _FeatureMachine.axes | {"slope_": "float64 K K", "offset_": "float64 K"}

    def fit(self, X: Any, y: Any, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, and labels y [N] of any kind.

        groups: as of FeatureMachineRegressor. Raises UserError as Classifier.fit, check_groups and
        check_judged.
        """
        return self._learn(X, y, groups=groups)

    def _fit(self, x: np.ndarray, labels: np.ndarray, groups: Groups = None) -> None:
        targets = one_versus_rest(labels, len(self.classes_)).T.astype(np.float64)
        told = np.ones(min(self.sample, len(x)), bool)
        if groups is not None and np.ptp(groups):
            told = self._learned_elsewhere(labels, groups)
        y, mean, unit = _standardised(targets)
        rows, scores = self._learn_from(x, y, unit, groups)
        scores = scores * unit + mean
        self.intercept_ = mean.astype(np.float32)
        T = targets.shape[1]
        self.slope_, self.offset_ = np.eye(T), np.zeros(T)
        rows, scores = rows[told], scores[told]
        if len(np.unique(labels[rows])) < len(self.classes_):
            return  # too few rows of a class to calibrate on, or all in one fold
        if T == 1:
            platt = Platt.fit(scores[:, 0], labels[rows])
            self.slope_[:], self.offset_[:] = platt.slope, platt.offset
            return
        plain = Temperature.fit(scores, labels[rows])
        self.slope_ /= plain.temperature
        full = LogisticRegression(TAME).fit(scores, labels[rows])
        own = np.arange(len(rows)), labels[rows]
        gain = log(full.predict_proba(scores)[own] / plain(scores)[own]).sum()
        more, left = T * (T + 1) - 1, len(rows) - T * (T + 1)
        if left > 0 and gain > more * len(rows) / left:
            self.slope_ = np.ascontiguousarray(full.coef_.T, np.float64)
            self.offset_ = full.intercept_.astype(np.float64)

    def _learned_elsewhere(self, labels: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Return which rows held out have a class that others have. Raises as check_judged."""
        _, some, ends = self._drawn(len(labels), groups)
        fold = np.repeat(np.arange(len(ends) - 1), np.diff(ends))
        check_judged(labels[some], fold, groups[some], self.classes_)
        return learned_elsewhere(labels[some], fold)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores of the classes, [M, K] float64; of two, [M], above 0 for the second.

        They are the logarithms of the odds. Raises UserError before fit, for other columns, or as
        check_vectors.
        """
        sums = self._sums(self._asked(X), self.intercept_).astype(np.float64)
        scores = gemm(sums, self.slope_, np.empty_like(sums), bias=self.offset_)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, [M, K] float32. Raises as decision_function."""
        return probabilities(self.decision_function(X))

    def _check_restored(self) -> None:
        if len(self.offset_) != len(self.dual_coef_):
            raise ValueError("its calibration is of other scores")


def _standardised(targets: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return targets [N, T] with mean 0 and deviation 1, and what their mean [T] and unit [T] were.

    Equal targets have unit 1.
    """
    mean = targets.mean(0)
    centred = targets - mean
    deviation = deviations(centred)
    unit = np.where(deviation > 0, deviation, 1)
    return np.ascontiguousarray(centred / unit), mean, unit


def _gamma(rows: np.ndarray, width: float) -> float:
    """Return gamma for a width in mean distances of rows [n, D], which are in random order."""
    apart = np.abs(np.diff(rows, axis=0)).sum(1, dtype=np.float64)
    return len(apart) / (width * apart.sum()) if apart.any() else 1.0


def _in_folds(
    some: np.ndarray, groups: Groups, rng: np.random.Generator
) -> tuple[np.ndarray, list[int]]:
    """Return rows [n], those of a fold side by side and no group parted, and where folds end."""
    n, folds = len(some), min(FOLDS, len(some))
    if groups is None:
        return some, [n * fold // folds for fold in range(folds + 1)]
    fold = folds_inside(np.zeros(n, np.int64), groups[some], FOLDS, rng)
    return some[np.argsort(fold, kind="stable")], [0, *np.bincount(fold).cumsum().tolist()]


def _climb(
    given: tuple[np.ndarray, np.ndarray, list[int]],
    widths: Sequence[float],
    penalties: Sequence[float],
    start: _Trial | None,
) -> list[_Trial]:
    """Return the trials on the way, neighbour by neighbour, to the pair of least error.

    It begins at the pair of `start`, else amid all.
    """
    i, j = len(widths) // 2, len(penalties) // 2
    if start is not None:
        i, j = widths.index(start.width), penalties.index(start.penalty)
    seen: dict[tuple[int, int], _Trial] = {}
    while True:
        around = [(i, j), (i, j - 1), (i, j + 1), (i - 1, j), (i + 1, j)]
        around = [(a, b) for a, b in around if 0 <= a < len(widths) and 0 <= b < len(penalties)]
        for a, b in around:
            if (a, b) not in seen:
                seen[a, b] = _trial(*given, widths[a], penalties[b])
        best = min(around, key=lambda place: seen[place].error)
        if best == (i, j):
            return list(seen.values())
        i, j = best


def _trial(
    rows: np.ndarray, y: np.ndarray, ends: list[int], width: float, penalty: float
) -> _Trial:
    """Return what a width and a penalty come to on rows [n, D] and targets y [n, T]."""
    gram = Laplacian(_gamma(rows, width))(rows).astype(np.float64)
    gram.flat[:: len(rows) + 1] += penalty
    lower = factor(gram, overwrite=True)
    missed = held_out(lower, y, ends)
    error = float(np.square(missed).mean())
    return _Trial(width, penalty, error, y - missed, solve(lower, y))


def _next_metric(rows: np.ndarray, metric: np.ndarray, trial: _Trial) -> np.ndarray:
    """Return the root mean square of the slopes along each column, [D], by the largest."""
    gram = Laplacian(_gamma(rows, trial.width))(rows)
    found = np.empty((len(rows), trial.dual.shape[1], rows.shape[1]), np.float32)
    slopes(gram, rows, rows, np.ascontiguousarray(trial.dual.T, np.float32), found)
    square = np.square(found, dtype=np.float64).sum(1).mean(0)
    root = metric * np.sqrt(square)
    return (root / root.max()).astype(np.float32) if root.max() > 0 else metric
