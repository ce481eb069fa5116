"""Convolution of each channel by itself, F / C filters a channel (Howard et al. 2017, section 3.1).

8 channels at a time are taken out of a sample, padded, and run through the tile of
depthwise_tile.py by the tables of geometry.py, as `direct.py` runs its own. x [N, H, W, C],
weight [KH, KW, 1, F].
"""

from functools import lru_cache

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.depthwise_tile import ROWS, take, tile
from rosenblatt.kernels.convolution.geometry import (
    Geometry,
    Tables,
    backward_tables,
    forward_tables,
)
from rosenblatt.kernels.core.gemm import arithmetic_table
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.kernels.core.tile import NARROW_ROWS
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import workspace
from rosenblatt.kernels.neural.activations import relu_gradient

GROUPS = 8  # of samples, each with its own partial sum of the weights' gradient


@lru_cache(maxsize=256)
def _tables(g: Geometry):
    """Return tables and frame forward, frame and phases backward, in vectors of 8 channels."""
    one = g._replace(C=1, F=1, groups=1)
    tables, share = forward_tables(one, whole=True)
    frame, phases = backward_tables(one)
    wide = [(numbers, _widened(tables, g.F)) for numbers, tables in phases]
    return _widened(tables, g.F), share.frame, frame, wide


def _widened(tables: Tables, channels) -> Tables:
    return Tables(tables.taps * LANES, tables.places * LANES, tables.rows * channels)


@kernel
def _frame(image, n, c, frame, out_scratch):
    """Fill the scratch [rows, columns, 8] with 8 channels of a sample and its padding."""
    _, H, W, C = image.shape
    flat = image.reshape(-1)
    first, last = max(0, -frame.above), min(H, frame.rows - frame.above)
    width = min(W, frame.columns - frame.left)
    if (last - first) * width < frame.rows * frame.columns:
        out_scratch[:] = 0
    for y in range(first, last):
        source = (n * H + y) * W * C + c
        target = ((y + frame.above) * frame.columns + frame.left) * LANES
        for x in range(width):
            take(flat, source + x * C, C - c, out_scratch, target + x * LANES)


@kernel
def _packed(rows):
    """Return a matrix [K, C] as runs of 8 columns, filled up with zeros."""
    K, C = rows.shape
    packed = np.empty((C + LANES - 1) // LANES * K * LANES, rows.dtype)
    for c in range(0, C, LANES):
        for k in range(K):
            take(rows.reshape(-1), k * C + c, C - c, packed, (c * K) + k * LANES)
    return packed


@kernel
def _correlate_task(image, packed, starts, tables, frame, floor, task, out):
    _, HO, WO, C = out.shape
    blocks = (C + LANES - 1) // LANES
    n, c = task // blocks, task % blocks * LANES
    K, count = tables.taps.size - NARROW_ROWS, tables.places.size - NARROW_ROWS
    scratch = np.empty(frame.rows * frame.columns * LANES, image.dtype)
    _frame(image, n, c, frame, scratch)
    for p in range(0, count, ROWS):
        tile(
            scratch, (tables.places, p), (tables.taps, K), (packed, c * K), (starts, c, 0),
            (out.reshape(-1), tables.rows, p, n * HO * WO * C + c, C - c), floor,
        )  # fmt: skip


@parallel_kernel
def _correlate(image, weights, bias, tables, frame, floor, out):
    """Run all taps over all places of the framed image, 8 channels of a sample a task."""
    packed, starts = _packed(weights), _packed(bias.reshape(1, -1))
    for task in prange(out.shape[0] * ((out.shape[3] + LANES - 1) // LANES)):
        _correlate_task(image, packed, starts, tables, frame, floor, np.intp(task), out)


def _repeated(x, g: Geometry):
    """Return x with each channel as often as it has filters."""
    return x if g.F == g.C else np.repeat(x, g.F // g.C, axis=3)


def _gated(d_output, gate):
    """Return the gradient that passes the rectifier, in memory that the next call uses again."""
    if not gate.size:
        return d_output
    passed = workspace("gated", d_output.size, d_output.dtype)[: d_output.size]
    relu_gradient(gate.reshape(-1), d_output.reshape(-1), passed)
    return passed.reshape(d_output.shape)


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    tables, frame, _, _ = _tables(g)
    floor = x.dtype.type(floor)
    _correlate(_repeated(x, g), weight.reshape(-1, g.F), bias, tables, frame, floor, out)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x: for each phase of the stride, a correlation with its taps."""
    d, weights, (_, _, frame, phases) = _gated(d_output, gate), weight.reshape(-1, g.F), _tables(g)
    several = g.F > g.C
    out = np.empty((*d_x.shape[:3], g.F), d.dtype) if several else d_x
    if not all(numbers.size for numbers, _ in phases):
        out[...] = 0  # some pixels no window covers
    zeros, unbounded = np.zeros(g.F, d.dtype), d.dtype.type(-np.inf)
    for numbers, tables in phases:
        _correlate(d, weights[numbers], zeros, tables, frame, unbounded, out)
    if several:
        d_x[...] = out.reshape(*d_x.shape, -1).sum(4)


@kernel
def _group_gradient(x, d_output, tables, frame, samples, out_partial):
    """Write the gradients of samples (begin, end) to the weights [blocks, K, 8]."""
    _, HO, WO, C = d_output.shape
    K, count = tables.taps.size - NARROW_ROWS, HO * WO
    scratch = np.empty(frame.rows * frame.columns * LANES, x.dtype)
    packed = np.empty(count * LANES, x.dtype)
    rows = arithmetic_table(np.empty(K + ROWS, np.intp), K, LANES)
    out_partial[:] = 0
    for n in range(samples[0], samples[1]):
        for c in range(0, C, LANES):  # of one sample, that it stays in the cache
            sums = out_partial[c // LANES].reshape(-1)
            _frame(x, n, c, frame, scratch)
            for p in range(count):
                first = (n * count + p) * C + c
                take(d_output.reshape(-1), first, C - c, packed, p * LANES)
            for k in range(0, K, ROWS):
                tile(
                    scratch, (tables.taps, k), (tables.places, count), (packed, 0),
                    (sums, 0, 1), (sums, rows, k, 0, LANES), x.dtype.type(-np.inf),
                )  # fmt: skip


@kernel
def _add_groups(partials, out_d_weight):
    """Sum the groups' partial sums in their order."""
    out_d_weight[:] = 0
    for i in range(partials.shape[0]):
        for c in range(out_d_weight.shape[1]):
            partial, lane = partials[i, c // LANES], c % LANES
            for k in range(out_d_weight.shape[0]):
                out_d_weight[k, c] += partial[k, lane]


@parallel_kernel
def _weight_gradient(x, d_output, tables, frame, partials, out_d_weight):
    groups, N = partials.shape[0], x.shape[0]
    for task in prange(groups):
        i = np.intp(task)
        samples = (N * i // groups, N * (i + 1) // groups)
        _group_gradient(x, d_output, tables, frame, samples, partials[i])
    _add_groups(partials, out_d_weight)


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias.

    Sums run over the samples of each group in order, then over the groups in order.
    """
    (tables, frame, _, _), d = _tables(g), _gated(d_output, gate)
    partials = np.empty((min(GROUPS, len(x)), -(-g.F // LANES), g.KH * g.KW, LANES), x.dtype)
    _weight_gradient(_repeated(x, g), d, tables, frame, partials, d_weight.reshape(-1, g.F))
    column_sums(d.reshape(-1, g.F), d_bias)
