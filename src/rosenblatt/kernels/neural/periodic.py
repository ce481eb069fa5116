"""Waves of numbers: cos and sin of 2 pi c x for each column's own frequencies c, and slopes.

x [N, D], frequencies c [D, K], waves [N, D, 2 K], the cosines before the sines; all of one dtype.
"""

from numba import prange

from rosenblatt.kernels.core.elementary import cos, sin
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

TURN = 6.283185307179586


@kernel
def _waves_of_row(x, frequencies, out):
    turn, K = out.dtype.type(TURN), frequencies.shape[1]
    for d in range(x.size):
        for k in range(K):
            angle = turn * (frequencies[d, k] * x[d])
            out[d, k] = cos(angle)
            out[d, K + k] = sin(angle)


@kernel
def _slope(waves, d_waves, k, K):
    """Return the gradient by an angle, of k-th wave among K."""
    return waves[k] * d_waves[K + k] - waves[K + k] * d_waves[k]


@parallel_kernel
def waves(x, frequencies, out):
    """Write the waves of all rows."""
    for n in prange(x.shape[0]):
        _waves_of_row(x[n], frequencies, out[n])


@parallel_kernel
def input_gradient(frequencies, waves, d_waves, out):
    """Write the gradient by x [N, D], from the waves and the gradient by them."""
    D, K = frequencies.shape
    turn = out.dtype.type(TURN)
    for n in prange(waves.shape[0]):
        for d in range(D):
            found = out.dtype.type(0)
            for k in range(K):
                found += frequencies[d, k] * _slope(waves[n, d], d_waves[n, d], k, K)
            out[n, d] = turn * found


@parallel_kernel
def frequency_gradient(x, waves, d_waves, out):
    """Write the gradient by the frequencies [D, K]: row after row."""
    D, K = out.shape
    turn = out.dtype.type(TURN)
    for d in prange(D):
        out[d] = out.dtype.type(0)
        for n in range(x.shape[0]):
            value = turn * x[n, d]
            for k in range(K):
                out[d, k] += value * _slope(waves[n, d], d_waves[n, d], k, K)
