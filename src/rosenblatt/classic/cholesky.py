"""Solving positive definite systems by Cholesky's factor."""

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels import cholesky
from rosenblatt.kernels.cholesky import solve_lower, solve_upper

BLOCK = 256


def factor(gram: np.ndarray) -> np.ndarray:
    """Return the lower L [N, N] of A = L L'. Raises UserError where A is not positive definite."""
    lower = cholesky.factor(gram)
    if lower is None:
        raise UserError(
            "the Gram matrix with its penalty is not positive definite; raise the penalty, or "
            "check that the kernel is one."
        )
    return lower


def solve(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return A^-1 right [N, K] for A = L L' with lower = L [N, N]."""
    return solve_upper(lower, solve_lower(lower, right))


def inverse_diagonal(lower: np.ndarray) -> np.ndarray:
    """Return the diagonal [N] of A^-1 for A = L L': the squared lengths of the columns of L^-1."""
    N = len(lower)
    result = np.empty(N)
    for first in range(0, N, BLOCK):
        last = min(N, first + BLOCK)
        unit = np.zeros((N - first, last - first))
        np.fill_diagonal(unit, 1)
        result[first:last] = np.square(solve_lower(lower[first:, first:], unit)).sum(0)
    return result
