"""Pooling: the largest or the mean number of each window, channel by channel.

x [N, H, W, C], out [N, HO, WO, C]; windows of size x size, `stride` apart, all inside the image.
Channels lie side by side: loops over them run in vectors.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.max_window import (
    Window,
    largest,
    largest_few,
    spread,
    spread_few,
)
from rosenblatt.kernels.core.copying import Run
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import add_rows
from rosenblatt.kernels.core.vectors import LANES


@kernel
def window_taps(size, W, C):
    """Return where the pixels of a window lie, and their codes: column after column."""
    offsets, codes = np.empty(size * size, np.intp), np.empty(size * size, np.intp)
    for t in range(size * size):
        row, column = t % size, t // size
        offsets[t] = (row * W + column) * C
        codes[t] = row * size + column
    return offsets, codes


@kernel
def _max_sample(x, out, switches, size, stride):
    """Find the largest number of each window."""
    (_, W, C), (HO, WO, _) = x.shape, out.shape
    offsets, codes = window_taps(size, W, C)
    flat, results, found = x.reshape(-1), out.reshape(-1), switches.reshape(-1)
    for y in range(HO):
        for p in range(WO):
            first, at = (y * W + p) * stride * C, (y * WO + p) * C
            for c in range(0, C, LANES):
                window = Window(flat, first + c, offsets, codes, size * size, C - c)
                if C - c >= LANES:
                    largest(window, Run(results, at + c), Run(found, at + c))
                else:
                    largest_few(window, Run(results, at + c), Run(found, at + c))


@kernel
def _spread_sample(d_out, switches, d_x, size):
    """Write the gradient of windows that lie side by side."""
    (H, W, C), (HO, WO, _) = d_x.shape, d_out.shape
    if HO * size < H or WO * size < W:
        d_x[:] = 0  # also what no window covers
    offsets, codes = window_taps(size, W, C)
    flat, results, found = d_x.reshape(-1), d_out.reshape(-1), switches.reshape(-1)
    for y in range(HO):
        for p in range(WO):
            first, at = (y * W + p) * size * C, (y * WO + p) * C
            for c in range(0, C, LANES):
                window = Window(flat, first + c, offsets, codes, size * size, C - c)
                if C - c >= LANES:
                    spread(window, Run(results, at + c), Run(found, at + c))
                else:
                    spread_few(window, Run(results, at + c), Run(found, at + c))


@kernel
def _max_gradient_sample(d_out, switches, d_x, size, stride):
    if stride == size:
        _spread_sample(d_out, switches, d_x, size)
        return
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
