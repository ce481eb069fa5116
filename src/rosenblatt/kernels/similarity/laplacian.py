"""Slopes of sums of Laplacian kernels, exp(-gamma sum_d |x_d - z_d|), column by column."""

from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _add_signs(weight, x, other, out):
    for d in range(x.size):
        apart = x[d] - other[d]
        if apart > 0:
            out[d] += weight
        elif apart < 0:
            out[d] -= weight


@parallel_kernel
def slopes(gram, x, others, coefficients, out):
    """Write sum_m c_tm k(x_n, z_m) sign(x_nd - z_md) for each row n, sum t and column d.

    That is -1 / gamma times the slope of f_t(x) = sum_m c_tm k(x, z_m) along column d, 0 where both
    are equal. gram [N, M], x [N, D], others z [M, D], coefficients [T, M], out [N, T, D], of one
    dtype; the terms are added in the order of m.
    """
    zero = out.dtype.type(0)
    for n in prange(x.shape[0]):
        out[n] = zero
        for m in range(others.shape[0]):
            for t in range(coefficients.shape[0]):
                _add_signs(coefficients[t, m] * gram[n, m], x[n], others[m], out[n, t])
