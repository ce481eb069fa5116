"""What machines with weights on the inputs share: f(x) = w x + b."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.classic.inputs import check_fitted, check_learned, decide, encode_labels
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import Range, check_settings


class LinearMachine:
    """A subclass sets classes_ [K], coef_ [K, D] and intercept_ [K], float32; K = 1 for two.

    `settings` are the ranges of its parameters.
    """

    settings: ClassVar[Mapping[str, Range]]
    classes_: np.ndarray
    coef_: np.ndarray
    intercept_: np.ndarray

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Return the scores [N, K] (float32), [N] for two classes. Raises as check_vectors."""
        x = self._checked(x)
        out = np.empty((len(x), len(self.coef_)), np.float32)
        gemm(x, self.coef_, out, transpose=(False, True), bias=self.intercept_)
        return out if out.shape[1] > 1 else out[:, 0]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the label of each row of x [N, D]."""
        return decide(self.decision_function(x), self.classes_)

    def _begin(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the training samples with a column of ones, and the class index of each.

        All is checked before anything that was learned earlier is forgotten; then classes_ is set.
        Raises UserError: a setting outside of its range, or as check_vectors and encode_labels.
        """
        check_settings(self)
        x = check_vectors(x)
        classes, labels = encode_labels(y, len(x))
        vars(self).pop("coef_", None)
        self.classes_ = classes
        return with_one(x), labels

    def _checked(self, x: Any) -> np.ndarray:
        """Return rows to predict [N, D]. Raises UserError as check_fitted and check_vectors."""
        check_fitted(self, "coef_")
        return check_vectors(x, columns=self.coef_.shape[1])

    def _keep(self, weights: np.ndarray) -> None:
        """Keep weights [K, D + 1], of which the last column is the bias."""
        check_learned(weights)
        self.coef_ = np.ascontiguousarray(weights[:, :-1], np.float32)
        self.intercept_ = np.ascontiguousarray(weights[:, -1], np.float32)


def with_one(x: np.ndarray) -> np.ndarray:
    """Return x [N, D] with a column of ones, whose weight is the bias."""
    return np.column_stack([x, np.ones(len(x), x.dtype)])
