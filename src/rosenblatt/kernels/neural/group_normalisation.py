"""Normalisation within a sample: by the moments of each group of its numbers.

x, out, d_out, d_x [N, S, G, L]: the S x L numbers of group g of sample n share a mean and an
inverse deviation, [N, G]; scale and shift are [G, L]. `centred` tells whether the mean is taken off
(layer and group normalisation) or not (root mean square). Sums are float64, in an order of their
own, and so is the mean, which is taken off before anything is rounded.
"""

from math import sqrt

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import rows_of_chunk
from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.lanes import in_turn, lanewise
from rosenblatt.kernels.core.sums import add_tree
from rosenblatt.kernels.core.vectors import LANES

ZEROS = (0.0,) * LANES
_add_values = lanewise(lambda x: [x])
_add_squared_gaps = lanewise(lambda x, mean: [(x - mean) * (x - mean)])
_add_products = lanewise(lambda x, d, scale, mean: [d * scale, d * scale * (x - mean)])


@kernel
def _sums(x, d, scale, mean, out):
    """Write the sums of d scale and of d scale (x - mean) over x [S, L] to out [2]."""
    sums, first, second = (ZEROS, ZEROS), 0.0, 0.0
    for s in range(x.shape[0]):
        sums = _add_products((x[s], d[s], scale), (mean,), sums)
        for i in range(x.shape[1] // LANES * LANES, x.shape[1]):
            term = np.float64(d[s, i]) * np.float64(scale[i])
            first += term
            second += term * (np.float64(x[s, i]) - mean)
    out[0], out[1] = in_turn(sums[0]) + first, in_turn(sums[1]) + second


@kernel
def _sum(x):
    """Return the sum of x [S, L], in float64."""
    sums, rest = (ZEROS,), 0.0
    for s in range(x.shape[0]):
        sums = _add_values((x[s],), (), sums)
        for i in range(x.shape[1] // LANES * LANES, x.shape[1]):
            rest += np.float64(x[s, i])
    return in_turn(sums[0]) + rest


@kernel
def _squared_gaps(x, mean):
    """Return the sum of the squares of x [S, L] - mean, in float64."""
    sums, rest = (ZEROS,), 0.0
    for s in range(x.shape[0]):
        sums = _add_squared_gaps((x[s],), (mean,), sums)
        for i in range(x.shape[1] // LANES * LANES, x.shape[1]):
            gap = np.float64(x[s, i]) - mean
            rest += gap * gap
    return in_turn(sums[0]) + rest


@kernel
def _moments(x, centred, epsilon, mean, inverse):
    S, G, L = x.shape
    for g in range(G):
        middle = _sum(x[:, g]) / (S * L) if centred else 0.0
        mean[g] = middle
        inverse[g] = 1.0 / sqrt(_squared_gaps(x[:, g], middle) / (S * L) + epsilon)


@kernel
def _normalise(x, mean, inverse, scale, shift, out):
    S, G, _ = x.shape
    for s in range(S):
        for g in range(G):
            row, target, factor, offset = x[s, g], out[s, g], scale[g], shift[g]
            center, share = mean[g], row.dtype.type(inverse[g])
            for i in range(row.size):
                gap = row.dtype.type(np.float64(row[i]) - center)
                target[i] = gap * share * factor[i] + offset[i]


@parallel_kernel
def normalise(x, centred, epsilon, scale, shift, mean, inverse, out):
    """Write (x - mean) / sqrt(variance + epsilon) scale + shift; mean, inverse [N, G] float64.

    Where not centred, the mean is 0 and the variance the mean square.
    """
    for n in prange(x.shape[0]):
        _moments(x[n], centred, epsilon, mean[n], inverse[n])
        _normalise(x[n], mean[n], inverse[n], scale, shift, out[n])


@kernel
def _block_gradients(x, d_out, mean, inverse, d_scale, d_shift):
    N, S, G, _ = x.shape
    for n in range(N):
        for s in range(S):
            for g in range(G):
                row, d, of_scale, of_shift = x[n, s, g], d_out[n, s, g], d_scale[g], d_shift[g]
                center, share = mean[n, g], row.dtype.type(inverse[n, g])
                for i in range(row.size):
                    of_shift[i] += d[i]
                    gap = row.dtype.type(np.float64(row[i]) - center)
                    of_scale[i] += d[i] * (gap * share)


@parallel_kernel
def parameter_gradients(x, d_out, mean, inverse, d_scale, d_shift):
    """Write d_scale = sum of d_out (x - mean) inverse and d_shift = sum of d_out, [G, L]."""
    N, S, G, L = x.shape
    rows = rows_of_chunk(S * G * L)
    blocks = max(1, (N + rows - 1) // rows)
    scales, shifts = np.zeros((blocks, G, L), x.dtype), np.zeros((blocks, G, L), x.dtype)
    for b in prange(blocks):
        i, j = b * rows, (b + 1) * rows
        _block_gradients(x[i:j], d_out[i:j], mean[i:j], inverse[i:j], scales[b], shifts[b])
    assign(d_scale.reshape(-1), add_tree(scales.reshape(blocks, G * L)))
    assign(d_shift.reshape(-1), add_tree(shifts.reshape(blocks, G * L)))


@kernel
def _input_gradient(x, d_out, scale, mean, inverse, centred, d_x):
    S, G, L = x.shape
    sums = np.empty(2)
    for g in range(G):
        _sums(x[:, g], d_out[:, g], scale[g], mean[g], sums)
        share = x.dtype.type(inverse[g])
        center = mean[g]
        common = x.dtype.type(sums[0] / (S * L) if centred else 0.0)
        slope = x.dtype.type(sums[1] / (S * L) * inverse[g] * inverse[g])
        for s in range(S):
            row, d, target, factor = x[s, g], d_out[s, g], d_x[s, g], scale[g]
            for i in range(row.size):
                gap = row.dtype.type(np.float64(row[i]) - center)
                target[i] = share * (d[i] * factor[i] - common - gap * slope)


@parallel_kernel
def input_gradient(x, d_out, scale, mean, inverse, centred, d_x):
    """Write d_x = inverse (d - mean(d) - xn mean(d xn)), d = d_out scale; means over a group.

    xn is the normalised x; where not centred mean(d) is absent. mean, inverse [N, G].
    """
    for n in prange(x.shape[0]):
        _input_gradient(x[n], d_out[n], scale, mean[n], inverse[n], centred, d_x[n])
