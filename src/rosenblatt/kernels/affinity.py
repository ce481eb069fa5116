"""How near every point lies to every other, a block of rows at a time."""

from numba import prange

from rosenblatt.kernels.elementary import exp
from rosenblatt.kernels.jit import kernel, parallel_kernel


@kernel
def _affinity_row(points, i, out):
    out[:] = 0
    for d in range(points.shape[0]):
        axis = points[d]
        own = axis[i]
        for j in range(out.size):
            apart = axis[j] - own
            out[j] += apart * apart
    half = out.dtype.type(-0.5)
    for j in range(out.size):
        out[j] = exp(half * out[j])
    out[i] = 0


@parallel_kernel
def affinities(points, first, out):
    """Write e^(-|p_i - p_j|^2 / 2), 0 for i = j, to out [R, P], i from `first`; points [D, P]."""
    for r in prange(out.shape[0]):
        _affinity_row(points, first + r, out[r])
