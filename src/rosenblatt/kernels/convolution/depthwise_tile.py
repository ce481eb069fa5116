"""The register tiles of depthwise convolution: vectors times vectors, a lane a channel.

    out[rows[r] + l] = max(floor, start[r, l] + sum_k x[places[r] + taps[k] + l] * w[k, l])

for ROWS rows r and lanes l: 16 of them, or of 8 the first `width`. Terms are added in the order of
k, each by one fused multiply-add: the same bits on every processor. Arguments, all arrays flat, all
numbers intp:

    x      = (array, first)        what places and taps are added to
    places = (table, first)        ROWS entries from `first` on
    taps   = (table, count)
    w      = (array, first, stride)    `count` rows
    start  = (array, first, scale)    as those of kernels/core/tile.py
    out    = (array, table, first entry, first, width)

Of x 8 lanes are read, whatever the width.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.tile import WIDE
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

ROWS = 9  # sums in registers, so many as a kernel of 3 x 3 has taps


def _emit(emit: Emitter):
    builder, masked = emit.builder, emit.lanes == LANES
    (x, x_first), (places, place), (taps, count) = (emit.fields(i) for i in range(3))
    (w, w_first, stride), (start, start_first, scale) = emit.fields(3), emit.fields(4)
    out, rows, row, first, width = emit.fields(5)
    mask, floor = emit.mask(width) if masked else None, emit.splat(emit.args[6])
    x_rows = [emit.at(x, x_first, emit.entry(places, place, r)) for r in range(ROWS)]
    out_rows = [emit.entry(rows, row, r) for r in range(ROWS)]

    def term(k, sums):
        weight = emit.load(emit.at(w, w_first, builder.mul(k, stride)), mask)
        tap = builder.load(emit.at(taps, k))
        return [
            emit.fma(emit.load(emit.at(x_row, tap)), weight, value)
            for x_row, value in zip(x_rows, sums, strict=True)
        ]

    zero = ir.Constant(emit.vector, [0.0] * emit.lanes)
    totals = emit.loop(0, count, [zero] * ROWS, term)
    # All is read before any is written: a row that stands twice must not be added to twice.
    begins = [emit.at(start, start_first, builder.mul(scale, at)) for at in out_rows]
    values = [
        builder.fadd(emit.load(begin, mask), total)
        for begin, total in zip(begins, totals, strict=True)
    ]
    bounded = [
        builder.select(builder.fcmp_ordered("<", value, floor), floor, value) for value in values
    ]
    targets = [emit.at(out, first, at) for at in out_rows]
    if not masked:
        _store(emit, bounded, targets)
        return emit.context.get_dummy_value()
    with builder.if_else(builder.icmp_signed(">=", width, INT64(LANES))) as (then, otherwise):
        with then:
            _store(emit, bounded, targets)
        with otherwise:
            for value, target in zip(bounded, targets, strict=True):
                emit.store_lanes(value, target, width)
    return emit.context.get_dummy_value()


def _store(emit: Emitter, values, targets):
    for value, target in zip(values, targets, strict=True):
        emit.store(value, target)


def _compiled(lanes):
    @intrinsic
    def tile(typing, x, places, taps, w, start, out, floor):
        signature = types.void(x, places, taps, w, start, out, floor)

        def generate(context, builder, signature, args):
            return _emit(Emitter(context, builder, signature, args, lanes))

        return signature, generate

    return tile


def _plain(lanes):
    """Return the tile in plain Python, for runs with the JIT off."""

    def tile(x, places, taps, w, start, out, floor):
        (x, x_first), (places, place), (taps, count) = x, places, taps
        (w, w_first, stride), (start, start_first, scale) = w, start
        out, rows, row, first, width = out
        columns, values = np.arange(min(width, lanes)), []
        weights = w[w_first + stride * np.arange(count)[:, None] + columns]
        for r in range(ROWS):
            seen = x[x_first + places[place + r] + taps[:count, None] + columns]
            begin = start[start_first + scale * rows[row + r] + columns]
            values.append(begin + (seen * weights).sum(0))
        for r, value in enumerate(values):
            out[first + rows[row + r] + columns] = np.where(value < floor, floor, value)

    return tile


_make: Any = _plain if JIT_DISABLED else _compiled
tile, wide_tile = _make(LANES), _make(WIDE)
