"""Ridge regression: values as a weighted sum of columns, with its leave-one-out for free."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.base import Regressor
from rosenblatt.classic.cholesky import SingularError, factor, solve, solve_lower
from rosenblatt.classic.kernel_ridge import PENALTIES
from rosenblatt.data.folds import folds_inside
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import POSITIVE, Choice, Either

FOLDS = 5  # of rows that belong together
TINY = 1e-9  # of 1 - h: a row that alone decides a weight tells nothing of others

Fold = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@dataclass(eq=False)
class RidgeRegressor(Regressor):
    """Least squares with a penalty on the weights (Hoerl & Kennard 1970): f(x) = W x + b.

    (X'X + penalty N I) W = X'Y, with columns and values less their means, by Cholesky's factor of
    D x D. penalty: None tries PENALTIES and takes the one of least squared error of each row left
    out, (y_i - f(x_i)) / (1 - h_i) with h_i = x_i A^-1 x_i + 1 / N (Allen 1974, PRESS); of rows
    that belong together, with all of a fold left out.

    Learned: coef_ [T, D], intercept_ [T], penalty_, and path_, a list of (penalty, mean squared
    error), empty where a penalty was given.
    """

    penalty: float | None = None

    settings: ClassVar = {"penalty": Either(Choice((None,)), POSITIVE)}
    axes: ClassVar = {"coef_": "float64 T D", "intercept_": "float64 T"}

    def fit(self, X: Any, y: Any, sample_weight: Any = None, groups: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, values y [N] or [N, T], and their weights.

        groups: [N] whole numbers; rows of one are left out together. Raises UserError as
        Regressor.fit, check_weights and check_groups, and where the columns depend on each other
        and no penalty tried is large enough.
        """
        return self._learn(X, y, sample_weight, groups=groups)

    def _fit(
        self,
        x: np.ndarray,
        values: np.ndarray,
        weights: np.ndarray | None,
        groups: np.ndarray | None = None,
    ) -> None:
        shares = np.ones(len(x)) if weights is None else weights
        N, root = shares.sum(), np.sqrt(shares)[:, None]
        middle, mean = np.average(x, 0, shares), np.average(values, 0, shares)
        rows, targets = (x - middle) * root, (values - mean) * root
        D = x.shape[1]
        square = gemm(rows, rows, np.empty((D, D)), transpose=(True, False))
        right = gemm(rows, targets, np.empty((D, len(mean))), transpose=(True, False))
        self.path_: list[tuple[float, float]] = []
        folds = []
        if self.penalty is None and groups is not None:
            folds = _folds(np.hstack([rows, root]), targets, groups)
        found: dict[float, np.ndarray] = {}
        failed: UserError | None = None
        for penalty in PENALTIES if self.penalty is None else (self.penalty,):
            matrix = square.copy()
            matrix.flat[:: D + 1] += penalty * N
            try:
                lower = factor(matrix)
                if folds:
                    self.path_.append((penalty, _missed(folds, matrix, right, N)))
            except SingularError as error:
                failed = error
                continue
            found[penalty] = solve(lower, right)
            if self.penalty is None and groups is None:
                leverage = np.square(solve_lower(lower, rows.T)).sum(0) + shares / N
                left = targets - gemm(rows, found[penalty], np.empty_like(targets))
                left /= np.maximum(1 - leverage, TINY)[:, None]
                self.path_.append((penalty, float(np.square(left).mean())))
        if failed is not None and not found:
            raise failed
        best = next(iter(found))
        if self.path_:
            best, _ = min(self.path_, key=lambda entry: entry[1])
        self.penalty_ = best
        self.coef_ = np.ascontiguousarray(found[best].T)
        self.intercept_ = mean - gemm(middle[None], found[best], np.empty((1, len(mean))))[0]

    def _values(self, x: np.ndarray) -> np.ndarray:
        x, out = x.astype(np.float64), np.empty((len(x), len(self.coef_)))
        return gemm(x, self.coef_, out, transpose=(False, True), bias=self.intercept_)


def _folds(rows: np.ndarray, targets: np.ndarray, groups: np.ndarray) -> list[Fold]:
    """Return folds that part no group: rows [n, D + 1], the last column of the intercept, targets
    [n, T], and their products, which the sums without them lack."""
    fold = folds_inside(np.zeros(len(rows), np.int64), groups, FOLDS, np.random.default_rng(0))
    found = []
    for k in range(fold.max() + 1):
        x, y = (np.ascontiguousarray(part[fold == k]) for part in (rows, targets))
        D, T = x.shape[1], y.shape[1]
        square = gemm(x, x, np.empty((D, D)), transpose=(True, False))
        found.append((x, y, square, gemm(x, y, np.empty((D, T)), transpose=(True, False))))
    return found


def _missed(folds: list[Fold], matrix: np.ndarray, right: np.ndarray, count: float) -> float:
    """Return the mean squared error of rows whose fold was left out of matrix W = right, [D, D] and
    [D, T] of centred rows, which weigh `count` in all."""
    D, T = right.shape
    whole, product = np.zeros((D + 1, D + 1)), np.zeros((D + 1, T))
    whole[:D, :D], whole[D, D], product[:D] = matrix, count, right
    squares = []
    for x, y, square, own in folds:
        learned = solve(factor(whole - square), product - own)
        squares.append(np.square(y - gemm(x, learned, np.empty(y.shape))))
    return float(np.concatenate(squares).mean())
