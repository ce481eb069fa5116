"""The largest number of a window and where it lies, for 8 channels at a time, and the way back.

`largest` and `spread` (and, for fewer than 8 channels, `largest_few` and `spread_few`) take a
Window and two Runs: results, the largest numbers, and switches, their codes (uint8). Of equal
numbers the first wins; of several NaN the last. `spread` writes the result's gradient to the place
of that code, and zeros to the window's other places.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT32, INT64, LANES, Emitter

INT8 = ir.IntType(8)
CODES, BYTES = ir.VectorType(INT32, LANES), ir.VectorType(INT8, LANES)


class Window(NamedTuple):
    """8 channels of one window: its numbers are array[first + offsets[t] + lane], t < taps, of
    code codes[t]; only the first `width` lanes exist."""

    array: np.ndarray
    first: int
    offsets: np.ndarray
    codes: np.ndarray
    taps: int
    width: int


def _store(emit: Emitter, value, pointer, width):
    if width is None:
        emit.store(value, pointer)
    else:
        emit.store_lanes(value, pointer, width)


def _code(emit: Emitter, codes, t):
    """Return codes[t] in all lanes."""
    code = emit.builder.trunc(emit.builder.load(emit.at(codes, t)), INT32)
    return emit.splat(code)


def _emit_largest(emit: Emitter, few: bool):
    builder = emit.builder
    x, first, offsets, codes, taps, width = emit.fields(0)
    (out, at), (switches, _) = emit.fields(1), emit.fields(2)
    mask = emit.mask(width) if few else None

    def number(t):
        return emit.load(emit.at(x, first, builder.load(emit.at(offsets, t))), mask)

    def larger(t, values):
        best, code = values
        value = number(t)
        wins = builder.or_(
            builder.fcmp_ordered(">", value, best), builder.fcmp_unordered("uno", value, value)
        )
        return [
            builder.select(wins, value, best),
            builder.select(wins, _code(emit, codes, t), code),
        ]

    starts = [number(INT64(0)), _code(emit, codes, INT64(0))]
    best, code = emit.loop(1, taps, starts, larger)
    for value, place in ((best, out), (builder.trunc(code, BYTES), switches)):
        _store(emit, value, emit.at(place, at), width if few else None)
    return emit.context.get_dummy_value()


def _emit_spread(emit: Emitter, few: bool):
    builder = emit.builder
    d_x, first, offsets, codes, taps, width = emit.fields(0)
    (d_out, at), (switches, _) = emit.fields(1), emit.fields(2)
    zero = ir.Constant(emit.vector, [0.0] * LANES)
    mask = emit.mask(width) if few else None
    value = emit.load(emit.at(d_out, at), mask)
    code = builder.zext(emit.load(emit.at(switches, at), mask, BYTES), CODES)

    def write(t, _):
        chosen = builder.icmp_signed("==", code, _code(emit, codes, t))
        place = emit.at(d_x, first, builder.load(emit.at(offsets, t)))
        _store(emit, builder.select(chosen, value, zero), place, width if few else None)
        return []

    emit.loop(0, taps, [], write)
    return emit.context.get_dummy_value()


def _compiled(emission, few: bool):
    @intrinsic
    def visit(typing, window, results, switches):
        def generate(context, builder, signature, args):
            return emission(Emitter(context, builder, signature, args), few)

        return types.void(window, results, switches), generate

    return visit


def _largest_plain(window, results, switches):
    x, first, offsets, codes, taps, width = window
    for lane in range(min(width, LANES)):
        best, code = x[first + offsets[0] + lane], codes[0]
        for t in range(1, taps):
            value = x[first + offsets[t] + lane]
            if value > best or np.isnan(value):
                best, code = value, codes[t]
        for run, found in ((results, best), (switches, code)):
            run.array[run.first + lane] = found


def _spread_plain(window, results, switches):
    d_x, first, offsets, codes, taps, width = window
    for lane in range(min(width, LANES)):
        for t in range(taps):
            chosen = switches.array[switches.first + lane] == codes[t]
            d = results.array[results.first + lane]
            d_x[first + offsets[t] + lane] = d if chosen else 0


if JIT_DISABLED:
    largest: Any = _largest_plain
    largest_few: Any = _largest_plain
    spread: Any = _spread_plain
    spread_few: Any = _spread_plain
else:
    largest, largest_few = _compiled(_emit_largest, False), _compiled(_emit_largest, True)
    spread, spread_few = _compiled(_emit_spread, False), _compiled(_emit_spread, True)
