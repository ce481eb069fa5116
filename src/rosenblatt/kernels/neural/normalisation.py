"""Batch normalisation over the rows of x [M, C], column by column, in a fixed order of summation.

Each block of rows finds its own mean and squared deviations while it lies in the cache; blocks are
then merged pairwise (Chan, Golub & LeVeque 1979, equation 1.5), which keeps the digits that the
difference of two large sums would lose.
"""

from math import sqrt

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import rows_of_chunk
from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import add_rows, add_tree


@kernel
def _block_moments(x, mean, deviation):
    """Write the means of the columns and the sums of their squared deviations.

    A mean is off by its rounding, and the deviations add up to tell by how much: this corrects both
    (Chan, Golub & LeVeque 1983, equation 1.7).
    """
    mean[:] = 0
    deviation[:] = 0
    add_rows(x, mean)
    inverse = x.dtype.type(1) / x.dtype.type(x.shape[0])
    for k in range(mean.size):
        mean[k] *= inverse
    rest = np.zeros_like(mean)
    for m in range(x.shape[0]):
        row = x[m]
        for k in range(row.size):
            gap = row[k] - mean[k]
            rest[k] += gap
            deviation[k] += gap * gap
    for k in range(mean.size):
        deviation[k] -= rest[k] * rest[k] * inverse
        mean[k] += rest[k] * inverse


@kernel
def _merge(means, deviations, counts):
    """Merge the blocks pairwise into the first."""
    blocks = counts.size
    while blocks > 1:
        half = (blocks + 1) // 2
        for b in range(blocks - half):
            mean, deviation = means[b], deviations[b]
            other_mean, other_deviation = means[half + b], deviations[half + b]
            together = counts[b] + counts[half + b]
            share = counts[half + b] / together
            weight = counts[b] * share
            for k in range(mean.size):
                gap = other_mean[k] - mean[k]
                mean[k] += gap * share
                deviation[k] += other_deviation[k] + gap * gap * weight
            counts[b] = together
        blocks = half


@parallel_kernel
def moments(x, mean, variance):
    """Write the mean and the (biased) variance of each column of x [M, C], M >= 1."""
    M, C = x.shape
    rows = rows_of_chunk(C)
    blocks = (M + rows - 1) // rows
    means, deviations = np.empty((blocks, C), x.dtype), np.empty((blocks, C), x.dtype)
    counts = np.empty(blocks, x.dtype)
    for b in prange(blocks):
        part = x[b * rows : (b + 1) * rows]
        counts[b] = part.shape[0]
        _block_moments(part, means[b], deviations[b])
    _merge(means, deviations, counts)
    assign(mean, means[0])
    for k in range(C):
        variance[k] = deviations[0, k] / x.dtype.type(M)


@kernel
def inverse_deviation(variance, epsilon, out):
    """Write 1 / sqrt(variance + epsilon)."""
    one = out.dtype.type(1)
    for k in range(out.size):
        out[k] = one / sqrt(variance[k] + epsilon)


@kernel
def _normalise_rows(x, mean, inverse, scale, shift, out):
    for m in range(x.shape[0]):
        row, target = x[m], out[m]
        for k in range(row.size):
            target[k] = (row[k] - mean[k]) * inverse[k] * scale[k] + shift[k]


@parallel_kernel
def normalise(x, mean, inverse, scale, shift, out):
    """Write (x - mean) inverse scale + shift, all but x and out [C]."""
    rows = rows_of_chunk(x.shape[1])
    for b in prange((x.shape[0] + rows - 1) // rows):
        i, j = b * rows, (b + 1) * rows
        _normalise_rows(x[i:j], mean, inverse, scale, shift, out[i:j])


@kernel
def _block_sums(x, d_out, mean, inverse, d_scale, d_shift):
    for m in range(x.shape[0]):
        row, d = x[m], d_out[m]
        for k in range(row.size):
            d_shift[k] += d[k]
            d_scale[k] += d[k] * ((row[k] - mean[k]) * inverse[k])


@parallel_kernel
def parameter_gradients(x, d_out, mean, inverse, d_scale, d_shift):
    """Write d_scale = sum of d_out (x - mean) inverse, d_shift = sum of d_out, [C]."""
    M, C = x.shape
    rows = rows_of_chunk(C)
    blocks = max(1, (M + rows - 1) // rows)
    scales, shifts = np.zeros((blocks, C), x.dtype), np.zeros((blocks, C), x.dtype)
    for b in prange(blocks):
        i, j = b * rows, (b + 1) * rows
        _block_sums(x[i:j], d_out[i:j], mean, inverse, scales[b], shifts[b])
    assign(d_scale, add_tree(scales))
    assign(d_shift, add_tree(shifts))


@kernel
def _input_gradient_rows(x, d_out, mean, inverse, factor, mean_d, mean_dx, out_d_x):
    for m in range(x.shape[0]):
        row, d, target = x[m], d_out[m], out_d_x[m]
        for k in range(row.size):
            centred = (row[k] - mean[k]) * inverse[k]
            target[k] = factor[k] * (d[k] - mean_d[k] - centred * mean_dx[k])


@parallel_kernel
def input_gradient(x, d_out, mean, inverse, factor, mean_d, mean_dx, out_d_x):
    """Write d_x = factor (d_out - mean_d - (x - mean) inverse mean_dx), all between [C]."""
    rows = rows_of_chunk(x.shape[1])
    for b in prange((x.shape[0] + rows - 1) // rows):
        i, j = b * rows, (b + 1) * rows
        _input_gradient_rows(
            x[i:j], d_out[i:j], mean, inverse, factor, mean_d, mean_dx, out_d_x[i:j]
        )
