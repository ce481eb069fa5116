"""Convolution, rectifier and 2 x 2 maximum for one channel and few filters: lanes are pixels.

With one channel and up to 6 filters the register tile (kernels/core/tile.py), whose lanes are
filters, is neither full nor busy for long. Here a tile is 2 rows of 8 pixels in 6 filters, or of 16
where a register holds as many: 12 sums in registers, windows of 2 x 2 in each filter. Terms are
added in the same order, for the same bits.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import prange, types
from numba.extending import intrinsic

from rosenblatt.kernels.convolution.direct import fill_vector, pad
from rosenblatt.kernels.convolution.geometry import Geometry, Weights, forward_tables
from rosenblatt.kernels.core.copying import copy
from rosenblatt.kernels.core.gemm import DEPTH
from rosenblatt.kernels.core.jit import JIT_DISABLED, kernel, parallel_kernel
from rosenblatt.kernels.core.tile import NARROW_ROWS, PAIRED, WIDE
from rosenblatt.kernels.core.vectors import INT32, INT64, LANES, Emitter

FILTERS = 6
PIXELS = WIDE if PAIRED else LANES  # of a row of a tile
CODES, BYTES = ir.VectorType(INT32, PIXELS), ir.VectorType(ir.IntType(8), LANES)


class Source(NamedTuple):
    """A tile's first pixel x[first], the distance of the row below, and of each of `size` taps."""

    x: np.ndarray
    first: int
    row: int
    taps: np.ndarray
    size: int


class Target(NamedTuple):
    """Window i of a tile goes to first + i F, in 8 lanes; those beyond F are too many."""

    out: np.ndarray
    switches: np.ndarray
    first: int
    F: int


def _indices(lanes):
    lanes = list(lanes)
    return ir.Constant(ir.VectorType(INT32, len(lanes)), lanes)


def _larger(emit: Emitter, first, second, codes):
    """Return the larger of two vectors, NaN the largest, and whose code that is."""
    builder = emit.builder
    wins = builder.or_(
        builder.fcmp_ordered(">", second, first), builder.fcmp_unordered("uno", second, second)
    )
    return builder.select(wins, second, first), builder.select(wins, codes[1], codes[0])


def _sums(emit: Emitter, source, w):
    """Return the sums [filter][row]."""
    builder = emit.builder
    x, place, row, taps, count = source
    zero = ir.Constant(emit.vector, [0.0] * PIXELS)

    def add(t, sums):
        pixel = emit.at(x, place, builder.load(emit.at(taps, t)))
        rows = emit.load(pixel), emit.load(emit.at(pixel, row))
        weights, added = emit.at(w, builder.mul(t, INT64(LANES))), []
        for f in range(FILTERS):
            weight = emit.splat(builder.load(emit.at(weights, INT64(f))))
            added += [emit.fma(rows[i], weight, sums[2 * f + i]) for i in range(2)]
        return added

    sums = emit.loop(0, count, [zero] * (2 * FILTERS), add)
    return [sums[2 * f : 2 * f + 2] for f in range(FILTERS)]


def _pair(emit: Emitter, columns):
    """Return values and codes of the windows of one filter, then of another."""
    builder, sides = emit.builder, []
    for side in range(2):
        lanes = _indices(range(side, 2 * PIXELS, 2))
        (value, code), (other, other_code) = columns
        sides.append(
            (builder.shuffle_vector(value, other, lanes),
             builder.shuffle_vector(code, other_code, lanes))
        )  # fmt: skip
    (left, left_code), (right, right_code) = sides
    right_code = builder.add(right_code, ir.Constant(CODES, [1] * PIXELS))
    return _larger(emit, left, right, (left_code, right_code))


def _emit(emit: Emitter):
    builder = emit.builder
    (w, bias, floor), (out, switches, at, F) = emit.fields(1), emit.fields(2)
    floor, columns = emit.splat(floor), []
    upper, lower = (ir.Constant(CODES, [code] * PIXELS) for code in (0, 2))
    for f, rows in enumerate(_sums(emit, emit.fields(0), w)):
        start = emit.splat(builder.load(emit.at(bias, INT64(f))))
        values = [builder.fadd(start, total) for total in rows]
        values = [builder.select(builder.fcmp_ordered("<", v, floor), floor, v) for v in values]
        columns.append(_larger(emit, values[0], values[1], (upper, lower)))
    pairs = [_pair(emit, columns[f : f + 2]) for f in range(0, FILTERS, 2)]
    windows = PIXELS // 2
    for i in range(windows):
        place = builder.add(at, builder.mul(F, INT64(i)))
        for kind, target in enumerate((out, switches)):
            first, second, third = (pair[kind] for pair in pairs)
            filters = range(i, 2 * PIXELS, windows)  # where the four, and then the last two, lie
            four = builder.shuffle_vector(first, second, _indices([*filters] * (PIXELS // 4)))
            lanes = _indices([0, 1, 2, 3, PIXELS + i, PIXELS + windows + i, 0, 0])
            all_ = builder.shuffle_vector(four, third, lanes)
            emit.store(all_ if kind == 0 else builder.trunc(all_, BYTES), emit.at(target, place))
    return emit.context.get_dummy_value()


@intrinsic
def _compiled(typing, source, weights, target):
    def generate(context, builder, signature, args):
        return _emit(Emitter(context, builder, signature, args, PIXELS))

    return types.void(source, weights, target), generate


def _plain(source, weights, target):
    (x, place, row, taps, count), (w, bias, floor) = source, weights
    (out, switches, at, F), terms = target, w.reshape(-1, LANES)[:count, :FILTERS]
    places = place + np.arange(2)[:, None] * row + np.arange(PIXELS)
    sums = bias[:FILTERS] + x[places[..., None] + taps[:count]] @ terms
    sums = np.where(sums < floor, floor, sums)
    for i in range(PIXELS // 2):
        window = sums[:, 2 * i : 2 * i + 2].transpose(1, 0, 2).reshape(4, FILTERS)
        winners = window.argmax(0)
        room = slice(at + i * F, at + i * F + FILTERS)
        out[room], switches[room] = window.max(0), np.array([0, 2, 1, 3])[winners]


_tile: Any = _plain if JIT_DISABLED else _compiled


def takes(g: Geometry, size) -> bool:
    """Say whether this method does the geometry, pooled over windows of `size` x `size`."""
    few = g.C == 1 and g.F <= FILTERS and g.KH * g.KW <= DEPTH
    return g.square and few and (g.stride, size) == (1, 2)


@kernel
def _convolve_sample(x, weights, taps, frame, n, out, out_switches):
    """Convolve and pool one sample; weights [count, 6] and bias [6] in whole vectors."""
    _, PH, PW, F = out.shape
    scratch = np.empty((frame.rows + 1) * frame.columns + PIXELS, x.dtype)
    pad(x, x[:0], n, 0, frame, scratch)
    count, room = PH * PW * F, (PIXELS // 2 + 1) * LANES
    values, codes = np.empty(count + room, x.dtype), np.empty(count + room, np.uint8)
    for y in range(PH):
        for p in range(0, PW, PIXELS // 2):
            place = 2 * (y * frame.columns + p)
            source = Source(scratch, place, frame.columns, taps, taps.size - NARROW_ROWS)
            _tile(source, weights, Target(values, codes, (y * PW + p) * F, F))
    copy(values, 0, out.reshape(-1), n * count, count)
    copy(codes, 0, out_switches.reshape(-1), n * count, count)


@parallel_kernel
def _convolve(x, weight, bias, taps, frame, floor, out, out_switches):
    weights = Weights(weight.reshape(-1), bias, floor)
    for n in prange(x.shape[0]):
        _convolve_sample(x, weights, taps, frame, np.intp(n), out, out_switches)


def convolve_pool(x, weight, bias, g: Geometry, size, floor, out, out_switches):
    """Write out = max over windows of max(floor, x * weight + bias), and where it was found."""
    tables, share = forward_tables(g, whole=True)
    weight, bias = fill_vector(weight, bias)
    floor = x.dtype.type(floor)
    _convolve(x, weight, bias, tables.taps, share.frame, floor, out, out_switches)
