"""Waves: cosines and sines of given phases, and the Fourier transform of small images.

A transform is a product with a matrix of waves: of sides up to a hundred or so that is no slower
than the fast one, which would call the computer's own library. Complex numbers are pairs of real
ones on a last axis of 2.
"""

from functools import cache

import numpy as np
from numba import prange

from rosenblatt.kernels.core import elementwise
from rosenblatt.kernels.core.elementary import cos, sin
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _waves(phases, scale, out):
    for k in range(phases.size):
        out[k] = scale * cos(phases[k])
        out[phases.size + k] = scale * sin(phases[k])


@parallel_kernel
def waves(phases, scale, out):
    """Write scale cos and scale sin of phases [N, K] side by side to out [N, 2 K]."""
    for n in prange(phases.shape[0]):
        _waves(phases[n], scale, out[n])


def transform(images: np.ndarray) -> np.ndarray:
    """Return the Fourier transform [N, W, H, 2] of real images [N, H, W], its axes turned over."""
    return _along(_turned(_along(images, 1, False)), 2, False)


def transform_back(spectra: np.ndarray) -> np.ndarray:
    """Return the complex images [N, H, W, 2] that have these transforms [N, W, H, 2]."""
    return _along(_turned(_along(spectra, 2, True)), 2, True)


def _turned(x: np.ndarray) -> np.ndarray:
    """Return x [N, A, B, 2] as [N, B, A, 2]; pairs are moved as one number each, which is fast."""
    N, A, B, _ = x.shape
    pairs = x.view(np.result_type(x.dtype, np.complex64))[..., 0]
    return np.ascontiguousarray(pairs.swapaxes(1, 2)).view(x.dtype).reshape(N, B, A, 2)


def _along(x: np.ndarray, parts: int, back: bool) -> np.ndarray:
    """Transform x [N, A, B], or [N, A, B, 2] of two parts, along B."""
    N, A, B = x.shape[:3]
    rows = np.ascontiguousarray(x).reshape(-1, B * parts)
    out = np.empty((len(rows), 2 * B), x.dtype)
    return gemm(rows, _waves_of(B, parts, back, x.dtype), out).reshape(N, A, B, 2)


@cache
def _waves_of(size: int, parts: int, back: bool, dtype: np.dtype) -> np.ndarray:
    """Return the matrix [size parts, size 2] that transforms a row, or back."""
    turns = np.outer(np.arange(size), np.arange(size)) % size
    angles = 2 * np.pi / size * turns
    real, imaginary = elementwise.cos(angles), elementwise.sin(angles) * (1 if back else -1)
    matrix = np.empty((size, parts, size, 2))
    matrix[:, 0, :, 0], matrix[:, 0, :, 1] = real, imaginary
    if parts == 2:
        matrix[:, 1, :, 0], matrix[:, 1, :, 1] = -imaginary, real
    return (matrix.reshape(size * parts, -1) / (size if back else 1)).astype(dtype)
