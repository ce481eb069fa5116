"""Pooling: the largest or the mean number of each window, channel by channel.

x [N, H, W, C], out [N, HO, WO, C]; windows of size x size, `stride` apart, all inside the image.
Loops run over channels, or over whole rows of pixels, which lie side by side.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.jit import kernel, parallel_kernel
from rosenblatt.kernels.sums import add_rows


@kernel
def _take_larger(values, codes, code, best, which):
    """Where a value exceeds the best so far (or is NaN), take it and what its code says."""
    for i in range(best.size):
        larger = values[i] > best[i] or values[i] != values[i]
        best[i] = values[i] if larger else best[i]
        which[i] = codes[i] + code if larger else which[i]


@kernel
def _max_sample(x, out, switches, size, stride):
    """Find the largest of each column of a window first, then the largest of these."""
    WO, C = out.shape[1:]
    width = x.shape[1] * C
    best, which, none = (
        np.empty(width, x.dtype),
        np.empty(width, np.uint8),
        np.zeros(width, np.uint8),
    )
    for y in range(out.shape[0]):
        best[:] = x[y * stride].reshape(-1)
        which[:] = 0
        for row in range(1, size):
            code = np.uint8(row * size)
            _take_larger(x[y * stride + row].reshape(-1), none, code, best, which)
        for p in range(WO):
            first = p * stride * C
            largest, switch = out[y, p], switches[y, p]
            largest[:] = best[first : first + C]
            switch[:] = which[first : first + C]
            for column in range(1, size):
                i = first + column * C
                code = np.uint8(column)
                _take_larger(best[i : i + C], which[i : i + C], code, largest, switch)


@kernel
def _max_gradient_sample(d_out, switches, d_x, size, stride):
    d_x[:] = 0
    for y in range(d_out.shape[0]):
        for p in range(d_out.shape[1]):
            d, switch = d_out[y, p], switches[y, p]
            for tap in range(size * size):
                target = d_x[y * stride + tap // size, p * stride + tap % size]
                for c in range(d.size):
                    target[c] += d[c] if switch[c] == tap else 0


@kernel
def _average_sample(x, out, size, stride):
    inverse = 1 / x.dtype.type(size * size)
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
    inverse = 1 / d_x.dtype.type(size * size)
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
    inverse = 1 / x.dtype.type(x.shape[0])
    for c in range(mean.size):
        mean[c] *= inverse


@kernel
def _global_average_gradient_sample(d_mean, d_x):
    inverse = 1 / d_x.dtype.type(d_x.shape[0])
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
