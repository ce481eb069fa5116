"""Factors and eigenvectors by the plainest methods, in loops over single numbers."""

import math

import numpy as np


def cholesky(a: np.ndarray) -> np.ndarray:
    """Return L with A = L L', number by number from the definition of the product."""
    N = len(a)
    lower = np.zeros((N, N))
    for i in range(N):
        for j in range(i + 1):
            rest = a[i, j] - math.fsum(lower[i, k] * lower[j, k] for k in range(j))
            lower[i, j] = math.sqrt(rest) if i == j else rest / lower[j, j]
    return lower


def jacobi(a: np.ndarray, rounds: int = 30) -> tuple[np.ndarray, np.ndarray]:
    """Return eigenvalues, rising, and eigenvectors as columns, by Jacobi's rotations (1846).

    Each makes one number off the diagonal 0, until all are.
    """
    a, N = np.array(a, np.float64), len(a)
    vectors = np.eye(N)
    for _ in range(rounds):
        for p in range(N):
            for q in range(p + 1, N):
                angle = 0.5 * math.atan2(2 * a[p, q], a[q, q] - a[p, p])
                turn = np.eye(N)
                turn[p, p] = turn[q, q] = math.cos(angle)
                turn[p, q], turn[q, p] = math.sin(angle), -math.sin(angle)
                a, vectors = turn.T @ a @ turn, vectors @ turn
    order = np.argsort(a.diagonal(), kind="stable")
    return a.diagonal()[order], vectors[:, order]


def gram_schmidt(rows: np.ndarray) -> np.ndarray:
    """Return orthonormal rows: each less its shares in those before it, as the textbook says."""
    found: list[np.ndarray] = []
    for row in rows:
        for other in found:
            row = row - math.fsum(row * other) * other
        found.append(row / math.sqrt(math.fsum(row * row)))
    return np.array(found)


def fourier(image: np.ndarray) -> np.ndarray:
    """Return the Fourier transform of [H, W] from its definition, complex."""
    H, W = image.shape
    out = np.zeros((H, W), complex)
    for u in range(H):
        for v in range(W):
            for y in range(H):
                for x in range(W):
                    out[u, v] += image[y, x] * np.exp(-2j * np.pi * (u * y / H + v * x / W))
    return out
