"""Kernels k(x, y) = <phi(x), phi(y)> of vectors, and their Gram matrices, without any BLAS.

A kernel is a small frozen object; `kernel(x, y)` returns the Gram matrix [N, M] of x [N, D] and
y [M, D], float32, and `kernel(x)` that of x with itself, symmetric to the bit, at half the cost.
Kernels add and multiply: `0.7 * Gaussian(0.1) + 0.3 * Linear()` is a kernel.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.sums import add_rows, sum_of_squares, total
from rosenblatt.kernels.similarity import gram as passes
from rosenblatt.ranges import FROM_ZERO, POSITIVE, Kind, Whole, check_settings

BLOCK = 256  # rows at a time: the block of a symmetric matrix that stays in the caches
OPERATIONS = 1 << 33  # in one go, about 0.1 s: between two, Ctrl-C is answered


class Kernel(Kept, ABC):
    """What every kernel machine asks of a kernel; x is [N, D], or N strings for string kernels."""

    @abstractmethod
    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        """Return the Gram matrix [N, M] (float32) of x and y, or [N, N] of x with itself."""

    @abstractmethod
    def diagonal(self, x: Any) -> np.ndarray:
        """Return k(x, x) of each row, [N] float32."""

    def __add__(self, other: "Kernel") -> "Kernel":
        return Sum(self, other)

    def __mul__(self, other: "Kernel") -> "Kernel":
        return Product(self, other)

    def __rmul__(self, factor: float) -> "Kernel":
        return Scaled(factor, self)


KERNEL = Kind(Kernel, "a kernel of features.gram")


@dataclass(frozen=True)
class Linear(Kernel):
    """k(x, y) = x y."""

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        return assemble(x, y, lambda rows, columns, block, first: products(rows, columns, block))

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return square_norms(x)


@dataclass(frozen=True)
class Polynomial(Kernel):
    """k(x, y) = (gamma x y + constant)^degree. Raises UserError as check_settings."""

    degree: int = 3
    gamma: float = 1.0
    constant: float = 1.0

    settings: ClassVar = {"degree": Whole(1, 64), "gamma": POSITIVE, "constant": FROM_ZERO}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        def fill(rows: np.ndarray, columns: np.ndarray, block: np.ndarray, first: int) -> None:
            products(rows, columns, block)
            self._finish(block)

        return finite(self, assemble(x, y, fill))

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        result = square_norms(x)
        self._finish(result[None])
        return finite(self, result)

    def _finish(self, block: np.ndarray) -> None:
        passes.polynomial(block, np.float32(self.gamma), np.float32(self.constant), self.degree)


@dataclass(frozen=True)
class Gaussian(Kernel):
    """k(x, y) = exp(-gamma |x - y|^2), to about 1e-6 wherever the rows lie.

    Both sides are moved so that the mean of y, the rows that a machine learned from, is the origin:
    products about a far one would have no digits left for the distances. Where they cancel even so,
    as between near rows far from the mean, the differences themselves are squared.
    Raises UserError where gamma is not above 0, or not a float32.
    """

    gamma: float = 1.0

    settings: ClassVar = {"gamma": POSITIVE}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        gamma = np.float32(self.gamma)
        x, others = check_both(x, y)
        origin = column_means(others)
        near_x = x - origin
        near_others = near_x if y is None else others - origin
        norms = square_norms(near_x)
        other_norms = norms if y is None else square_norms(near_others)

        def fill(rows: np.ndarray, columns: np.ndarray, block: np.ndarray, first: int) -> None:
            products(rows, columns, block)
            own = slice(first, first + len(rows))
            passes.gaussian(block, x[own], others, norms[own], other_norms[: len(columns)], gamma)

        result = assemble(near_x, None if y is None else near_others, fill)
        if y is None:
            np.fill_diagonal(result, 1)
        return result

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return np.ones(len(x), np.float32)


@dataclass(frozen=True)
class ArcCosine(Kernel):
    """The kernel of one infinitely wide layer of units max(0, w x)^order (Cho & Saul 2009, eq. 3).

    Order 0 is of steps, 1 of rectifiers, 2 of squared ones. Raises UserError for other orders.
    """

    order: int = 1

    settings: ClassVar = {"order": Whole(0, 2)}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        norms = square_norms(x, np.float64)
        others = norms if y is None else square_norms(y, np.float64)

        def fill(rows: np.ndarray, columns: np.ndarray, block: np.ndarray, first: int) -> None:
            products(rows, columns, block)
            own = norms[first : first + len(rows)]
            passes.arc_cosine(block, rows, columns, own, others[: len(columns)], self.order)

        return finite(self, assemble(x, y, fill))

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        norms = square_norms(x)
        if self.order == 2:
            return product(self, norms, 3 * norms)
        return norms if self.order == 1 else np.ones_like(norms)


@dataclass(frozen=True)
class Sum(Kernel):
    """k(x, y) = first(x, y) + second(x, y)."""

    first: Kernel
    second: Kernel

    settings: ClassVar = {"first": KERNEL, "second": KERNEL}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        return self.first(x, y) + self.second(x, y)

    def diagonal(self, x: Any) -> np.ndarray:
        return self.first.diagonal(x) + self.second.diagonal(x)


@dataclass(frozen=True)
class Product(Kernel):
    """k(x, y) = first(x, y) second(x, y)."""

    first: Kernel
    second: Kernel

    settings: ClassVar = {"first": KERNEL, "second": KERNEL}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        return product(self, self.first(x, y), self.second(x, y))

    def diagonal(self, x: Any) -> np.ndarray:
        return product(self, self.first.diagonal(x), self.second.diagonal(x))


@dataclass(frozen=True)
class Scaled(Kernel):
    """k(x, y) = factor kernel(x, y). Raises UserError where factor < 0."""

    factor: float
    kernel: Kernel

    settings: ClassVar = {"factor": FROM_ZERO, "kernel": KERNEL}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        return product(self, np.float32(self.factor), self.kernel(x, y))

    def diagonal(self, x: Any) -> np.ndarray:
        return product(self, np.float32(self.factor), self.kernel.diagonal(x))


@dataclass(frozen=True)
class Normalised(Kernel):
    """k(x, y) = kernel(x, y) / sqrt(kernel(x, x) kernel(y, y)), the cosine in the feature space.

    What has no length is at a right angle to everything.
    """

    kernel: Kernel

    settings: ClassVar = {"kernel": KERNEL}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: Any, y: Any = None) -> np.ndarray:
        gram = self.kernel(x, y)
        rows = self._factors(x)
        columns = rows if y is None else self._factors(y)
        for n in range(len(gram)):
            gram[n] *= rows[n] * columns  # the factors first: symmetric to the bit
        return gram

    def diagonal(self, x: Any) -> np.ndarray:
        return (self.kernel.diagonal(x) > 0).astype(np.float32)

    def _factors(self, x: Any) -> np.ndarray:
        square = self.kernel.diagonal(x)
        return np.where(square > 0, 1 / np.sqrt(np.where(square > 0, square, 1)), 0)


def finite(kernel: Kernel, gram: np.ndarray) -> np.ndarray:
    """Return a Gram matrix. Raises UserError where its numbers are beyond float32."""
    if not np.isfinite(gram).all():
        raise UserError(
            f"{kernel} of these samples is beyond float32; bring the columns to numbers of order "
            "one, or lower its degree."
        )
    return gram


def product(kernel: Kernel, first: Any, second: Any) -> np.ndarray:
    """Return a product of numbers of a Gram matrix. Raises as finite."""
    with np.errstate(over="ignore"):
        return finite(kernel, first * second)


def spread(x: np.ndarray) -> float:
    """Return D times the variance of all numbers in x [N, D]: 1 / spread is a usual gamma.

    Summed in a fixed order. Returns 1 where all numbers are the same. Raises as check_vectors,
    or where they are too near each other.
    """
    x = check_vectors(x)
    flat = np.ascontiguousarray(x, np.float32).reshape(-1)
    gaps = flat - total(flat) / flat.size
    variance = sum_of_squares(gaps) / flat.size
    if 0 < variance < 1 / POSITIVE.high:
        raise UserError(
            f"the samples lie within {float(np.abs(gaps).max()):.2g} of their mean, so near that "
            "no gamma tells them apart; bring the columns to numbers of order one."
        )
    return x.shape[1] * variance if variance > 0 else 1.0


def column_means(x: np.ndarray) -> np.ndarray:
    """Return the mean of each column of x [N, D], [D] float32, summed row by row in float64."""
    sums = np.zeros(x.shape[1])
    add_rows(x, sums)
    return (sums / max(1, len(x))).astype(np.float32)


def square_norms(x: np.ndarray, dtype: type = np.float32) -> np.ndarray:
    """Return the squared length of each row of x [N, D], summed in float64, [N] of dtype.

    Raises UserError as check_vectors.
    """
    x = check_vectors(x)
    out: np.ndarray = np.empty(len(x), dtype)
    passes.square_norms(x, out)
    return out


def check_both(x: Any, y: Any) -> tuple[np.ndarray, np.ndarray]:
    """Return rows to compare, the second those of the first where y is None.

    Raises UserError as check_vectors, or where they have not as many columns.
    """
    x = check_vectors(x)
    others = x if y is None else check_vectors(y, "samples to compare with")
    if x.shape[1] != others.shape[1]:
        raise UserError(
            f"samples of {x.shape[1]} columns to compare with those of {others.shape[1]}; "
            "give both the same."
        )
    return x, others


def products(rows: np.ndarray, columns: np.ndarray, block: np.ndarray) -> None:
    """Write the dot products of all pairs of rows of two matrices."""
    gemm(rows, columns, block, transpose=(False, True))


def assemble(
    x: np.ndarray,
    y: np.ndarray | None,
    fill: Callable[[np.ndarray, np.ndarray, np.ndarray, int], None],
) -> np.ndarray:
    """Return a Gram matrix of which fill(rows of x, rows of y, block, first) writes one block.

    first: the place in x of the block's rows; those of y are its first ones. Raises UserError as
    check_vectors.
    """
    x, others = check_both(x, y)
    if y is not None:
        out = np.empty((len(x), len(others)), np.float32)
        rows = max(BLOCK, OPERATIONS // others.size)
        for first in range(0, len(x), rows):
            fill(x[first : first + rows], others, out[first : first + rows], first)
        return out
    N = len(x)
    out = np.empty((N, N), np.float32)
    buffer = np.empty(BLOCK * N, np.float32)
    for first in range(0, N, BLOCK):
        last = min(N, first + BLOCK)
        block = buffer[: (last - first) * last].reshape(-1, last)
        fill(x[first:last], x[:last], block, first)
        passes.place_block(block, first, out)
    return out
