"""Pooling: the largest or the mean number of each window, channel by channel.

x [N, H, W, C], out [N, HO, WO, C]; windows of size x size, `stride` apart, all inside the image.
Loops run over channels, or over whole rows of pixels, which lie side by side.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.jit import kernel, parallel_kernel
from rosenblatt.kernels.sums import add_rows


@kernel
def _larger(first, second, codes, other_codes, code, best, which):
    """Write the larger of two numbers (NaN is the largest), and whose code that is."""
    for i in range(best.size):
        a, b, kept, other = first[i], second[i], codes[i], other_codes[i]
        larger = (b > a) | (b != b)
        best[i] = b if larger else a
        # A choice of bytes by a choice of floats does not run in vectors; a product does.
        which[i] = kept ^ ((kept ^ np.uint8(other + code)) * np.uint8(larger))


@kernel
def _every(values, out, C, stride):
    """Copy every stride-th pixel of a row, C channels each."""
    for p in range(out.size // C):
        source, target = values[p * stride * C : p * stride * C + C], out[p * C : p * C + C]
        for c in range(target.size):
            target[c] = source[c]


@kernel
def _max_sample(x, out, switches, size, stride):
    """Find the largest of each column of a window, then of these, over whole rows at a time."""
    C, width = x.shape[2], x.shape[1] * x.shape[2]
    values, codes = np.empty((4, width), x.dtype), np.empty((4, width), np.uint8)
    zeros = np.zeros(width, np.uint8)
    for y in range(out.shape[0]):
        columns, column_codes = x[y * stride].reshape(-1), zeros
        for row in range(1, size):
            other, free = x[y * stride + row].reshape(-1), row % 2
            _larger(
                columns, other, column_codes, zeros, np.uint8(row * size), values[free], codes[free]
            )
            columns, column_codes = values[free], codes[free]
        best, which = columns, column_codes
        for column in range(1, size):
            shift, free = column * C, 2 + column % 2
            _larger(
                best[: width - shift], columns[shift:], which[: width - shift],
                column_codes[shift:], np.uint8(column), values[free][: width - shift],
                codes[free][: width - shift],
            )  # fmt: skip
            best, which = values[free], codes[free]
        _every(best, out[y].reshape(-1), C, stride)
        _every(which, switches[y].reshape(-1), C, stride)


@kernel
def _max_gradient_sample(d_out, switches, d_x, size, stride):
    d_x[:] = 0
    W, C = d_x.shape[1:]
    WO, target = d_out.shape[1], d_x.reshape(-1)
    offsets = np.empty(size * size, np.intp)
    for tap in range(size * size):
        offsets[tap] = (tap // size * W + tap % size) * C
    for y in range(d_out.shape[0]):
        d, switch = d_out[y].reshape(-1), switches[y].reshape(-1)
        for p in range(WO):
            corner = (y * W + p) * stride * C
            for c in range(C):
                target[corner + offsets[switch[p * C + c]] + c] += d[p * C + c]


@kernel
def _average_sample(x, out, size, stride):
    inverse = x.dtype.type(1) / x.dtype.type(size * size)
    for y in range(out.shape[0]):
        for p in range(out.shape[1]):
            mean = out[y, p]
            mean[:] = 0
            for tap in range(size * size):
                values = x[y * stride + tap // size, p * stride + tap % size]
                for c in range(mean.size):
                    mean[c] += values[c]
            for c in range(mean.size):
                mean[c] *= inverse


@kernel
def _average_gradient_sample(d_out, d_x, size, stride):
    inverse = d_x.dtype.type(1) / d_x.dtype.type(size * size)
    d_x[:] = 0
    for y in range(d_out.shape[0]):
        for p in range(d_out.shape[1]):
            d = d_out[y, p]
            for tap in range(size * size):
                target = d_x[y * stride + tap // size, p * stride + tap % size]
                for c in range(d.size):
                    target[c] += d[c] * inverse


@kernel
def _global_average_sample(x, mean):
    mean[:] = 0
    add_rows(x, mean)
    inverse = x.dtype.type(1) / x.dtype.type(x.shape[0])
    for c in range(mean.size):
        mean[c] *= inverse


@kernel
def _global_average_gradient_sample(d_mean, d_x):
    inverse = d_x.dtype.type(1) / d_x.dtype.type(d_x.shape[0])
    for p in range(d_x.shape[0]):
        row = d_x[p]
        for c in range(row.size):
            row[c] = d_mean[c] * inverse


@parallel_kernel
def max_pool(x, out, switches, size, stride):
    """Write the largest number of each window, and where in the window it was found.

    switches [N, HO, WO, C] uint8: row * size + column. Of equal numbers, that of the first row of
    the first column counts. NaN wins.
    """
    for n in prange(x.shape[0]):
        _max_sample(x[n], out[n], switches[n], size, stride)


@parallel_kernel
def max_pool_gradient(d_out, switches, d_x, size, stride):
    """Write d_out where the switches point, added where windows overlap, else 0."""
    for n in prange(d_x.shape[0]):
        _max_gradient_sample(d_out[n], switches[n], d_x[n], size, stride)


@parallel_kernel
def average_pool(x, out, size, stride):
    """Write the mean of each window."""
    for n in prange(x.shape[0]):
        _average_sample(x[n], out[n], size, stride)


@parallel_kernel
def average_pool_gradient(d_out, d_x, size, stride):
    """Write d_out / size^2 to each pixel of a window, added where windows overlap, else 0."""
    for n in prange(d_x.shape[0]):
        _average_gradient_sample(d_out[n], d_x[n], size, stride)


@parallel_kernel
def global_average(x, out):
    """Write the mean over pixels of x [N, P, C] to out [N, C]."""
    for n in prange(x.shape[0]):
        _global_average_sample(x[n], out[n])


@parallel_kernel
def global_average_gradient(d_out, d_x):
    """Write d_out [N, C] / P to each pixel of d_x [N, P, C]."""
    for n in prange(d_x.shape[0]):
        _global_average_gradient_sample(d_out[n], d_x[n])
