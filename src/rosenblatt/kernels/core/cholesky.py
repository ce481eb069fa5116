"""Cholesky's factor A = L L' of a positive definite matrix, and solving with it, without LAPACK.

By blocks of columns, left-looking (Golub & Van Loan 2013, section 4.2.6): most of the work is
products of matrices. float64, or float32 where the matrix is.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import add_scaled, dot
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

BLOCK = 128  # columns of L
COLUMNS = 64  # right-hand sides that a task solves for


@kernel
def _factor_square(a):
    """Turn a [n, n] into L, from its lower half; return False where it is not positive definite."""
    for i in range(a.shape[0]):
        row = a[i]
        for j in range(i):
            row[j] = (row[j] - dot(row[:j], a[j, :j])) / a[j, j]
        pivot = row[i] - dot(row[:i], row[:i])
        if not pivot > 0.0:
            return False
        row[i] = np.sqrt(pivot)
        row[i + 1 :] = 0.0
    return True


@parallel_kernel
def _factor_below(square, rows):
    """Turn rows [m, n] of A into those of L: x L'^-1 for each row x."""
    for i in prange(rows.shape[0]):
        row = rows[i]
        for j in range(row.size):
            row[j] = (row[j] - dot(row[:j], square[j, :j])) / square[j, j]


@kernel
def _solve_square(lower, transposed, x):
    """Turn x [n, K] into L^-1 x, or L'^-1 x."""
    n = x.shape[0]
    for step in range(n):
        i = n - 1 - step if transposed else step
        for k in range(step):
            j = n - 1 - k if transposed else k
            add_scaled(x[j], -(lower[j, i] if transposed else lower[i, j]), x[i])
        for k in range(x.shape[1]):
            x[i, k] /= lower[i, i]


@parallel_kernel
def _solve_block(lower, transposed, x):
    for task in prange((x.shape[1] + COLUMNS - 1) // COLUMNS):
        columns = slice(task * COLUMNS, min(x.shape[1], (task + 1) * COLUMNS))
        part = x[:, columns].copy()
        _solve_square(lower, transposed, part)
        x[:, columns] = part


def factor(matrix: np.ndarray, out: np.ndarray | None = None) -> np.ndarray | None:
    """Return the lower L [N, N] of a symmetric matrix, or None where it is not positive definite.

    Only the lower half is read. out may be the matrix itself, to spare memory.
    """
    N = len(matrix)
    lower, blocks = np.empty_like(matrix) if out is None else out, list[np.ndarray]()
    for first in range(0, N, BLOCK):
        count = min(BLOCK, N - first)
        block = np.negative(matrix[first:, first : first + count], order="C")
        for number, before in enumerate(blocks):
            rows = before[first - number * BLOCK :]
            gemm(rows, rows[:count], block, transpose=(False, True), accumulate=True)
        np.negative(block, out=block)
        if not _factor_square(block[:count]):
            return None
        _factor_below(block[:count], block[count:])
        blocks.append(block)
        lower[:first, first : first + count] = 0
        lower[first:, first : first + count] = block
    return lower


def solve_lower(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return L^-1 right [N, K]."""
    out = np.array(right, lower.dtype, order="C")
    for first in range(0, len(lower), BLOCK):
        rows, below = slice(first, first + BLOCK), slice(first + BLOCK, None)
        _solve_block(lower[rows, rows], False, out[rows])
        gemm(-lower[below, rows], out[rows], out[below], accumulate=True)
    return out


def solve_upper(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return L'^-1 right [N, K]."""
    out = np.array(right, lower.dtype, order="C")
    for first in reversed(range(0, len(lower), BLOCK)):
        rows = slice(first, first + BLOCK)
        _solve_block(lower[rows, rows], True, out[rows])
        gemm(-lower[rows, :first], out[rows], out[:first], transpose=(True, False), accumulate=True)
    return out
