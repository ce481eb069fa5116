"""The gradient on its way into a panel: gated, packed and summed in one pass over memory.

    panel[k, j] = d[first + k stride + j]  where gate[the same] > 0, else 0;  sums[j] += over all k

The columns of the panel, 16 or 8, that lie beyond the source's are zero.
"""

from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter


class Pixels(NamedTuple):
    """`length` rows of `width` columns of a gradient, and of its gate, `stride` apart."""

    d: np.ndarray
    gate: np.ndarray
    first: int
    stride: int
    length: int
    width: int


class Packed(NamedTuple):
    """The panel, from its begin on, and the sums of its columns, from `first` on; all flat."""

    panel: np.ndarray
    sums: np.ndarray
    first: int


def _emit(emit: Emitter, vectors: int, gated: bool):
    builder = emit.builder
    d, gate, first, stride, count, width = emit.fields(0)
    panel, sums, at = emit.fields(1)
    zero = ir.Constant(emit.vector, [0.0] * LANES)
    mask = None if vectors > 1 else emit.mask(width)
    totals_at = [emit.at(sums, at, INT64(v * LANES)) for v in range(vectors)]
    begin = [emit.load(place) for place in totals_at]
    entry = builder.block
    loop, end = builder.append_basic_block("rows"), builder.append_basic_block("end")
    builder.branch(loop)

    builder.position_at_end(loop)
    k = builder.phi(INT64)
    totals = [builder.phi(emit.vector) for _ in range(vectors)]
    place = builder.add(first, builder.mul(k, stride))
    row = emit.at(panel, builder.mul(k, INT64(vectors * LANES)))
    added = []
    for v in range(vectors):
        value = emit.load(emit.at(d, place, INT64(v * LANES)), mask)
        if gated:
            opened = emit.load(emit.at(gate, place, INT64(v * LANES)), mask)
            value = builder.select(builder.fcmp_ordered(">", opened, zero), value, zero)
        emit.store(value, emit.at(row, INT64(v * LANES)))
        added.append(builder.fadd(totals[v], value))
    following = builder.add(k, INT64(1))
    k.add_incoming(INT64(0), entry)
    k.add_incoming(following, loop)
    for total, start, value in zip(totals, begin, added, strict=True):
        total.add_incoming(start, entry)
        total.add_incoming(value, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, end)

    builder.position_at_end(end)
    for place, value in zip(totals_at, added, strict=True):
        emit.store(value, place)
    return emit.context.get_dummy_value()


def _compiled(vectors: int, gated: bool):
    @intrinsic
    def pack(typing, source, target):
        signature = types.void(source, target)

        def generate(context, builder, signature, args):
            return _emit(Emitter(context, builder, signature, args), vectors, gated)

        return signature, generate

    return pack


def _plain(vectors: int, gated: bool):
    """Return the same in plain Python, for runs with the JIT off."""

    def pack(source, target):
        (d, gate, first, stride, count, width), (panel, sums, at) = source, target
        columns = vectors * LANES
        for k in range(count):
            row = slice(first + k * stride, first + k * stride + width)
            panel[k * columns : (k + 1) * columns] = 0
            panel[k * columns : k * columns + width] = d[row]
            if gated:
                panel[k * columns : k * columns + width][~(gate[row] > 0)] = 0
            sums[at : at + columns] += panel[k * columns : (k + 1) * columns]

    return pack


_make = _plain if JIT_DISABLED else _compiled
pack_wide: Any = _make(2, gated=False)
pack_wide_gated: Any = _make(2, gated=True)
pack_narrow: Any = _make(1, gated=False)
pack_narrow_gated: Any = _make(1, gated=True)
