"""Ridge regression: values as a weighted sum of columns, with its leave-one-out for free."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.base import Regressor
from rosenblatt.classic.cholesky import SingularError, factor, solve, solve_lower
from rosenblatt.classic.kernel_ridge import PENALTIES
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import POSITIVE, Choice, Either

TINY = 1e-9  # of 1 - h: a row that alone decides a weight tells nothing of others


@dataclass(eq=False)
class RidgeRegressor(Regressor):
    """Least squares with a penalty on the weights (Hoerl & Kennard 1970): f(x) = W x + b.

    (X'X + penalty N I) W = X'Y, with columns and values less their means, by Cholesky's factor of
    D x D. penalty: None tries PENALTIES and takes the one of least squared error of each row left
    out, (y_i - f(x_i)) / (1 - h_i) with h_i = x_i A^-1 x_i + 1 / N (Allen 1974, PRESS).

    Learned: coef_ [T, D], intercept_ [T], penalty_, and path_, a list of (penalty, mean squared
    error), empty where a penalty was given.
    """

    penalty: float | None = None

    settings: ClassVar = {"penalty": Either(Choice((None,)), POSITIVE)}
    axes: ClassVar = {"coef_": "float64 T D", "intercept_": "float64 T"}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, values y [N] or [N, T], and their weights.

        Raises UserError as Regressor.fit and check_weights, and where the columns depend on each
        other and no penalty tried is large enough.
        """
        return self._learn(X, y, sample_weight)

    def _fit(self, x: np.ndarray, values: np.ndarray, weights: np.ndarray | None) -> None:
        shares = np.ones(len(x)) if weights is None else weights
        N, root = shares.sum(), np.sqrt(shares)[:, None]
        middle, mean = np.average(x, 0, shares), np.average(values, 0, shares)
        rows, targets = (x - middle) * root, (values - mean) * root
        D = x.shape[1]
        square = gemm(rows, rows, np.empty((D, D)), transpose=(True, False))
        right = gemm(rows, targets, np.empty((D, len(mean))), transpose=(True, False))
        self.path_: list[tuple[float, float]] = []
        found: dict[float, np.ndarray] = {}
        failed: UserError | None = None
        for penalty in PENALTIES if self.penalty is None else (self.penalty,):
            matrix = square.copy()
            matrix.flat[:: D + 1] += penalty * N
            try:
                lower = factor(matrix)
            except SingularError as error:
                failed = error
                continue
            found[penalty] = solve(lower, right)
            if self.penalty is None:
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
