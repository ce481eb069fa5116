"""Estimators that answer by a weighted sum of kernels with the training samples."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.classic.base import Classifier, Estimator
from rosenblatt.classic.inputs import KERNEL_SETTINGS, check_learned, check_square
from rosenblatt.features.gram import Gaussian, Kernel, Linear, Polynomial, spread
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import check_value

BLOCK = 1024  # rows that are predicted at a time


@dataclass(eq=False)
class KernelExpansion(Estimator):
    """What all of them share: the kernel by name, the Gram matrix, and f(x) = sum_s a_s k(x, x_s).

    kernel: "gaussian", "polynomial", "linear", "precomputed" or an object of features.gram. gamma:
    of the first two, None for 1 / (D variance). degree: of the polynomial. With "precomputed", X is
    the Gram matrix: [N, N] to learn, [M, N] to predict.

    Learned: kernel_, support_ [S], the rows that count, support_vectors_ [S, D], these themselves
    (None with "precomputed"), dual_coef_ [K, S] and intercept_ [K] (all float32).
    """

    kernel: str | Kernel = "gaussian"
    gamma: float | None = None
    degree: int = 3

    settings: ClassVar = KERNEL_SETTINGS
    axes: ClassVar = {
        "dual_coef_": "float32 K S",
        "intercept_": "float32 K",
        "support_": "int64 S",
        "support_vectors_": "float32 S D",
    }

    def _sums(self, x: np.ndarray, bias: np.ndarray | None) -> np.ndarray:
        """Return the sums of each row of dual_coef_, [M, K] float32, for rows that were checked.

        bias: added to them, [K] float32.
        """
        scores = np.empty((len(x), len(self.dual_coef_)), np.float32)
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            gemm(
                self._gram(x[rows]), self.dual_coef_, scores[rows],
                transpose=(False, True), bias=bias,
            )  # fmt: skip
        return scores

    def _checked(self, x: np.ndarray) -> np.ndarray:
        return check_square(x) if self.kernel == "precomputed" else check_vectors(x)

    def _training_gram(self, x: np.ndarray) -> np.ndarray:
        """Set kernel_, None where x is the Gram matrix, and return that of x, [N, N] float32."""
        self._choose_kernel(x)
        return x if self.kernel_ is None else self.kernel_(x)

    def _choose_kernel(self, x: np.ndarray) -> None:
        self.kernel_: Kernel | None = None
        if self.kernel != "precomputed":
            self.kernel_ = choose_kernel(self.kernel, self.gamma, self.degree, x)

    def _keep_support(self, x: np.ndarray, dual: np.ndarray, intercept: np.ndarray | None) -> None:
        """Keep the samples that have a share in any class: dual [K, N]; where none has, the first.

        Raises UserError where a number is not finite.
        """
        check_learned(dual)
        support = np.flatnonzero(dual.any(0)) if dual.any() else np.arange(1)
        self._keep_rows(x, support, dual[:, support], intercept)

    def _keep_rows(
        self,
        x: np.ndarray,
        support: np.ndarray,
        dual: np.ndarray,
        intercept: np.ndarray | None = None,
    ) -> None:
        """Keep the samples `support` [S], and dual [K, S]."""
        self.support_, self.dual_coef_ = support, np.ascontiguousarray(dual, np.float32)
        self.intercept_ = np.zeros(len(dual), np.float32) if intercept is None else intercept
        self.support_vectors_ = None if self.kernel_ is None else x[support]

    def _gram(self, x: np.ndarray) -> np.ndarray:
        """Return the kernel of rows x [M, D] with the support, [M, S] float32."""
        if self.kernel_ is None:
            return np.ascontiguousarray(x[:, self.support_])
        return self.kernel_(x, self.support_vectors_)


@dataclass(eq=False)
class DualClassifier(KernelExpansion, Classifier):
    """A classifier by such sums, one a class, or one for two classes."""

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [M, K] (float32) of X [M, D], [M] for two classes.

        Raises UserError before fit, for other columns, or as check_vectors.
        """
        scores = self._sums(self._asked(X), self.intercept_)
        return scores if scores.shape[1] > 1 else scores[:, 0]


def choose_kernel(kernel: str | Kernel, gamma: float | None, degree: int, x: np.ndarray) -> Kernel:
    """Return a kernel by its name; an object is returned as it is.

    gamma None is 1 / (D variance of x). Raises UserError where the name is not known.
    """
    if not isinstance(kernel, str):
        return kernel
    if kernel == "linear":
        return Linear()
    width = 1 / spread(x) if gamma is None else gamma
    if kernel == "polynomial":
        return Polynomial(degree, width)
    check_value("kernel", kernel, KERNEL_SETTINGS["kernel"])
    return Gaussian(width)
