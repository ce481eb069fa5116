"""Symmetric matrices to try the linear algebra on."""

import numpy as np

from rosenblatt.kernels.core.jit import JIT_DISABLED

SIZES = [1, 2, 3, 31, 32, 33, 34, 65] if JIT_DISABLED else [1, 2, 3, 31, 32, 33, 34, 65, 200]


def symmetric(size, seed=0):
    a = np.random.default_rng(seed).random((size, size)) - 0.5
    return a + a.T


def with_spectrum(values, seed=0):
    """Return a symmetric matrix of these eigenvalues, in random directions."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.random((len(values), len(values))) - 0.5)[0]
    a = (basis * values) @ basis.T
    return (a + a.T) / 2
