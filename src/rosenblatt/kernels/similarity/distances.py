"""Sums over columns that no matrix product gives: |x - y|, (x - y)^2 / (x + y), min(x, y).

y comes transposed, [D, M], so that the loop over its rows runs in vectors; each sum is in the order
of the columns. x [N, D], out [N, M], all of one dtype.
"""

from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel

ABSOLUTE, CHI_SQUARE, MINIMUM = range(3)
COLUMNS = 512  # sums at a time: they stay in L1


@kernel
def _absolute(value, others, out):
    for m in range(out.size):
        out[m] += abs(value - others[m])


@kernel
def _chi_square(value, others, out):
    zero, one = out.dtype.type(0), out.dtype.type(1)
    for m in range(out.size):
        apart, together = value - others[m], value + others[m]
        out[m] += apart * apart / (together if together > zero else one)


@kernel
def _minimum(value, others, out):
    for m in range(out.size):
        out[m] += min(value, others[m])


@kernel
def _sums(x, transposed, kind, out):
    out[:] = 0
    for first in range(0, out.size, COLUMNS):
        last = min(out.size, first + COLUMNS)
        for d in range(x.size):
            others, part = transposed[d, first:last], out[first:last]
            if kind == ABSOLUTE:
                _absolute(x[d], others, part)
            elif kind == CHI_SQUARE:
                _chi_square(x[d], others, part)
            else:
                _minimum(x[d], others, part)


@parallel_kernel
def sums(x, transposed, kind, out):
    """Write the sums of one kind for all pairs of rows. 0 / 0 counts as 0."""
    for n in prange(x.shape[0]):
        _sums(x[n], transposed, kind, out[n])
