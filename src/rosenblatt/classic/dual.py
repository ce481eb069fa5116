"""Machines that answer by a weighted sum of kernels with the training samples."""

import numpy as np

from rosenblatt.classic.inputs import check_rows, check_square, decide
from rosenblatt.features.gram import Gaussian, Kernel, Linear, Polynomial, spread
from rosenblatt.kernels.gemm import gemm

BLOCK = 1024  # rows that are predicted at a time
KERNELS = "gaussian", "polynomial", "linear", "precomputed"


class DualMachine:
    """What all of them share: the kernel by name, the Gram matrix, and f(x) = sum_s a_s k(x, x_s).

    A subclass has the parameters `kernel` (one of KERNELS or an object of features.gram), `gamma`
    (None for 1 / (D variance)) and `degree`, calls `_train_gram`, then `_keep_support`. With
    "precomputed" it is given Gram matrices: [N, N] to learn, [M, N] to predict.

    Learned: classes_ [K], kernel_, support_ [S], the rows that count, dual_coef_ [K, S] and
    intercept_ [K] (both float32, K = 1 for two classes).
    """

    kernel: str | Kernel
    gamma: float | None = None
    degree: int = 3
    classes_: np.ndarray
    kernel_: Kernel | None
    support_: np.ndarray
    dual_coef_: np.ndarray
    intercept_: np.ndarray
    _support_rows: np.ndarray | None
    _columns: int

    def decision_function(self, x: np.ndarray) -> np.ndarray:
        """Return the scores [M, K] (float32), [M] for two classes. Raises as check_rows."""
        scores = self._sums(x)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def predict(self, x: np.ndarray) -> np.ndarray:
        """Return the label of each row of x [M, D]."""
        return decide(self.decision_function(x), self.classes_)

    def _sums(self, x: np.ndarray) -> np.ndarray:
        """Return f(x) of each row of dual_coef_, [M, K] float32."""
        x = check_rows(x, self._columns)
        scores = np.empty((len(x), len(self.dual_coef_)), np.float32)
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            gemm(
                self._gram(x[rows]), self.dual_coef_, scores[rows],
                transpose=(False, True), bias=self.intercept_,
            )  # fmt: skip
        return scores

    def _choose_kernel(self, x: np.ndarray) -> np.ndarray:
        """Set kernel_ and return the training samples, checked."""
        if self.kernel == "precomputed":
            x = check_square(x)
            self.kernel_ = None
        else:
            x = check_rows(x)
            self.kernel_ = choose_kernel(self.kernel, self.gamma, self.degree, x)
        self._columns = x.shape[1]
        return x

    def _keep_support(self, x: np.ndarray, dual: np.ndarray, intercept: np.ndarray | None) -> None:
        """Keep the samples that have a share in any class: dual [K, N]."""
        self.support_ = np.flatnonzero(dual.any(0))
        self.dual_coef_ = np.ascontiguousarray(dual[:, self.support_], np.float32)
        self.intercept_ = np.zeros(len(dual), np.float32) if intercept is None else intercept
        self._support_rows = None if self.kernel_ is None else x[self.support_]

    def _gram(self, x: np.ndarray) -> np.ndarray:
        """Return the kernel of rows x [M, D] with the support, [M, S] float32."""
        if self.kernel_ is None:
            return np.ascontiguousarray(x[:, self.support_])
        return self.kernel_(x, self._support_rows)


def choose_kernel(kernel: str | Kernel, gamma: float | None, degree: int, x: np.ndarray) -> Kernel:
    """Return a kernel by its name; an object is returned as it is.

    gamma None is 1 / (D variance of x). Raises ValueError where the name is not known.
    """
    if not isinstance(kernel, str):
        return kernel
    if kernel == "linear":
        return Linear()
    width = 1 / spread(x) if gamma is None else gamma
    if kernel == "gaussian":
        return Gaussian(width)
    if kernel == "polynomial":
        return Polynomial(degree, width)
    raise ValueError(
        f"kernel = {kernel!r}; it must be one of {KERNELS} or an object of features.gram"
    )
