"""A rectifier whose slope below zero is learned, channel by channel; x [M, C], slope [C]."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import rows_of_chunk
from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import add_tree


@kernel
def _prelu(x, slope, out):
    for m in range(x.shape[0]):
        row, target = x[m], out[m]
        for k in range(row.size):
            target[k] = row[k] if row[k] > 0 else slope[k] * row[k]


@parallel_kernel
def prelu(x, slope, out):
    """Write x where x > 0, else slope x."""
    rows = rows_of_chunk(x.shape[1])
    for b in prange((x.shape[0] + rows - 1) // rows):
        _prelu(x[b * rows : (b + 1) * rows], slope, out[b * rows : (b + 1) * rows])


@kernel
def _gradients(x, d_out, slope, d_x, d_slope):
    for m in range(x.shape[0]):
        row, d, target = x[m], d_out[m], d_x[m]
        for k in range(row.size):
            below = row[k] <= 0
            target[k] = d[k] * slope[k] if below else d[k]
            d_slope[k] += d[k] * row[k] if below else 0


@parallel_kernel
def prelu_gradients(x, d_out, slope, d_x, d_slope):
    """Write the gradient to x, and to the slopes the sum of d_out x over x <= 0."""
    M, C = x.shape
    rows = rows_of_chunk(C)
    blocks = max(1, (M + rows - 1) // rows)
    partial = np.zeros((blocks, C), x.dtype)
    for b in prange(blocks):
        i, j = b * rows, (b + 1) * rows
        _gradients(x[i:j], d_out[i:j], slope, d_x[i:j], partial[b])
    assign(d_slope, add_tree(partial))
