"""Convolution, rectifier and maximum as one step: the full-size map never leaves the cache.

Arrays as in `dispatch.py` and `pooling.py`: x [N, H, W, C], weight
[KH, KW, C, F], out and switches [N, PH, PW, F], the windows `size` x `size` and side by side.

Forward is `direct` into a map of one sample, then the maximum: the same bits as the two apart. Of
the gradients, only the winners' products are formed (pooled_gradient.py): of 2 x 2 windows a
quarter. Where `winograd` multiplies still less, or the kernel is neither 3 nor 5 rows high, the two
steps follow each other. Shapes alone decide.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.conv_single_channel import FILTERS, grey_sample
from rosenblatt.kernels.convolution.direct import GROUPS, correlate, pack_weights, pad
from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    winograd,
)
from rosenblatt.kernels.convolution.geometry import Geometry, forward_tables, padded
from rosenblatt.kernels.convolution.max_window import largest, largest_few
from rosenblatt.kernels.convolution.pooled_gradient import (
    FLAT,
    SLIM,
    SPREAD,
    TALL,
    spread_sums,
    sum_flat,
    sum_slim,
    sum_tall,
)
from rosenblatt.kernels.convolution.pooling import max_pool, max_pool_gradient, window_taps
from rosenblatt.kernels.core.gemm import DEPTH
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.memory import copy, copy_block
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import workspace
from rosenblatt.kernels.neural.activations import relu_gradient

TABLE = 1 << 14  # elements of shifted weights that stay near the processor


def _is_grey(g: Geometry, size):
    return g.C == 1 and g.F <= FILTERS and (g.stride, size) == (1, 2) and g.KH * g.KW <= DEPTH


def _whole(count):
    return -(-count // LANES) * LANES


@kernel
def _pool_map(image, columns, out, switches, size):
    """Find the largest number of each window of a map whose pixels have whole vectors."""
    pixel, F = columns
    PH, PW, _ = out.shape
    offsets, codes = window_taps(size, pixel[0], pixel[1])
    results, found = out.reshape(-1), switches.reshape(-1)
    last = results.size - LANES
    for y in range(PH):
        for p in range(PW):
            first, at = (y * pixel[0] + p) * size * pixel[1], (y * PW + p) * F
            for c in range(0, F, LANES):
                windows = (image, first + c, offsets, codes, size * size, F - c)
                if at + c <= last:  # lanes too many are overwritten by the next window
                    largest(windows, (results, at + c), (found, at + c))
                else:
                    largest_few(windows, (results, at + c), (found, at + c))


@kernel
def _convolve_sample(x, packed, bias, outputs, tables, n, settings):
    floor, (size, HO, WO, width, scratch_rows, columns, K, padding) = settings
    scratch = np.empty(scratch_rows * columns * x.shape[3], x.dtype)
    pad(x, x[:0], n, 0, (padding, padding), scratch, (scratch_rows, columns))
    image = np.empty(HO * WO * width, x.dtype)
    correlate(scratch, tables, packed, bias, image, (HO * WO, K, width, 0), floor)
    out, switches = outputs
    _pool_map(image, ((WO, width), out.shape[3]), out[n], switches[n], size)


@kernel
def _convolve_grey_sample(x, packed, bias, outputs, taps, n, settings):
    floor, (scratch_rows, columns, K, padding) = settings
    out, switches = outputs
    _, PH, PW, F = out.shape
    scratch = np.empty((scratch_rows + 1) * columns + LANES, x.dtype)
    pad(x, x[:0], n, 0, (padding, padding), scratch, (scratch_rows, columns))
    count, room = PH * PW * F, (LANES // 2 + 1) * LANES
    values, codes = np.empty(count + room, x.dtype), np.empty(count + room, np.uint8)
    grey_sample(scratch, (taps, K), (packed, bias, floor), (columns, PH, PW, F), values, codes)
    copy(values, 0, out.reshape(-1), n * count, count)
    copy(codes, 0, switches.reshape(-1), n * count, count)


@parallel_kernel
def _convolve_grey(x, weight, bias, taps, extent, floor, out, out_switches):
    packed = weight.reshape(-1)
    for n in prange(x.shape[0]):
        _convolve_grey_sample(
            x, packed, bias, (out, out_switches), taps, np.intp(n), (floor, extent)
        )


@parallel_kernel
def _convolve(x, weight, bias, tables, extent, floor, out, out_switches):
    packed = pack_weights(weight)
    for n in prange(x.shape[0]):
        _convolve_sample(x, packed, bias, (out, out_switches), tables, np.intp(n), (floor, extent))


def convolve_pool(x, weight, bias, g: Geometry, size, floor, out, out_switches):
    """Write out = max over windows of max(floor, x * weight + bias), and where it was found."""
    (HO, WO), N = g.output, len(x)
    if winograd.pays(g, N):
        image = workspace("map", N * HO * WO * g.F, x.dtype)[: N * HO * WO * g.F]
        image = image.reshape(N, HO, WO, g.F)
        convolve(x, weight, bias, image, g.stride, g.padding, floor)
        max_pool(image, out, out_switches, size, size)
        return
    width = _whole(g.F)
    if width > g.F:  # filters of zeros fill up the last vector
        filled = np.zeros((g.KH, g.KW, g.C, width), x.dtype)
        filled[..., : g.F] = weight
        weight, bias = filled, np.concatenate([bias, np.zeros(width - g.F, x.dtype)])
    tables = forward_tables(g._replace(F=width), whole=True)
    settings = (*tables.extent[2:], g.KH * g.KW * g.C, g.padding)
    if _is_grey(g, size):
        taps = tables.indices[0]
        _convolve_grey(x, weight, bias, taps, settings, x.dtype.type(floor), out, out_switches)
        return
    extent = (size, HO, WO, width, *settings)
    _convolve(x, weight, bias, tables.indices, extent, x.dtype.type(floor), out, out_switches)


@lru_cache(maxsize=256)
def _places(g: Geometry, size, columns):
    """Return where windows begin in a padded sample, and how far from there each winner lies."""
    PH, PW = g.output[0] // size, g.output[1] // size
    step = g.stride * g.C
    bases = (np.arange(PH)[:, None] * columns + np.arange(PW)) * size * step
    shifts = (np.arange(size)[:, None] * columns + np.arange(size)) * step
    return padded(bases), padded(shifts)


@kernel
def _tile(KH, KW, C):
    """Return rows and vectors of the tile of sums for kernels of 5 or 3 rows."""
    if FLAT[0] == KH:
        return FLAT
    return SLIM if KW * C <= LANES else TALL


@kernel
def _weight_gradient_group(x, winners, partial, places, samples, settings):
    """Add the samples of one group into partial [blocks, F, vectors of a tile and one more]."""
    d, out, switches, closed = winners
    scratch_rows, columns, padding, R, V, blocks = settings
    (_, PH, PW, F), C = d.shape, x.shape[3]
    pixels = PH * PW
    room, apart = (R * V + 1) * LANES, V * LANES
    scratch = np.empty(scratch_rows * columns * C + blocks * apart, x.dtype)
    flat = (d.reshape(-1), out.reshape(-1), switches.reshape(-1))
    partial[:] = 0
    for n in range(samples[0], samples[1]):
        pad(x, x[:0], n, 0, (padding, padding), scratch, (scratch_rows, columns))
        for block in range(blocks):
            source = (scratch[block * apart :], columns * C)
            for f in range(F):
                won = (flat[0], flat[1], flat[2], n * pixels * F + f, F, pixels, closed)
                target = (partial, (block * F + f) * room)
                if SLIM[1] == V:
                    sum_slim(source, won, places, target)
                elif TALL[1] == V:
                    sum_tall(source, won, places, target)
                else:
                    sum_flat(source, won, places, target)


@kernel
def _add_groups(partials, d_weight, d_bias, row):
    """Sum the groups in their order, for the weights of kernel row `row`; the last is the bias."""
    KH, KW, C, F = d_weight.shape
    R, V = _tile(KH, KW, C)
    room, lanes = (R * V + 1) * LANES, V * LANES
    for f in range(F):
        if row == KH:
            total = d_bias.dtype.type(0)
            for g in range(partials.shape[0]):
                total += partials[g, f * room + room - LANES]
            d_bias[f] = total
            continue
        for i in range(KW * C):
            at = (i // lanes * F + f) * room + row * lanes + i % lanes
            total = d_weight.dtype.type(0)
            for g in range(partials.shape[0]):
                total += partials[g, at]
            d_weight[row, i // C, i % C, f] = total


@parallel_kernel
def _weight_gradient(x, passed, closed, gradients, partials, places, settings):
    d, out, switches = passed
    N, groups = x.shape[0], partials.shape[0]
    for g in prange(groups):
        group = np.intp(g)
        samples = (N * group // groups, N * (group + 1) // groups)
        winners = (d, out, switches, closed)
        _weight_gradient_group(x, winners, partials[g], places, samples, settings)
    d_weight, d_bias = gradients
    for row in prange(d_weight.shape[0] + 1):
        _add_groups(partials, d_weight, d_bias, np.intp(row))


def pooled_weight_gradient(x, passed, g: Geometry, size, floor, out_d_weight, out_d_bias):
    """Write the gradients to weight and bias; passed = (d_output, output, switches).

    Sums run over the samples of each group in order, then over the groups in order.
    """
    if g.KH not in (TALL[0], FLAT[0]):
        d_map = _spread(passed, g, size, floor)
        convolution_weight_gradient(x, d_map, None, out_d_weight, out_d_bias, g.stride, g.padding)
        return
    (R, V), extent = _tile(g.KH, g.KW, g.C), forward_tables(g, whole=True).extent
    blocks = -(-g.KW * g.C // (V * LANES))
    count = blocks * g.F * (R * V + 1) * LANES
    groups = min(GROUPS, len(x))
    partials = workspace("groups", groups * count, x.dtype)[: groups * count]
    settings = (*extent[2:], g.padding, R, V, blocks)
    _weight_gradient(
        x, passed, _closed(floor, x.dtype), (out_d_weight, out_d_bias),
        partials.reshape(groups, count), _places(g, size, extent[3]), settings,
    )  # fmt: skip


def _closed(floor, dtype):
    """Return the output up to which no gradient passes: NaN, hence none, without a rectifier."""
    return dtype.type(floor if floor > -np.inf else np.nan)


def _spread(passed, g: Geometry, size, floor):
    """Return the gradient of the full-size map, in memory that the next call uses again."""
    d, out, switches = passed
    if floor > -np.inf:
        gated = workspace("gated", d.size, d.dtype)[: d.size]
        relu_gradient(out.reshape(-1), d.reshape(-1), gated)
        d = gated.reshape(d.shape)
    count = len(d) * g.output[0] * g.output[1] * g.F
    d_map = workspace("map", count, d.dtype)[:count].reshape(len(d), *g.output, g.F)
    max_pool_gradient(d, switches, d_map, size, size)
    return d_map


@kernel
def _shifted_weights(weight, size, rows, lanes):
    """Return [F, size, rows, lanes]: the patch below a window, for each column of its winner.

    Rows of zeros above and below stand for the winner's row: the patch of one further down begins
    one row earlier.
    """
    KH, KW, C, F = weight.shape
    table = np.zeros((F, size, rows, lanes), weight.dtype)
    for f in range(F):
        for column in range(size):
            for y in range(KH):
                for i in range(KW * C):
                    value = weight[y, i // C, i % C, f]
                    table[f, column, y + size - 1, column * C + i] = value
    return table.reshape(-1)


@kernel
def _input_gradient_sample(winners, table, out_d_x, tables, n, settings):
    d, out, switches, closed = winners
    bases, shifts, offsets = tables
    (rows, columns, padding), (apart, lanes) = settings
    (_, PH, PW, F), (_, H, W, C) = d.shape, out_d_x.shape
    flat = (d.reshape(-1), out.reshape(-1), switches.reshape(-1))
    target = np.zeros(rows * columns * C + lanes, d.dtype)
    for v in range(0, offsets.size, SPREAD):
        source = (table, v * LANES, apart, shifts)
        for p in range(PH * PW):
            won = (flat[0], flat[1], flat[2], (n * PH * PW + p) * F, 1, F, closed)
            spread_sums(source, won, (target, bases[p], offsets, v))
    copy_block(
        target, (padding * columns + padding) * C, columns * C, out_d_x.reshape(-1), n * H * W * C,
        W * C, (H, W * C),
    )  # fmt: skip


@parallel_kernel
def _input_gradient(passed, closed, weight, tables, shape, extent, out_d_x):
    size, rows, lanes = shape
    table = _shifted_weights(weight, size, rows, lanes)
    d, out, switches = passed
    for n in prange(out_d_x.shape[0]):
        winners, settings = (d, out, switches, closed), (extent, (size * rows * lanes, lanes))
        _input_gradient_sample(winners, table, out_d_x, tables, np.intp(n), settings)


class Patch(NamedTuple):
    """The patch of x below a window, in vectors: `lanes` a row, `rows` of a table of weights."""

    lanes: int
    rows: int
    vectors: int  # of the patch, filled up to whole groups

    @classmethod
    def of(cls, g: Geometry, size: int) -> "Patch":
        lanes = _whole((g.KW + size - 1) * g.C)
        seen = (g.KH + size - 1) * lanes // LANES
        vectors = -(-seen // SPREAD) * SPREAD
        beyond = -(-(vectors - seen) * LANES // lanes)
        return cls(lanes, g.KH + 2 * (size - 1) + beyond, vectors)


@lru_cache(maxsize=256)
def _spread_tables(g: Geometry, size):
    """Return where a patch begins, where its weights do, and where each of its vectors goes."""
    patch, columns = Patch.of(g, size), g.W + 2 * g.padding
    row, column = np.arange(size)[:, None], np.arange(size)
    shifts = (size - 1 - row) * patch.lanes + column * patch.rows * patch.lanes
    at = np.arange((g.KH + size - 1) * patch.lanes)[::LANES]
    offsets = at // patch.lanes * columns * g.C + at % patch.lanes
    offsets = np.pad(offsets, (0, patch.vectors - offsets.size), "edge")  # zeros are added there
    return _places(g, size, columns)[0], shifts.reshape(-1).astype(np.intp), offsets.astype(np.intp)


def pooled_input_gradient(passed, weight, g: Geometry, size, floor, out_d_x):
    """Write the gradient to x; passed = (d_output, output, switches)."""
    patch = Patch.of(g, size)
    if g.stride != 1 or g.F * size * patch.rows * patch.lanes > TABLE:
        d_map = _spread(passed, g, size, floor)
        convolution_input_gradient(d_map, None, weight, out_d_x, g.stride, g.padding)
        return
    extent = (g.H + 2 * g.padding, g.W + 2 * g.padding, g.padding)
    shape, tables = (size, patch.rows, patch.lanes), _spread_tables(g, size)
    _input_gradient(passed, _closed(floor, weight.dtype), weight, tables, shape, extent, out_d_x)
