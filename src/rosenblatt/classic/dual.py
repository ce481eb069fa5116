"""Machines that answer by a weighted sum of kernels with the training samples."""

from collections.abc import Mapping
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.classic.inputs import (
    KERNEL_SETTINGS,
    check_fitted,
    check_learned,
    check_square,
    decide,
    encode_labels,
)
from rosenblatt.features.gram import Gaussian, Kernel, Linear, Polynomial, spread
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import Range, check_settings, check_value

BLOCK = 1024  # rows that are predicted at a time


class KernelExpansion:
    """What all of them share: the kernel by name, the Gram matrix, and f(x) = sum_s a_s k(x, x_s).

    A subclass has the parameters `kernel` (one of KERNELS or an object of features.gram), `gamma`
    (None for 1 / (D variance)) and `degree`, and calls `_check`, `_choose_kernel` and
    `_keep_support`. With "precomputed" it is given Gram matrices: [N, N] to learn, [M, N] to
    predict. `settings` are the ranges of its parameters.

    Learned: kernel_, support_ [S], the rows that count, dual_coef_ [K, S] and intercept_ [K] (both
    float32).
    """

    settings: ClassVar[Mapping[str, Range]] = KERNEL_SETTINGS
    kernel: str | Kernel
    gamma: float | None = None
    degree: int = 3
    kernel_: Kernel | None
    support_: np.ndarray
    dual_coef_: np.ndarray
    intercept_: np.ndarray
    _support_rows: np.ndarray | None
    _columns: int

    def _sums(self, x: np.ndarray) -> np.ndarray:
        """Return f(x) of each row of dual_coef_, [M, K] float32."""
        check_fitted(self, "dual_coef_")
        x = check_vectors(x, columns=self._columns)
        scores = np.empty((len(x), len(self.dual_coef_)), np.float32)
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            gemm(
                self._gram(x[rows]), self.dual_coef_, scores[rows],
                transpose=(False, True), bias=self.intercept_,
            )  # fmt: skip
        return scores

    def _check(self, x: Any) -> np.ndarray:
        """Return the training samples. Raises UserError: as check_vectors and check_square, or
        where a setting lies outside of its range."""
        check_settings(self)
        return check_square(x) if self.kernel == "precomputed" else check_vectors(x)

    def _choose_kernel(self, x: np.ndarray) -> None:
        """Set kernel_ by training samples that were checked, and forget what was learned before."""
        precomputed = self.kernel == "precomputed"
        kernel = None if precomputed else choose_kernel(self.kernel, self.gamma, self.degree, x)
        vars(self).pop("dual_coef_", None)
        self.kernel_, self._columns = kernel, x.shape[1]

    def _keep_support(self, x: np.ndarray, dual: np.ndarray, intercept: np.ndarray | None) -> None:
        """Keep the samples that have a share in any class: dual [K, N].

        Raises UserError where a number is not finite.
        """
        check_learned(dual)
        self.support_ = np.flatnonzero(dual.any(0))
        self.dual_coef_ = np.ascontiguousarray(dual[:, self.support_], np.float32)
        self.intercept_ = np.zeros(len(dual), np.float32) if intercept is None else intercept
        self._support_rows = None if self.kernel_ is None else x[self.support_]

    def _gram(self, x: np.ndarray) -> np.ndarray:
        """Return the kernel of rows x [M, D] with the support, [M, S] float32."""
        if self.kernel_ is None:
            return np.ascontiguousarray(x[:, self.support_])
        return self.kernel_(x, self._support_rows)


class DualMachine(KernelExpansion):
    """A classifier by such sums, one a class, or one for two classes.

    Learned: as KernelExpansion, and classes_ [K].
    """

    classes_: np.ndarray

    def _begin(self, x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return the training samples and the class index of each, and set kernel_ and classes_.

        All is checked before anything is set. Raises UserError as `_check` and encode_labels.
        """
        x = self._check(x)
        classes, labels = encode_labels(y, len(x))
        self._choose_kernel(x)
        self.classes_ = classes
        return x, labels

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Return the scores [M, K] (float32), [M] for two classes. Raises as check_vectors."""
        scores = self._sums(x)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the label of each row of x [M, D]."""
        return decide(self.decision_function(x), self.classes_)


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
