"""Cholesky's factor, and solving with it block by block, which NumPy has not."""

import numpy as np

from rosenblatt.errors import UserError

BLOCK = 256


def factor(gram: np.ndarray) -> np.ndarray:
    """Return the lower L [N, N] of A = L L'. Raises UserError where A is not positive definite."""
    try:
        return np.linalg.cholesky(gram)
    except np.linalg.LinAlgError as error:
        raise UserError(
            "the Gram matrix with its penalty is not positive definite; raise the penalty, or "
            "check that the kernel is one."
        ) from error


def solve(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return A^-1 right [N, K] for A = L L' with lower = L [N, N]."""
    return solve_transposed(lower, _forward(lower, right))


def inverse_diagonal(lower: np.ndarray) -> np.ndarray:
    """Return the diagonal [N] of A^-1 for A = L L': the squared lengths of the columns of L^-1."""
    N = len(lower)
    result = np.empty(N)
    for first in range(0, N, BLOCK):
        last = min(N, first + BLOCK)
        unit = np.zeros((N - first, last - first))
        np.fill_diagonal(unit, 1)
        result[first:last] = np.square(_forward(lower[first:, first:], unit)).sum(0)
    return result


def _forward(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return L^-1 right."""
    out = np.array(right, np.float64)
    for first in range(0, len(lower), BLOCK):
        rows = slice(first, first + BLOCK)
        out[rows] = np.linalg.solve(lower[rows, rows], out[rows])
        below = slice(first + BLOCK, None)
        out[below] -= lower[below, rows] @ out[rows]
    return out


def solve_transposed(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return L'^-1 right [N, K] for lower = L [N, N]."""
    out = np.array(right, np.float64)
    for first in reversed(range(0, len(lower), BLOCK)):
        rows = slice(first, first + BLOCK)
        out[rows] = np.linalg.solve(lower[rows, rows].T, out[rows])
        out[:first] -= lower[rows, :first].T @ out[rows]
    return out
