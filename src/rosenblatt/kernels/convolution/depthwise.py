"""Convolution of each channel by itself, F / C filters a channel (Howard et al. 2017, section 3.1).

A sample, or some channels of it, is padded in a scratch array, and run through the tiles of
depthwise_tile.py by the tables of geometry.py, as `direct.py` runs its own: all channels of a few
places before the next, so that what neighbours share is in the cache. x [N, H, W, C], weight
[KH, KW, 1, F].
"""

from functools import lru_cache, partial

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.depthwise_tile import ROWS, tile, wide_tile
from rosenblatt.kernels.convolution.geometry import (
    Frame,
    Geometry,
    Tables,
    Weights,
    backward_tables,
    forward_tables,
)
from rosenblatt.kernels.core.capture import do
from rosenblatt.kernels.core.copying import copy, rectify
from rosenblatt.kernels.core.gemm import arithmetic_table
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import add_rows
from rosenblatt.kernels.core.tile import NARROW_ROWS, PAIRED, WIDE
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import aligned

GROUPS = 8  # of samples, each with its own partial sum of the weights' gradient
SCRATCH = 1 << 17  # elements of a padded sample, 512 KiB of float32, or else some of its channels


@kernel
def _channels(frame, C):
    """Return how many channels of a sample are looked at together."""
    parts = (frame.rows * frame.columns * C + SCRATCH - 1) // SCRATCH
    return min(C, ((C + parts - 1) // parts + WIDE - 1) // WIDE * WIDE)


@lru_cache(maxsize=256)
def _tables(g: Geometry):
    """Return tables and frame forward, frame and phases backward."""
    one = g._replace(C=1, F=1, groups=1)
    tables, share = forward_tables(one, whole=True)
    frame, phases = backward_tables(one)
    wide = [(numbers, _widened(tables, frame, g.F)) for numbers, tables in phases]
    return _widened(tables, share.frame, g.F), share.frame, frame, wide


def _widened(tables: Tables, frame: Frame, F) -> Tables:
    apart = _channels(frame, F)
    return Tables(tables.taps * apart, tables.places * apart, tables.rows * F)


@kernel
def _frame(image, gate, n, channels, frame, out_scratch):
    """Fill the scratch [rows, columns, most] with channels (begin, end, most) of sample n.

    Zeros where there is no image and, unless `gate` is empty, where the gate is not above zero.
    """
    _, H, W, C = image.shape
    flat, opened, (c, end, most) = image.reshape(-1), gate.reshape(-1), channels
    first, last = max(0, -frame.above), min(H, frame.rows - frame.above)
    width, run = max(0, min(W, frame.columns - frame.left)), end - c
    if (last - first) * width < frame.rows * frame.columns:
        out_scratch[:] = 0
    steps, count = (1, width * C) if most == C else (width, run)
    for y in range(first, last):
        for x in range(steps):
            source = ((n * H + y) * W + x) * C + c
            target = ((y + frame.above) * frame.columns + frame.left + x) * most
            copy(flat, source, out_scratch, target, count)
            if opened.size > 0:
                rectify(out_scratch, target, opened, source, count)


@kernel
def _run_tiles(x, places, taps, w, start, out, floor):
    """Run the tiles side by side over all columns of `out`."""
    array, rows, row, first, width = out
    c = 0
    while c < width:
        seen, weights = (x, c), (w[0], w[1] + c, w[2])
        begin, target = (start[0], start[1] + c, start[2]), (array, rows, row, first + c, width - c)
        if PAIRED and width - c >= WIDE:
            wide_tile(seen, places, taps, weights, begin, target, floor)
            c += WIDE
        else:
            tile(seen, places, taps, weights, begin, target, floor)
            c += LANES


@kernel
def _correlate_task(image, gate, weights, tables, frame, task, out):
    _, HO, WO, C = out.shape
    most = _channels(frame, C)
    blocks = (C + most - 1) // most
    n, c = task // blocks, task % blocks * most
    end = min(C, c + most)
    K, count = tables.taps.size - NARROW_ROWS, tables.places.size - NARROW_ROWS
    scratch = np.empty(frame.rows * frame.columns * most + LANES, image.dtype)
    _frame(image, gate, n, (c, end, most), frame, scratch)
    for p in range(0, count, ROWS):
        _run_tiles(
            scratch, (tables.places, p), (tables.taps, K), (weights.packed, c, C),
            (weights.bias, c, 0), (out.reshape(-1), tables.rows, p, n * HO * WO * C + c, end - c),
            weights.floor,
        )  # fmt: skip


@parallel_kernel
def _correlate(image, gate, weights, tables, frame, out):
    """Run all taps over all places of the framed image."""
    most = _channels(frame, out.shape[3])
    for task in prange(out.shape[0] * ((out.shape[3] + most - 1) // most)):
        _correlate_task(image, gate, weights, tables, frame, np.intp(task), out)


def _repeated(x, g: Geometry):
    """Return x with each channel as often as it has filters."""
    if g.F == g.C:
        return x
    repeated = aligned((*x.shape[:3], g.F), x.dtype)
    do(np.copyto, repeated.reshape(*x.shape, -1), x[..., None])
    return repeated


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    tables, frame, _, _ = _tables(g)
    weights = Weights(weight.reshape(-1), bias, x.dtype.type(floor))
    _correlate(_repeated(x, g), x[:0], weights, tables, frame, out)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: for each phase of the stride, a correlation with its taps."""
    rows, (_, _, frame, phases) = weight.reshape(-1, g.F), _tables(g)
    several, dtype = g.F > g.C, d_output.dtype
    out = aligned((*d_x.shape[:3], g.F), dtype) if several else d_x
    if not all(numbers.size for numbers, _ in phases):
        do(out.fill, 0)  # some pixels no window covers
    for numbers, tables in phases:
        taps = aligned((numbers.size, g.F), dtype)
        do(partial(np.take, axis=0, out=taps, mode="clip"), rows, numbers)
        weights = Weights(taps.reshape(-1), np.zeros(g.F, dtype), dtype.type(-np.inf))
        _correlate(d_output, gate, weights, tables, frame, out)
    if several:
        do(partial(np.sum, axis=4, out=d_x), out.reshape(*d_x.shape, -1))


@kernel
def _group_gradient(x, d_output, gate, tables, frame, samples, out_partial):
    """Write the gradients of samples (begin, end): to the weights [K, F], then to the bias [F]."""
    _, HO, WO, F = d_output.shape
    K, count, most = tables.taps.size - NARROW_ROWS, HO * WO, _channels(frame, F)
    seen = np.empty(frame.rows * frame.columns * most + LANES, x.dtype)
    d, sums = np.empty(count * most + LANES, x.dtype), np.empty(most, x.dtype)
    rows = arithmetic_table(np.empty(K + ROWS, np.intp), K, F)
    out_partial[:] = 0
    for n in range(samples[0], samples[1]):
        for c in range(0, F, most):
            end = min(F, c + most)
            _frame(x, gate[:0], n, (c, end, most), frame, seen)
            _frame(d_output, gate, n, (c, end, most), Frame(HO, WO, 0, 0), d)
            sums[:] = 0
            add_rows(d[: count * most].reshape(count, most), sums)
            for j in range(end - c):
                out_partial[K * F + c + j] += sums[j]
            for k in range(0, K, ROWS):
                _run_tiles(
                    seen, (tables.taps, k), (tables.places, count), (d, 0, most),
                    (out_partial, c, 1), (out_partial, rows, k, c, end - c), x.dtype.type(-np.inf),
                )  # fmt: skip


@parallel_kernel
def _weight_gradient(x, d_output, gate, tables, frame, partials):
    groups, N = partials.shape[0], x.shape[0]
    for task in prange(groups):
        i = np.intp(task)
        samples = (N * i // groups, N * (i + 1) // groups)
        _group_gradient(x, d_output, gate, tables, frame, samples, partials[i])


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias.

    Sums run over the samples of each group in order, then over the groups in order.
    """
    tables, frame, _, _ = _tables(g)
    partials = aligned((min(GROUPS, len(x)), d_weight.size + d_bias.size), x.dtype)
    _weight_gradient(_repeated(x, g), d_output, gate, tables, frame, partials)
    total = np.empty(partials.shape[1], x.dtype)
    do(total.fill, 0)
    add_rows(partials, total)
    do(np.copyto, d_weight.reshape(-1), total[: d_weight.size])
    do(np.copyto, d_bias, total[d_weight.size :])
