"""What machines with weights on the inputs share: f(x) = w x + b."""

import numpy as np

from rosenblatt.classic.inputs import check_rows, decide
from rosenblatt.kernels.gemm import gemm


class LinearMachine:
    """A subclass sets classes_ [K], coef_ [K, D] and intercept_ [K], float32; K = 1 for two."""

    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Return the scores [N, K] (float32), [N] for two classes. Raises as check_rows."""
        x = check_rows(x, self.coef_.shape[1])
        out = np.empty((len(x), len(self.coef_)), np.float32)
        gemm(x, self.coef_, out, transpose=(False, True), bias=self.intercept_)
        return out if out.shape[1] > 1 else out[:, 0]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the label of each row of x [N, D]."""
        return decide(self.decision_function(x), self.classes_)

    def _keep(self, weights: np.ndarray) -> None:
        """Keep weights [K, D + 1], of which the last column is the bias."""
        self.coef_ = np.ascontiguousarray(weights[:, :-1], np.float32)
        self.intercept_ = np.ascontiguousarray(weights[:, -1], np.float32)


def with_one(x: np.ndarray) -> np.ndarray:
    """Return x [N, D] with a column of ones, whose weight is the bias."""
    return np.column_stack([x, np.ones(len(x), x.dtype)])
