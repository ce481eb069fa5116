"""The register tile of depthwise convolution: vectors times vectors, a lane a channel.

    out[rows[r] + l] = max(floor, start[r, l] + sum_k x[places[r] + taps[k] + l] * w[8 k + l])

for ROWS rows r and, of 8 lanes l, the first `width`. Terms are added in the order of k, each by one
fused multiply-add: the same bits on every processor. Arguments, all arrays flat, all numbers intp:

    places = (table, first)        ROWS entries from `first` on
    taps   = (table, count)
    w      = (array, first)        `count` rows of 8
    start  = (array, first, scale)    as those of kernels/core/tile.py
    out    = (array, table, first entry, first, width)

`take` copies the first `width` of 8 numbers, and zeros in the place of the others.
"""

from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

ROWS = 9  # sums in registers, so many as a kernel of 3 x 3 has taps


def _emit(emit: Emitter):
    builder = emit.builder
    x = emit.pointer(emit.types[0], emit.args[0])
    (places, place), (taps, count), (w, w_first) = emit.fields(1), emit.fields(2), emit.fields(3)
    start, start_first, scale = emit.fields(4)
    out, rows, row, first, width = emit.fields(5)
    mask, floor = emit.mask(width), emit.splat(emit.args[6])
    x_rows = [emit.at(x, emit.entry(places, place, r)) for r in range(ROWS)]
    out_rows = [emit.entry(rows, row, r) for r in range(ROWS)]

    def term(k, sums):
        weight = emit.load(emit.at(w, w_first, builder.mul(k, INT64(LANES))))
        tap = builder.load(emit.at(taps, k))
        return [
            emit.fma(emit.load(emit.at(x_row, tap)), weight, value)
            for x_row, value in zip(x_rows, sums, strict=True)
        ]

    zero = ir.Constant(emit.vector, [0.0] * LANES)
    totals = emit.loop(0, count, [zero] * ROWS, term)
    # All is read before any is written: a row that stands twice must not be added to twice.
    begins = [emit.at(start, start_first, builder.mul(scale, at)) for at in out_rows]
    values = [
        builder.fadd(emit.load(begin, mask), total)
        for begin, total in zip(begins, totals, strict=True)
    ]
    whole = builder.icmp_signed(">=", width, INT64(LANES))
    for value, at in zip(values, out_rows, strict=True):
        below = builder.fcmp_ordered("<", value, floor)
        bounded, pointer = builder.select(below, floor, value), emit.at(out, first, at)
        with builder.if_else(whole) as (then, otherwise):
            with then:
                emit.store(bounded, pointer)
            with otherwise:
                emit.store_lanes(bounded, pointer, width)
    return emit.context.get_dummy_value()


@intrinsic
def _compiled(typing, x, places, taps, w, start, out, floor):
    return types.void(x, places, taps, w, start, out, floor), lambda *call: _emit(Emitter(*call))


def _plain(x, places, taps, w, start, out, floor):
    (taps, count), (w, w_first), (start, start_first, scale) = taps, w, start
    out, rows, row, first, width = out
    lanes, values = np.arange(LANES), []
    weights = w[w_first : w_first + count * LANES].reshape(count, LANES)
    for r in range(ROWS):
        seen = x[places[0][places[1] + r] + taps[:count, None] + lanes]
        width = min(width, LANES)
        begin = start[start_first + scale * rows[row + r] :][:width]
        values.append(begin + (seen * weights).sum(0)[:width])
    for r, value in enumerate(values):
        target = first + rows[row + r]
        out[target : target + width] = np.where(value < floor, floor, value)


@intrinsic
def _take_compiled(typing, source, first, width, target, at):
    def generate(context, builder, signature, args):
        emit = Emitter(context, builder, signature, args)
        places = ((0, 1), (3, 4))
        read, written = (
            emit.at(emit.pointer(signature.args[i], args[i]), args[j]) for i, j in places
        )
        emit.store(emit.load(read, emit.mask(args[2])), written)
        return context.get_dummy_value()

    return types.void(source, types.intp, types.intp, target, types.intp), generate


def _take_plain(source, first, width, target, at):
    target[at : at + LANES] = 0
    target[at : at + min(width, LANES)] = source[first : first + min(width, LANES)]


tile: Any = _plain if JIT_DISABLED else _compiled
take: Any = _take_plain if JIT_DISABLED else _take_compiled
