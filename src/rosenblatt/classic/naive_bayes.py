"""Naive Bayes: classes by how often each column counts in them, as if columns knew nothing of each
other."""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic.linear import LinearClassifier
from rosenblatt.classic.logistic import probabilities
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import POSITIVE

TINY = 1e-300  # rows of a class whose weights are all zero: it is never the answer


@dataclass(eq=False)
class NaiveBayes(LinearClassifier):
    """Multinomial naive Bayes, of counts or weights from 0 on, such as those of words.

    log p(k | x) = log(N_k / N) + sum_d x_d log(t_kd / t_k) + constant, with t_kd the sum of column
    d over rows of class k plus `smoothing`, t_k the sum over columns (McCallum & Nigam 1998,
    equations 3 to 6). Of two classes the second's weights are kept, less the first's. A sample's
    weight is as so many rows, beside which `smoothing` counts.

    Learned: as LinearClassifier.
    """

    smoothing: float = 1.0

    counts = True
    settings: ClassVar = {"smoothing": POSITIVE}

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Learn from samples X [N, D], or a DataFrame, labels y [N] of any kind, and their weights.

        Raises UserError as Classifier.fit and check_weights, and for a number below 0.
        """
        return self._learn(X, y, sample_weight)

    def _rows(self, x: np.ndarray) -> np.ndarray:
        x = super()._rows(x)
        if x.min() < 0:
            raise UserError(
                f"Negative values in data: counts are from 0 on, and one is {x.min():.6g}; take "
                "other columns."
            )
        return x

    def _fit(self, x: np.ndarray, labels: np.ndarray, weights: np.ndarray | None) -> None:
        classes = len(self.classes_)
        shares = np.eye(classes)[labels] * (1 if weights is None else weights[:, None])
        sums = np.empty((classes, x.shape[1]))
        gemm(shares, x.astype(np.float64), sums, transpose=(True, False))
        sums += self.smoothing
        scores = log(sums) - log(sums.sum(1))[:, None]
        bias = log(np.maximum(shares.sum(0), TINY)) - log(shares.sum())
        found = np.column_stack([scores, bias])
        self._keep(found if classes > 2 else found[1:] - found[:1])

    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the probabilities of the classes, [M, K] float32. Raises as decision_function."""
        return probabilities(self.decision_function(X))
