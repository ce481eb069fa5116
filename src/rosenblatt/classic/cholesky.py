"""Solving positive definite systems by Cholesky's factor."""

import itertools
from collections.abc import Sequence

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core import cholesky
from rosenblatt.kernels.core.cholesky import solve_lower, solve_upper
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.symmetric import eigenvectors

BLOCK = 256
SEEN = 500  # rows that tell what is wrong with a matrix
ROUNDED = 2e-6  # of the diagonal, and no less than float32 loses in a row of a kernel's matrix
LOST = 1e-5  # of the diagonal: what rounding in float32 does not explain

WHAT = "the Gram matrix with its penalty is not positive definite"


class SingularError(UserError):
    """A matrix that only its rounding keeps from being positive definite."""


def factor(gram: np.ndarray, overwrite: bool = False) -> np.ndarray:
    """Return the lower L [N, N] of A = L L', of A's dtype; in A's place where `overwrite`.

    Raises SingularError where rounding keeps A from being positive definite, UserError where more
    does, which a matrix that was overwritten tells no longer.
    """
    most = np.abs(np.diagonal(gram)).max(initial=0)
    lower = cholesky.factor(gram, gram if overwrite else None)
    if lower is None:
        raise _singular(most) if overwrite else _why(gram, most)
    return lower


def _why(gram: np.ndarray, most: float) -> UserError:
    """Return why a Gram matrix with its penalty is not positive definite, and what cures it.

    most: on its diagonal. The least eigenvalue of a part is not below that of the whole (Cauchy's
    interlacing theorem), so a part that is clearly indefinite tells that more than rounding is
    wrong.
    """
    part = gram[:SEEN, :SEEN].astype(np.float64)
    least = eigenvectors((part + part.T) / 2)[0][0]
    if least < -LOST * most:
        return UserError(
            f"{WHAT}: it has an eigenvalue of {least:.1g} beside a diagonal of {most:.1g}. The "
            "kernel lost its digits, or is none, which a larger penalty hides and does not cure: "
            "bring the columns to numbers of order one around 0, or check that the kernel is one."
        )
    return _singular(most)


def _singular(most: float) -> SingularError:
    return SingularError(
        f"{WHAT}, by the rounding of a diagonal of {most:.1g}. Bring the columns to numbers of "
        f"order one around 0, or raise the penalty to {ROUNDED * most:.1g} or more."
    )


def solve(lower: np.ndarray, right: np.ndarray) -> np.ndarray:
    """Return A^-1 right [N, K] for A = L L' with lower = L [N, N]."""
    return solve_upper(lower, solve_lower(lower, right))


def held_out(lower: np.ndarray, right: np.ndarray, ends: Sequence[int]) -> np.ndarray:
    """Return by how much least squares miss each row of right Y [N, K], its whole fold left out.

    A = L L' is the Gram matrix with its penalty; a fold B is the rows from one of `ends` to the
    next, which begin with 0 and end with N. Exactly, without a fit for each fold:
    e_B = ((A^-1)_BB)^-1 (A^-1 Y)_B (Pahikkala et al. 2006, "Fast n-fold cross-validation for
    regularized least-squares", equation 6).
    """
    missed = solve(lower, right)
    for first, last in itertools.pairwise(ends):
        unit = np.zeros((len(lower) - first, last - first), lower.dtype)
        np.fill_diagonal(unit, 1)
        root = solve_lower(lower[first:, first:], unit)
        inverse = np.empty((last - first, last - first), root.dtype)
        gemm(root, root, inverse, transpose=(True, False))
        missed[first:last] = solve(factor(inverse), missed[first:last])
    return missed


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
