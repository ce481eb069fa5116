"""Kernels k(x, y) = <phi(x), phi(y)> of vectors, and their Gram matrices, without any BLAS.

A kernel is a small frozen object; `kernel(x, y)` returns the Gram matrix [N, M] of x [N, D] and
y [M, D], float32, and `kernel(x)` that of x with itself, symmetric to the bit, at half the cost.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from rosenblatt.kernels import gram as passes
from rosenblatt.kernels.gemm import gemm
from rosenblatt.kernels.sums import sum_of_squares, total

BLOCK = 256  # rows at a time: the block of a symmetric matrix that stays in the caches


class Kernel(Protocol):
    """What every kernel machine asks of a kernel."""

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        """Return the Gram matrix [N, M] (float32) of x [N, D] and y [M, D], or of x with itself."""
        ...


@dataclass(frozen=True)
class Linear:
    """k(x, y) = x y."""

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        return _gram(x, y, lambda block, rows: None)


@dataclass(frozen=True)
class Polynomial:
    """k(x, y) = (gamma x y + constant)^degree. Raises ValueError where degree < 1."""

    degree: int = 3
    gamma: float = 1.0
    constant: float = 1.0

    def __post_init__(self) -> None:
        if self.degree < 1 or self.gamma <= 0 or self.constant < 0:
            raise ValueError(f"{self} is no kernel: degree >= 1, gamma > 0, constant >= 0")

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        gamma, constant = np.float32(self.gamma), np.float32(self.constant)

        def finish(block: np.ndarray, rows: slice) -> None:
            passes.polynomial(block, gamma, constant, self.degree)

        return _gram(x, y, finish)


@dataclass(frozen=True)
class Gaussian:
    """k(x, y) = exp(-gamma |x - y|^2), from |x|^2 + |y|^2 - 2 x y.

    The rounding of the norms in float32 makes a relative error of about 1e-7 gamma |x|^2.
    Raises ValueError where gamma <= 0.
    """

    gamma: float = 1.0

    def __post_init__(self) -> None:
        if not self.gamma > 0:
            raise ValueError(f"{self} is no kernel: gamma > 0")

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        gamma, norms_x = np.float32(self.gamma), _square_norms(x)
        norms_y = norms_x if y is None else _square_norms(y)

        def finish(block: np.ndarray, rows: slice) -> None:
            passes.gaussian(block, norms_x[rows], norms_y, gamma)

        result = _gram(x, y, finish)
        if y is None:
            np.fill_diagonal(result, 1)
        return result


def spread(x: np.ndarray) -> float:
    """Return D times the variance of all numbers in x [N, D]: 1 / spread is a usual gamma.

    Summed in a fixed order. Returns 1 where all numbers are the same.
    """
    flat = np.ascontiguousarray(x, np.float32).reshape(-1)
    mean = total(flat) / flat.size
    variance = sum_of_squares(flat) / flat.size - mean * mean
    return x.shape[1] * variance if variance > 0 else 1.0


def _square_norms(x: np.ndarray) -> np.ndarray:
    out = np.empty(len(x), np.float32)
    passes.square_norms(np.ascontiguousarray(x, np.float32), out)
    return out


def _gram(
    x: np.ndarray, y: np.ndarray | None, finish: Callable[[np.ndarray, slice], None]
) -> np.ndarray:
    """Return the products of all rows, each block passed through finish(block, its rows of x)."""
    x = np.ascontiguousarray(x, np.float32)
    if y is not None:
        y = np.ascontiguousarray(y, np.float32)
        out = gemm(x, y, np.empty((len(x), len(y)), np.float32), transpose=(False, True))
        finish(out, slice(None))
        return out
    N = len(x)
    out = np.empty((N, N), np.float32)
    buffer = np.empty(BLOCK * N, np.float32)
    for first in range(0, N, BLOCK):
        rows = slice(first, min(N, first + BLOCK))
        block = buffer[: (rows.stop - first) * rows.stop].reshape(-1, rows.stop)
        gemm(x[rows], x[: rows.stop], block, transpose=(False, True))
        finish(block, rows)
        passes.place_block(block, first, out)
    return out
