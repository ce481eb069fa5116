"""Sums in a fixed order: blocks of rows fixed by the shape, then a fixed tree over the blocks.

The order never depends on the threads or on the processor, so neither do the bits of the result.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import in_chunks, rows_of_chunk
from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.lanes import in_turn, lanewise

WIDTH = 16  # columns into which a flat array is folded, to be summed in vectors
_add_squares = lanewise(lambda x: [x * x], WIDTH)


@in_chunks(3)
def add(first, second, out):
    """Write first + second, all flat; out may be one of the two."""
    for i in range(out.size):
        out[i] = first[i] + second[i]


@kernel
def add_rows(x, total):
    """Add the rows of x [M, K] to total [K], one after the other."""
    for m in range(x.shape[0]):
        row = x[m]
        for k in range(row.size):
            total[k] += row[k]


@kernel
def add_tree(partial):
    """Add the rows of `partial` [B, K] pairwise into its first row, which is returned."""
    count = partial.shape[0]
    while count > 1:
        half = (count + 1) // 2
        for b in range(count - half):
            first, second = partial[b], partial[half + b]
            for k in range(first.size):
                first[k] += second[k]
        count = half
    return partial[0]


@parallel_kernel
def column_sums(x, out):
    """Write the sums of the columns of x [M, K] to out [K]."""
    M, K = x.shape
    rows = rows_of_chunk(K)
    blocks = max(1, (M + rows - 1) // rows)
    partial = np.zeros((blocks, K), x.dtype)
    for block in prange(blocks):
        add_rows(x[block * rows : (block + 1) * rows], partial[block])
    assign(out, add_tree(partial))


@kernel
def total(x):
    """Return the sum of a flat array, in float64, one term after the other."""
    result = 0.0
    for i in range(x.size):
        result += np.float64(x[i])
    return result


@kernel
def sum_of_squares(x):
    """Return the sum of the squares of a flat array, in float64, as WIDTH sums and then one."""
    (lanes,) = _add_squares((x,), (), (0.0,))
    result = in_turn(lanes)
    for i in range(x.size // WIDTH * WIDTH, x.size):
        result += np.float64(x[i]) * np.float64(x[i])
    return result
