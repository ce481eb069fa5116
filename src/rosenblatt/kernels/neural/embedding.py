"""Rows of a table looked up by number, and the gradient added back to them."""

from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel

COLUMNS = 16  # of one task: a cache line of float32


@kernel
def _scatter_columns(numbers, d_rows, out, first, last):
    for i in range(out.shape[0]):
        out[i, first:last] = 0
    for n in range(numbers.size):
        row, total = d_rows[n, first:last], out[numbers[n], first:last]
        for k in range(row.size):
            total[k] += row[k]


@parallel_kernel
def scatter_rows(numbers, d_rows, out):
    """Write out[v] = the sum of d_rows[n] over all n with numbers[n] = v, in the order of n.

    numbers [M] whole, d_rows [M, D], out [V, D].
    """
    D = out.shape[1]
    for task in prange((D + COLUMNS - 1) // COLUMNS):
        first = task * COLUMNS
        _scatter_columns(numbers, d_rows, out, first, min(D, first + COLUMNS))
