"""Convolution, rectifier and maximum as one step: the full-size map never leaves the cache.

Arrays as in `dispatch.py`: x [N, H, W, C], weight [KH, KW, C, F], output and switches
[N, PH, PW, F], the windows `size` x `size` and side by side.

Forward is `direct` into a map of one sample, then the maximum: the same bits as the two apart. Of
the gradients, only the winners' products are formed (pooled_gradient.py): of 2 x 2 windows a
quarter.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.direct import (
    GROUPS,
    correlate,
    fill_vector,
    pack_weights,
    pad,
)
from rosenblatt.kernels.convolution.geometry import Frame, Geometry, Weights, forward_tables, padded
from rosenblatt.kernels.convolution.max_window import Window, largest, largest_few
from rosenblatt.kernels.convolution.pooled_gradient import (
    FLAT,
    SLIM,
    SPREAD,
    TALL,
    Places,
    Shifted,
    Vectors,
    Winners,
    spread_sums,
    sum_flat,
    sum_slim,
    sum_tall,
)
from rosenblatt.kernels.convolution.pooling import window_taps
from rosenblatt.kernels.core.copying import Block, Run, copy_block
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.vectors import LANES
from rosenblatt.kernels.core.workspace import workspace

NEAR, FAR = 1 << 14, 1 << 17  # elements of shifted weights that stay in the first, second cache


class FullMap(NamedTuple):
    """The map of one sample before the maximum, and the side of the windows."""

    height: int
    width: int
    size: int


class Maxima(NamedTuple):
    """What the forward pass found and the gradient that came back, all [N, PH, PW, F].

    closed: no gradient passes where the output is not above it; NaN without a rectifier, so that
    all passes.
    """

    d_output: np.ndarray
    output: np.ndarray
    switches: np.ndarray
    closed: np.floating


def maxima(d_output, output, switches, floor) -> Maxima:
    """Return the Maxima of a step whose rectifier, if any, had this floor."""
    closed = floor if floor > -np.inf else np.nan
    return Maxima(d_output, output, switches, d_output.dtype.type(closed))


@kernel
def _pool_map(image, pixel, shape, out, switches):
    """Find the largest number of each window of a map whose pixels have `pixel` elements."""
    PH, PW, F = out.shape
    size = shape.size
    offsets, codes = window_taps(size, shape.width, pixel)
    results, found = out.reshape(-1), switches.reshape(-1)
    last = results.size - LANES
    for y in range(PH):
        for p in range(PW):
            first, at = (y * shape.width + p) * size * pixel, (y * PW + p) * F
            for c in range(0, F, LANES):
                window = Window(image, first + c, offsets, codes, size * size, F - c)
                if at + c <= last:  # lanes too many are overwritten by the next window
                    largest(window, Run(results, at + c), Run(found, at + c))
                else:
                    largest_few(window, Run(results, at + c), Run(found, at + c))


@kernel
def _convolve_sample(x, weights, tables, frame, shape, n, out, out_switches):
    scratch = np.empty(frame.rows * frame.columns * x.shape[3], x.dtype)
    pad(x, x[:0], n, 0, frame, scratch)
    pixel = weights.bias.size
    image = np.empty(shape.height * shape.width * pixel, x.dtype)
    correlate(scratch, tables, weights.packed, weights.bias, weights.floor, 0, image)
    _pool_map(image, pixel, shape, out[n], out_switches[n])


@parallel_kernel
def _convolve(x, weight, bias, tables, frame, shape, floor, out, out_switches):
    weights = Weights(pack_weights(weight), bias, floor)
    for n in prange(x.shape[0]):
        _convolve_sample(x, weights, tables, frame, shape, np.intp(n), out, out_switches)


def convolve_pool(x, weight, bias, g: Geometry, size, floor, out, out_switches):
    """Write out = max over windows of max(floor, x * weight + bias), and where it was found."""
    weight, bias = fill_vector(weight, bias)
    tables, share = forward_tables(g._replace(F=len(bias)), whole=True)
    shape, floor = FullMap(*g.output, size), x.dtype.type(floor)
    _convolve(x, weight, bias, tables, share.frame, shape, floor, out, out_switches)


@lru_cache(maxsize=256)
def _places(g: Geometry, size, columns) -> Places:
    PH, PW = g.output[0] // size, g.output[1] // size
    step = g.stride * g.C
    bases = (np.arange(PH)[:, None] * columns + np.arange(PW)) * size * step
    shifts = (np.arange(size)[:, None] * columns + np.arange(size)) * step
    return Places(padded(bases), padded(shifts))


class Tile(NamedTuple):
    """The tile of sums of a weight gradient: rows and vectors, and how many side by side."""

    rows: int
    vectors: int
    blocks: int

    @classmethod
    def of(cls, g: Geometry) -> "Tile":
        rows, vectors = FLAT if FLAT[0] == g.KH else SLIM if g.KW * g.C <= LANES else TALL
        return cls(rows, vectors, -(-g.KW * g.C // (vectors * LANES)))


@kernel
def _weight_gradient_group(x, found, places, frame, tile, samples, out_partial):
    """Add samples (begin, end) into a partial sum [blocks, F, vectors of a tile and one more]."""
    (_, PH, PW, F), C = found.output.shape, x.shape[3]
    pixels, apart = PH * PW, tile.vectors * LANES
    room = (tile.rows * tile.vectors + 1) * LANES
    scratch = np.empty(frame.rows * frame.columns * C + tile.blocks * apart, x.dtype)
    d, out = found.d_output.reshape(-1), found.output.reshape(-1)
    switches = found.switches.reshape(-1)
    out_partial[:] = 0
    for n in range(samples[0], samples[1]):
        pad(x, x[:0], n, 0, frame, scratch)
        for block in range(tile.blocks):
            source = Block(scratch, block * apart, frame.columns * C)
            for f in range(F):
                first = n * pixels * F + f
                winners = Winners(d, out, switches, first, F, pixels, found.closed)
                target = Run(out_partial, (block * F + f) * room)
                if SLIM[1] == tile.vectors:
                    sum_slim(source, winners, places, target)
                elif TALL[1] == tile.vectors:
                    sum_tall(source, winners, places, target)
                else:
                    sum_flat(source, winners, places, target)


@kernel
def _add_groups(partials, tile, row, out_d_weight, out_d_bias):
    """Sum the groups in their order, for the weights of kernel row `row`; the last is the bias."""
    KH, KW, C, F = out_d_weight.shape
    room, lanes = (tile.rows * tile.vectors + 1) * LANES, tile.vectors * LANES
    for f in range(F):
        if row == KH:
            total = out_d_bias.dtype.type(0)
            for g in range(partials.shape[0]):
                total += partials[g, f * room + room - LANES]
            out_d_bias[f] = total
            continue
        for i in range(KW * C):
            at = (i // lanes * F + f) * room + row * lanes + i % lanes
            total = out_d_weight.dtype.type(0)
            for g in range(partials.shape[0]):
                total += partials[g, at]
            out_d_weight[row, i // C, i % C, f] = total


@parallel_kernel
def _weight_gradient(x, found, places, frame, tile, partials, out_d_weight, out_d_bias):
    N, groups = x.shape[0], partials.shape[0]
    for g in prange(groups):
        group = np.intp(g)
        samples = (N * group // groups, N * (group + 1) // groups)
        _weight_gradient_group(x, found, places, frame, tile, samples, partials[g])
    for row in prange(out_d_weight.shape[0] + 1):
        _add_groups(partials, tile, np.intp(row), out_d_weight, out_d_bias)


def takes_weight_gradient(g: Geometry) -> bool:
    """Say whether `weight_gradient` has a tile for kernels of so many rows."""
    return g.square and g.KH in (TALL[0], FLAT[0])


def weight_gradient(x, found: Maxima, g: Geometry, size, out_d_weight, out_d_bias):
    """Write the gradients to weight and bias.

    Sums run over the samples of each group in order, then over the groups in order.
    """
    tile, frame = Tile.of(g), forward_tables(g, whole=True)[1].frame
    count = tile.blocks * g.F * (tile.rows * tile.vectors + 1) * LANES
    groups = min(GROUPS, len(x))
    partials = workspace("groups", groups * count, x.dtype)[: groups * count]
    partials, places = partials.reshape(groups, count), _places(g, size, frame.columns)
    _weight_gradient(x, found, places, frame, tile, partials, out_d_weight, out_d_bias)


class Patch(NamedTuple):
    """The patch of x below a window, in vectors: `lanes` a row, `rows` of a table of weights."""

    size: int  # of the window
    lanes: int
    rows: int
    vectors: int  # of the patch, filled up to whole groups

    @classmethod
    def of(cls, g: Geometry, size: int) -> "Patch":
        lanes = -(-(g.KW + size - 1) * g.C // LANES) * LANES
        seen = (g.KH + size - 1) * lanes // LANES
        vectors = -(-seen // SPREAD) * SPREAD
        beyond = -(-(vectors - seen) * LANES // lanes)
        return cls(size, lanes, g.KH + 2 * (size - 1) + beyond, vectors)


class Spread(NamedTuple):
    """Where a winner's patch goes: where it begins, in the scratch (bases) and in the table of
    weights (shifts, by switch), and where each vector lies from there (offsets)."""

    bases: np.ndarray
    shifts: np.ndarray
    offsets: np.ndarray


@kernel
def _shifted_weights(weight, patch):
    """Return [F, size, rows, lanes]: the patch below a window, for each column of its winner.

    Rows of zeros above and below stand for the winner's row: the patch of one further down begins
    one row earlier.
    """
    KH, KW, C, F = weight.shape
    table = np.zeros((F, patch.size, patch.rows, patch.lanes), weight.dtype)
    for f in range(F):
        for column in range(patch.size):
            for y in range(KH):
                for i in range(KW * C):
                    value = weight[y, i // C, i % C, f]
                    table[f, column, y + patch.size - 1, column * C + i] = value
    return table.reshape(-1)


@kernel
def _input_gradient_sample(found, table, spread, patch, frame, n, out_d_x):
    (_, PH, PW, F), (_, H, W, C) = found.output.shape, out_d_x.shape
    d, out = found.d_output.reshape(-1), found.output.reshape(-1)
    switches, apart = found.switches.reshape(-1), patch.size * patch.rows * patch.lanes
    target = np.zeros(frame.rows * frame.columns * C + patch.lanes, d.dtype)
    for v in range(0, spread.offsets.size, SPREAD):
        source = Shifted(table, v * LANES, apart, spread.shifts)
        for p in range(PH * PW):
            first = (n * PH * PW + p) * F
            winners = Winners(d, out, switches, first, 1, F, found.closed)
            spread_sums(source, winners, Vectors(target, spread.bases[p], spread.offsets, v))
    inside = (frame.above * frame.columns + frame.left) * C
    rows = Block(target, inside, frame.columns * C)
    copy_block(rows, Block(out_d_x.reshape(-1), n * H * W * C, W * C), H, W * C)


@parallel_kernel
def _input_gradient(found, weight, spread, patch, frame, out_d_x):
    table = _shifted_weights(weight, patch)
    for n in prange(out_d_x.shape[0]):
        _input_gradient_sample(found, table, spread, patch, frame, np.intp(n), out_d_x)


@lru_cache(maxsize=256)
def _spread_tables(g: Geometry, size) -> Spread:
    patch, columns = Patch.of(g, size), g.W + 2 * g.padding
    row, column = np.arange(size)[:, None], np.arange(size)
    shifts = (size - 1 - row) * patch.lanes + column * patch.rows * patch.lanes
    at = np.arange((g.KH + size - 1) * patch.lanes)[::LANES]
    offsets = at // patch.lanes * columns * g.C + at % patch.lanes
    offsets = np.pad(offsets, (0, patch.vectors - offsets.size), "edge")  # zeros are added there
    bases = _places(g, size, columns).bases
    return Spread(bases, shifts.reshape(-1).astype(np.intp), offsets.astype(np.intp))


def takes_input_gradient(g: Geometry, size, most) -> bool:
    """Say whether `input_gradient` does the geometry, its table of weights `most` numbers."""
    patch = Patch.of(g, size)
    return g.square and g.stride == 1 and g.F * size * patch.rows * patch.lanes <= most


def input_gradient(found: Maxima, weight, g: Geometry, size, out_d_x):
    """Write the gradient to x."""
    frame = Frame(g.H + 2 * g.padding, g.W + 2 * g.padding, g.padding, g.padding)
    spread, patch = _spread_tables(g, size), Patch.of(g, size)
    _input_gradient(found, weight, spread, patch, frame, out_d_x)
