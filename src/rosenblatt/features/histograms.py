"""Kernels made for histograms, from sums over bins rather than products."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Kernel, assemble
from rosenblatt.kernels.similarity.distances import ABSOLUTE, CHI_SQUARE, MINIMUM, sums
from rosenblatt.kernels.similarity.gram import exponential
from rosenblatt.ranges import POSITIVE, check_settings


@dataclass(frozen=True)
class _Exponential(Kernel):
    """k(x, y) = exp(-gamma d(x, y)). Raises UserError where gamma is not above 0."""

    gamma: float = 1.0

    settings: ClassVar = {"gamma": POSITIVE}

    def __post_init__(self) -> None:
        check_settings(self)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return np.ones(len(x), np.float32)

    def _gram(self, x: np.ndarray, y: np.ndarray | None, kind: int) -> np.ndarray:
        gamma = np.float32(self.gamma)

        def fill(rows: np.ndarray, columns: np.ndarray, block: np.ndarray, first: int) -> None:
            sums(rows, np.ascontiguousarray(columns.T), kind, block)
            exponential(block, gamma)

        return assemble(x, y, fill)


class Laplacian(_Exponential):
    """k(x, y) = exp(-gamma sum |x - y|)."""

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        return self._gram(x, y, ABSOLUTE)


class ChiSquare(_Exponential):
    """k(x, y) = exp(-gamma sum (x - y)^2 / (x + y)) of histograms (Zhang et al. 2007, section 3.3).

    Raises UserError where a number is negative.
    """

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        _check_histograms(x, y)
        return self._gram(x, y, CHI_SQUARE)


@dataclass(frozen=True)
class Intersection(Kernel):
    """k(x, y) = sum min(x, y) of histograms (Barla, Odone & Verri 2003).

    Raises UserError where a number is negative.
    """

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        _check_histograms(x, y)

        def fill(rows: np.ndarray, columns: np.ndarray, block: np.ndarray, first: int) -> None:
            sums(rows, np.ascontiguousarray(columns.T), MINIMUM, block)

        return assemble(x, y, fill)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return check_vectors(x).sum(1, dtype=np.float32)


def _check_histograms(*arrays: np.ndarray | None) -> None:
    for array in arrays:
        if array is not None and (array := check_vectors(array)).min() < 0:
            row, column = np.argwhere(array < 0)[0]
            raise UserError(
                f"row {row + 1}, column {column + 1} is {array[row, column]}; a histogram kernel "
                "wants numbers from 0 on."
            )
