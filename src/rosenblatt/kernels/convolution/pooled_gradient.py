"""The gradient of a convolution below a maximum, for the winners alone.

Of the pixels of a window only one, the winner, has a gradient in a filter; products with the zeros
of the others are left out. A window's winner is told by its switch (see max_window.py).

`sum_slim`, `sum_tall` and `sum_flat` serve the weights: the rows of a Block below a winner, by its
Places, times its gradient, for R rows of V vectors of 8 lanes each, are added to a Run of sums, and
the gradients alone to the vector after.

`spread_sums` serves the inputs: 10 vectors of `Shifted` weights times the gradient of a winner are
summed over all winners and added to `Vectors`.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

# Rows and vectors of a tile of sums: for kernels of 5 rows, the slim one where rows are short, and
# of 3 rows.
SLIM, TALL, FLAT = (5, 1), (5, 2), (3, 4)
SPREAD = 10  # vectors


class Winners(NamedTuple):
    """`length` entries of the flat arrays d, out and switches, at first + i stride.

    The gradient of entry i is d, or 0 where out <= closed (closed NaN: nowhere).
    """

    d: np.ndarray
    out: np.ndarray
    switches: np.ndarray
    first: int
    stride: int
    length: int
    closed: float


class Places(NamedTuple):
    """Where winners lie in a padded sample: entry i at bases[i] + shifts[its switch]."""

    bases: np.ndarray
    shifts: np.ndarray


class Shifted(NamedTuple):
    """The weights of winner i begin at w[first + i apart + shifts[its switch]]."""

    w: np.ndarray
    first: int
    apart: int
    shifts: np.ndarray


class Vectors(NamedTuple):
    """Vector v is at array[first + offsets[offset + v]]."""

    array: np.ndarray
    first: int
    offsets: np.ndarray
    offset: int


def _for_winners(emit: Emitter, winners, starts, body):
    """Write a loop over winners; body(i, gradient in all lanes, switch, values) gives the next."""
    builder = emit.builder
    d, out, switches, first, stride, length, closed = winners

    def each(i, values):
        at = builder.add(first, builder.mul(i, stride))
        gradient, output = builder.load(emit.at(d, at)), builder.load(emit.at(out, at))
        shut = builder.fcmp_ordered("<=", output, closed)
        gradient = builder.select(shut, ir.Constant(gradient.type, 0.0), gradient)
        switch = builder.zext(builder.load(emit.at(switches, at)), INT64)
        return body(i, emit.splat(gradient), switch, values)

    return emit.loop(0, length, starts, each)


def _emit_sums(emit: Emitter, R: int, V: int):
    builder = emit.builder
    (x, begin, row), winners = emit.fields(0), emit.fields(1)
    (bases, shifts), (sums, at) = emit.fields(2), emit.fields(3)
    x = emit.at(x, begin)
    places = [emit.at(sums, at, INT64(v * LANES)) for v in range(R * V + 1)]

    def add(i, gradient, switch, values):
        base, shift = builder.load(emit.at(bases, i)), builder.load(emit.at(shifts, switch))
        place, added = emit.at(x, base, shift), []
        for r in range(R):
            for v in range(V):
                vector = emit.load(emit.at(place, INT64(v * LANES)))
                added.append(emit.fma(vector, gradient, values[r * V + v]))
            place = emit.at(place, row)
        return [*added, builder.fadd(values[-1], gradient)]

    totals = _for_winners(emit, winners, [emit.load(place) for place in places], add)
    for total, place in zip(totals, places, strict=True):
        emit.store(total, place)
    return emit.context.get_dummy_value()


def _emit_spread(emit: Emitter):
    builder = emit.builder
    (w, first, apart, shifts), winners = emit.fields(0), emit.fields(1)
    target, at, offsets, offset = emit.fields(2)

    def add(i, gradient, switch, values):
        shift = builder.load(emit.at(shifts, switch))
        row = emit.at(w, first, builder.mul(i, apart), shift)
        vectors = [emit.load(emit.at(row, INT64(v * LANES))) for v in range(SPREAD)]
        return [emit.fma(v, gradient, total) for v, total in zip(vectors, values, strict=True)]

    zero = ir.Constant(emit.vector, [0.0] * LANES)
    for v, total in enumerate(_for_winners(emit, winners, [zero] * SPREAD, add)):
        place = emit.at(target, at, emit.entry(offsets, offset, v))
        emit.store(builder.fadd(emit.load(place), total), place)
    return emit.context.get_dummy_value()


def _compiled_sums(R: int, V: int):
    @intrinsic
    def sums(typing, source, winners, places, target):
        def generate(context, builder, signature, args):
            return _emit_sums(Emitter(context, builder, signature, args), R, V)

        return types.void(source, winners, places, target), generate

    return sums


@intrinsic
def _compiled_spread(typing, source, winners, target):
    def generate(context, builder, signature, args):
        return _emit_spread(Emitter(context, builder, signature, args))

    return types.void(source, winners, target), generate


def _plain_winners(winners):
    d, out, switches, first, stride, length, closed = winners
    for i in range(length):
        at = first + i * stride
        yield i, d.dtype.type(0) if out[at] <= closed else d[at], switches[at]


def _plain_sums(R: int, V: int):
    def sums(source, winners, places, target):
        lanes = source.first + np.arange(R)[:, None] * source.stride + np.arange(V * LANES)
        room = target.array[target.first :][: (R * V + 1) * LANES]
        for i, gradient, switch in _plain_winners(winners):
            below = source.array[places.bases[i] + places.shifts[switch] + lanes]
            room[:-LANES] += (below * gradient).reshape(-1)
            room[-LANES:] += gradient

    return sums


def _plain_spread(source, winners, target):
    (w, first, apart, shifts), (out, at, offsets, offset) = source, target
    total = np.zeros((SPREAD, LANES), w.dtype)
    for i, gradient, switch in _plain_winners(winners):
        row = first + i * apart + shifts[switch]
        total += w[row : row + SPREAD * LANES].reshape(SPREAD, LANES) * gradient
    for v in range(SPREAD):
        place = at + offsets[offset + v]
        out[place : place + LANES] += total[v]


_make: Any = _plain_sums if JIT_DISABLED else _compiled_sums
sum_slim, sum_tall, sum_flat = _make(*SLIM), _make(*TALL), _make(*FLAT)
spread_sums: Any = _plain_spread if JIT_DISABLED else _compiled_spread
