"""What classifiers with weights on the inputs share: f(x) = w x + b."""

from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.base import Classifier
from rosenblatt.classic.inputs import check_learned
from rosenblatt.kernels.core.gemm import gemm


class LinearClassifier(Classifier):
    """Learned: coef_ [K, D] and intercept_ [K], float32; K = 1 for two classes."""

    axes: ClassVar = {"coef_": "float32 K D", "intercept_": "float32 K"}
    coef_: np.ndarray
    intercept_: np.ndarray

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [M, K] (float32) of X [M, D], [M] for two classes.

        Raises UserError before fit, for other columns, or as check_vectors.
        """
        x = self._asked(X)
        out = np.empty((len(x), len(self.coef_)), np.float32)
        gemm(x, self.coef_, out, transpose=(False, True), bias=self.intercept_)
        return out if out.shape[1] > 1 else out[:, 0]

    def _keep(self, weights: np.ndarray) -> None:
        """Keep weights [K, D + 1], of which the last column is the bias."""
        check_learned(weights)
        self.coef_ = np.ascontiguousarray(weights[:, :-1], np.float32)
        self.intercept_ = np.ascontiguousarray(weights[:, -1], np.float32)


def with_one(x: np.ndarray) -> np.ndarray:
    """Return x [N, D] with a column of ones, whose weight is the bias."""
    return np.column_stack([x, np.ones(len(x), x.dtype)])
