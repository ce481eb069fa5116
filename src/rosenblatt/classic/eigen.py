"""The largest eigenvalues of a large symmetric matrix, without the others."""

import numpy as np

from rosenblatt.kernels.gemm import gemm

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
        values, vectors = np.linalg.eigh(matrix.astype(np.float64))
        return values[::-1][:count], vectors[:, ::-1][:, :count]
    basis = np.linalg.qr(_times(matrix, rng.random((N, width)) - 0.5))[0]
    for _ in range(ROUNDS):
        image = _times(matrix, basis)
        values, turn = np.linalg.eigh(basis.T @ image)
        values, turn = values[::-1], turn[:, ::-1]
        basis, image = basis @ turn, image @ turn
        residuals = np.linalg.norm(image[:, :count] - basis[:, :count] * values[:count], axis=0)
        if residuals.max() <= TOLERANCE * abs(values[0]):
            break
        basis = np.linalg.qr(_filter(matrix, basis, image, max(values[-1], 1e-30)))[0]
    return values[:count], basis[:, :count]


def _filter(
    matrix: np.ndarray, basis: np.ndarray, image: np.ndarray, bound: float, degree: int = 4
) -> np.ndarray:
    """Return T_degree of the matrix scaled so that [0, bound] is [-1, 1], times the basis."""
    before, now = basis, image * (2 / bound) - basis
    for _ in range(degree - 1):
        before, now = now, 2 * (_times(matrix, now) * (2 / bound) - now) - before
        scale = np.abs(now).max()
        before, now = before / scale, now / scale
    return now


def _times(matrix: np.ndarray, vectors: np.ndarray) -> np.ndarray:
    """Return matrix @ vectors, multiplied in the matrix's own float32."""
    right = np.ascontiguousarray(vectors, matrix.dtype)
    out = np.empty(right.shape, matrix.dtype)
    return gemm(matrix, right, out).astype(np.float64)
