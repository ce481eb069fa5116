"""Waves of random directions."""

from numba import prange

from rosenblatt.kernels.elementary import cos, sin
from rosenblatt.kernels.jit import kernel, parallel_kernel


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
