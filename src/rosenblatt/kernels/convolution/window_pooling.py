"""Pooling by windows of any form: rectangular, dilated, beyond the image's border.

x [N, H, W, C], out [N, HO, WO, C]. What lies outside of the image has no part in a maximum. Plain
windows, square and all inside, go to pooling.py. Of equal numbers that of the first row of the
first column counts; NaN wins. switches [N, HO, WO, C], of a type that holds row * KW + column.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution import pooling
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

SMALL = 15  # pixels a side, of windows whose switches are bytes


class Windows(NamedTuple):
    """Taps of rows and columns, strides, distances of taps, and the padding above and left."""

    KH: int
    KW: int
    down: int
    across: int
    step_y: int
    step_x: int
    above: int
    left: int


def _plain(w: Windows, shape, output) -> bool:
    """Return whether windows are square, all inside of images of `shape` [N, H, W, C]."""
    inside = all(
        (count - 1) * stride + taps <= side
        for count, stride, taps, side in zip(
            output[1:3], (w.down, w.across), (w.KH, w.KW), shape[1:3], strict=True
        )
    )
    square = w == Windows(w.KH, w.KH, w.down, w.down, 1, 1, 0, 0)
    return square and inside and w.KH <= SMALL


@kernel
def _inside(w, y, p, ky, kx, H, W):
    """Return where a tap lies in a map [H W], or -1 outside."""
    row, column = y * w.down - w.above + ky * w.step_y, p * w.across - w.left + kx * w.step_x
    if row < 0 or row >= H or column < 0 or column >= W:
        return -1
    return row * W + column


@kernel
def _max_sample(x, out, switches, w):
    (H, W, C), (HO, WO, _) = x.shape, out.shape
    pixels = x.reshape(H * W, C)
    for y in range(HO):
        for p in range(WO):
            best, codes = out[y, p], switches[y, p]
            first = True
            for kx in range(w.KW):
                for ky in range(w.KH):
                    at = _inside(w, y, p, ky, kx, H, W)
                    if at < 0:
                        continue
                    values, code = pixels[at], ky * w.KW + kx
                    for c in range(C):
                        larger = first or values[c] > best[c] or np.isnan(values[c])
                        best[c] = values[c] if larger else best[c]
                        codes[c] = code if larger else codes[c]
                    first = False


@kernel
def _max_gradient_sample(d_out, switches, d_x, w):
    d_x[:] = 0
    (H, W, C), (HO, WO, _) = d_x.shape, d_out.shape
    pixels = d_x.reshape(H * W, C)
    for y in range(HO):
        for p in range(WO):
            for c in range(C):
                code = np.intp(switches[y, p, c])
                pixels[_inside(w, y, p, code // w.KW, code % w.KW, H, W), c] += d_out[y, p, c]


@kernel
def _average_sample(x, out, shares, w):
    (H, W, C), (HO, WO, _) = x.shape, out.shape
    pixels = x.reshape(H * W, C)
    for y in range(HO):
        for p in range(WO):
            mean = out[y, p]
            mean[:] = 0
            for tap in range(w.KH * w.KW):
                at = _inside(w, y, p, tap // w.KW, tap % w.KW, H, W)
                if at >= 0:
                    values = pixels[at]
                    for c in range(C):
                        mean[c] += values[c]
            for c in range(C):
                mean[c] *= shares[y, p]


@kernel
def _average_gradient_sample(d_out, d_x, shares, w):
    d_x[:] = 0
    (H, W, C), (HO, WO, _) = d_x.shape, d_out.shape
    pixels = d_x.reshape(H * W, C)
    for y in range(HO):
        for p in range(WO):
            d = d_out[y, p]
            for tap in range(w.KH * w.KW):
                at = _inside(w, y, p, tap // w.KW, tap % w.KW, H, W)
                if at >= 0:
                    target = pixels[at]
                    for c in range(C):
                        target[c] += d[c] * shares[y, p]


@parallel_kernel
def _max_pool(x, out, switches, w):
    for n in prange(x.shape[0]):
        _max_sample(x[n], out[n], switches[n], w)


@parallel_kernel
def _max_pool_gradient(d_out, switches, d_x, w):
    for n in prange(d_x.shape[0]):
        _max_gradient_sample(d_out[n], switches[n], d_x[n], w)


@parallel_kernel
def _average_pool(x, out, shares, w):
    for n in prange(x.shape[0]):
        _average_sample(x[n], out[n], shares, w)


@parallel_kernel
def _average_pool_gradient(d_out, d_x, shares, w):
    for n in prange(d_x.shape[0]):
        _average_gradient_sample(d_out[n], d_x[n], shares, w)


def max_pool(x, w: Windows, out, out_switches):
    """Write the largest number of each window, and where in the window it was found."""
    if _plain(w, x.shape, out.shape):
        pooling.max_pool(x, out, out_switches, w.KH, w.down)
    else:
        _max_pool(x, out, out_switches, w)


def max_pool_gradient(d_out, switches, w: Windows, out_d_x):
    """Write d_out where the switches point, added where windows overlap, else 0."""
    if _plain(w, out_d_x.shape, d_out.shape):
        pooling.max_pool_gradient(d_out, switches, out_d_x, w.KH, w.down)
    else:
        _max_pool_gradient(d_out, switches, out_d_x, w)


def average_pool(x, shares, w: Windows, out):
    """Write the sum of each window over pixels of the image, times its share [HO, WO]."""
    if _plain(w, x.shape, out.shape):
        pooling.average_pool(x, out, w.KH, w.down)
    else:
        _average_pool(x, out, shares, w)


def average_pool_gradient(d_out, shares, w: Windows, out_d_x):
    """Write d_out times its window's share to each of the window's pixels, added, else 0."""
    if _plain(w, out_d_x.shape, d_out.shape):
        pooling.average_pool_gradient(d_out, out_d_x, w.KH, w.down)
    else:
        _average_pool_gradient(d_out, out_d_x, shares, w)
