"""Rows and whole clouds of numbers brought to a common scale.

What learns (`Centred`, `ZCA`) is fitted on training rows alone, then applied to any.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.arrays import check_numbers, check_vectors
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.symmetric import eigenvectors
from rosenblatt.ranges import FROM_ZERO, POSITIVE, check_value


@dataclass(frozen=True)
class Centred(Kept):
    """Rows less their mean, scaled so that their squared lengths are 1 in the mean.

    A Gaussian kernel of gamma about 1 then suits whatever the rows describe.
    """

    mean: np.ndarray
    factor: np.float32

    axes: ClassVar = {"mean": "float32 D"}

    @classmethod
    def fit(cls, x: np.ndarray) -> Self:
        """Learn the mean [D] and the factor of x [N, D]; equal rows have the factor 1.

        Raises UserError as check_numbers.
        """
        x = check_numbers(x, "N D")
        mean = x.mean(0, dtype=np.float64).astype(np.float32)
        square = float(np.square(x - mean, dtype=np.float64).sum(1).mean())
        return cls(mean, np.float32(1 / np.sqrt(square)) if square > 0 else np.float32(1))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return x [N, D] on the scale of the training rows, float32. Raises as `fit`."""
        return (_same_columns(x, len(self.mean)) - self.mean) * self.factor


@dataclass(frozen=True)
class MeanSum(Kept):
    """Rows scaled so that the sums of their absolute values are 1 in the mean."""

    columns: int
    factor: np.float32

    @classmethod
    def fit(cls, x: np.ndarray) -> Self:
        """Learn the factor of x [N, D], 1 where all are 0. Raises UserError as check_numbers."""
        x = check_numbers(x, "N D")
        mean = float(np.abs(x).sum(1, dtype=np.float64).mean())
        return cls(x.shape[1], np.float32(1 / mean) if mean > 0 else np.float32(1))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return x [N, D] on the scale of the training rows, float32. Raises as `fit`."""
        return _same_columns(x, self.columns) * self.factor


def normalise_contrast(x: np.ndarray, offset: float) -> np.ndarray:
    """Return each row of x [N, D] less its mean, by sqrt(variance + offset), float32.

    The offset keeps flat rows from being blown up; 10 suits pixels from 0 to 255 (Coates & Ng
    2011, section 3.1). Raises UserError as check_vectors, for an offset below 0, or for a flat row
    without one.
    """
    check_value("offset", offset, FROM_ZERO)
    x = check_vectors(x)
    if offset == 0 and (flat := x.max(1) == x.min(1)).any():
        raise UserError(f"row {int(flat.argmax()) + 1} is flat; give an offset above 0.")
    centred = (x - x.mean(1, np.float64, keepdims=True)).astype(np.float32)
    return centred / np.sqrt(np.square(centred).mean(1, keepdims=True) + np.float32(offset))


@dataclass(frozen=True)
class ZCA(Kept):
    """Whitening that stays as near as it can to the original (Bell & Sejnowski 1997, equation 9).

    W = U (S + epsilon)^(-1/2) U' with U S U' the covariance: after it, no two columns are
    correlated, and directions of variance far below epsilon stay faint.
    """

    mean: np.ndarray
    matrix: np.ndarray

    axes: ClassVar = {"mean": "float32 D", "matrix": "float32 D D"}

    @classmethod
    def fit(cls, x: np.ndarray, epsilon: float) -> Self:
        """Learn the mean [D] and the matrix [D, D], float32, of x [N, D].

        Raises UserError as check_vectors, or for an epsilon that is not above 0.
        """
        check_value("epsilon", epsilon, POSITIVE)
        check_vectors(x)
        x = np.asarray(x, np.float64)
        mean = x.mean(0)
        covariance = np.empty((x.shape[1], x.shape[1]))
        centred = np.ascontiguousarray(x - mean)
        gemm(centred, centred, covariance, transpose=(True, False))
        variances, directions = eigenvectors(covariance / len(x))
        scale = 1 / np.sqrt(np.maximum(variances, 0) + epsilon)
        matrix = np.empty_like(covariance)
        gemm(directions * scale, directions, matrix, transpose=(False, True))
        return cls(mean.astype(np.float32), matrix.astype(np.float32))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return x [N, D] whitened, float32. Raises as `fit`."""
        centred = np.ascontiguousarray(_same_columns(x, len(self.mean)) - self.mean)
        return gemm(centred, self.matrix, np.empty(centred.shape, np.float32))


def _same_columns(x: Any, columns: int) -> np.ndarray:
    """Return rows x [N, D] as float32. Raises UserError where they have other columns."""
    x = check_numbers(x, "N D")
    if x.shape[1] != columns:
        raise UserError(
            f"samples of {x.shape[1]} columns, where those learned from had {columns}; "
            "give both the same."
        )
    return x
