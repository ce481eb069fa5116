"""The largest eigenvalues of a large symmetric matrix, without the others."""

import numpy as np

from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.orthonormal import orthonormalise
from rosenblatt.kernels.core.symmetric import eigenvectors

SPARE = 60  # directions beyond those asked for: what is wanted then converges in fewer rounds
ROUNDS = 60
TOLERANCE = 1e-5  # of the residual, relative to the largest eigenvalue


def largest(
    matrix: np.ndarray, count: int, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return the `count` largest eigenvalues, falling, and their vectors [N, count], float64.

    matrix [N, N]: symmetric, without large negative eigenvalues, float32. Subspace iteration with
    Chebyshev's polynomials (Zhou & Saad 2007, algorithm 4.2): each round a polynomial of the matrix
    that is small on the unwanted part of the spectrum sharpens a block of vectors.
    """
    N = len(matrix)
    width = min(N, count + SPARE)
    if 3 * width > N:
        values, vectors = eigenvectors((matrix.astype(np.float64) + matrix.T) / 2)
        return values[::-1][:count], vectors[:, ::-1][:, :count]
    basis = _times(rng.random((width, N)) - 0.5, matrix)  # vectors are rows here
    orthonormalise(basis)
    for _ in range(ROUNDS):
        image = _times(basis, matrix)
        values, basis, image = _along_own_directions(basis, image)
        residuals = image[:count] - values[:count, None] * basis[:count]
        if np.sqrt(np.square(residuals).sum(1)).max() <= TOLERANCE * abs(values[0]):
            break
        basis = _filter(matrix, basis, image, max(values[-1], 1e-30))
        orthonormalise(basis)
    return values[:count], np.ascontiguousarray(basis[:count].T)


def _along_own_directions(
    basis: np.ndarray, image: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the eigenvalues within the span of a basis, falling, and basis and image turned.

    Rayleigh & Ritz; image: the matrix times the basis.
    """
    inside = np.empty((len(basis), len(basis)))
    gemm(basis, image, inside, transpose=(False, True))
    values, turn = eigenvectors((inside + inside.T) / 2)
    turn = np.ascontiguousarray(turn[:, ::-1].T)
    turned = (gemm(turn, rows, np.empty_like(rows)) for rows in (basis, image))
    return values[::-1], *turned


def _filter(
    matrix: np.ndarray, basis: np.ndarray, image: np.ndarray, bound: float, degree: int = 4
) -> np.ndarray:
    """Return T_degree of the matrix scaled so that [0, bound] is [-1, 1], times the basis."""
    before, now = basis, image * (2 / bound) - basis
    for _ in range(degree - 1):
        before, now = now, 2 * (_times(now, matrix) * (2 / bound) - now) - before
        scale = np.abs(now).max()
        before, now = before / scale, now / scale
    return now


def _times(rows: np.ndarray, matrix: np.ndarray) -> np.ndarray:
    """Return rows @ matrix, multiplied in the matrix's own float32."""
    left = np.ascontiguousarray(rows, matrix.dtype)
    return gemm(left, matrix, np.empty(left.shape, matrix.dtype)).astype(np.float64)
