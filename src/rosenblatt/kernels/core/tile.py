"""The register tile: the one inner loop that every matrix product and convolution runs in.

A tile is R rows by V vectors, held in registers while the loop runs over `count` terms:

    out[rows[r] + j] = max(floor, start[r, j] + sum_k x[places[r] + offsets[k]] * w[k, j])

Row r is any place in x, and term k any distance from it. So the same loop multiplies matrices
(places are matrix rows, offsets are columns), convolves (places are output pixels, offsets the taps
of the kernel: an im2col that is never stored) and sums the gradient of a convolution's weights
(places are taps, offsets are pixels). Terms are added in the order of k, each by one fused
multiply-add, so the result has the same bits on every processor.

Its arguments, all arrays flat and all numbers intp: x, what the scalars are read from; places and
offsets, `Entries` of tables (of places R are read, however many there are); w, `Panels` of 16
columns, of a narrow tile 8; `Start`; out, `Output`; floor, 0 for a rectifier, -inf for none. NaN
passes through.

Vectors have 8 lanes, which AVX2 holds in a register (two on a processor with vectors of 4). With
registers of 16 lanes (AVX-512) two panels side by side are one tile of 8 rows by 2 vectors: 1.6
times as fast on a Sapphire Rapids core, 123 against 112 GFLOP/s on a Zen 4 one; one panel alone is
a tile of 16 rows (tests/benchmarks/tile_shapes.py races the shapes; report/engine.md has what it
found).
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.cpu import has_wide_vectors
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, LANES, Emitter

PAIRED = has_wide_vectors()
WIDE = 16
# 12 sums, 2 vectors of w and 1 of x: 15 of the 16 registers of AVX2. Or 16 sums of one vector.
WIDE_ROWS = 16 if PAIRED else 6
SHORT_ROWS = 8 if PAIRED else 4  # as wide, for the last rows
NARROW_ROWS, NARROW = 8, 8  # for the last columns, fewer than 16
# 16 sums, 2 vectors of w and 1 of x: of the 32 registers of AVX-512, as many as hide the latency.
PAIR_ROWS, SHORT_PAIR_ROWS, PAIR = 8, 4, 2 * WIDE


class Entries(NamedTuple):
    """The entries of an index table from `first` on, `size` of them."""

    table: np.ndarray
    first: int
    size: int


class Panels(NamedTuple):
    """Packed rows of w, one a term, from `first` on; a pair of tiles reads a second such panel
    `apart` from the first."""

    array: np.ndarray
    first: int
    apart: int


class Start(NamedTuple):
    """Row r starts from array[first + scale * rows[r]]: scale 0 gives each row the same bias, scale
    1 continues from the output. The second panel of a pair starts `apart` from there."""

    array: np.ndarray
    first: int
    scale: int
    apart: int


class Output(NamedTuple):
    """Row r goes to array[first + rows[row + r]], of a pair's second panel `apart` from there; only
    a narrow tile minds `width`, the columns that exist."""

    array: np.ndarray
    rows: np.ndarray
    row: int
    first: int
    width: int
    apart: int


class Shape(NamedTuple):
    """What a tile is: rows, vectors, their lanes, the columns of a packed panel."""

    R: int
    V: int
    lanes: int
    panel: int
    masked: bool = False


class _Row(NamedTuple):
    """Where each vector of a packed row begins, for k = 0, and how far the next row is."""

    vectors: list[ir.Value]
    columns: int


def _sum_terms(emit: Emitter, x_rows, offsets, w, count):
    """Write the loop over the terms; its sums, [row][vector], live in phi nodes: in registers."""
    builder, vectors = emit.builder, range(len(w.vectors))
    entry = builder.block
    loop, end = builder.append_basic_block("terms"), builder.append_basic_block("end")
    builder.cbranch(builder.icmp_signed(">", count, INT64(0)), loop, end)

    builder.position_at_end(loop)
    k = builder.phi(INT64)
    sums = [[builder.phi(emit.vector) for _ in vectors] for _ in x_rows]
    term = builder.load(emit.at(offsets, k))
    row = builder.mul(k, INT64(w.columns))
    w_k = [emit.load(emit.at(first, row)) for first in w.vectors]
    added = []
    for x_row, row_sums in zip(x_rows, sums, strict=True):
        scalar = emit.splat(builder.load(emit.at(x_row, term)))
        added.append([emit.fma(scalar, *pair) for pair in zip(w_k, row_sums, strict=True)])
    following = builder.add(k, INT64(1))
    k.add_incoming(INT64(0), entry)
    k.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, end)

    builder.position_at_end(end)
    zero = ir.Constant(emit.vector, [0.0] * emit.lanes)
    totals = [[builder.phi(emit.vector) for _ in vectors] for _ in x_rows]
    for r, row in enumerate(added):
        for v, value in enumerate(row):
            for phi in (sums[r][v], totals[r][v]):
                phi.add_incoming(zero, entry)
                phi.add_incoming(value, loop)
    return totals


def _columns(emit: Emitter, shape: Shape, apart) -> list[ir.Value]:
    """Return where each vector lies in a row whose second panel is `apart` from the first."""
    columns = []
    for c in range(0, shape.V * shape.lanes, shape.lanes):
        within = INT64(c % shape.panel)
        columns.append(within if c < shape.panel else emit.builder.add(apart, within))
    return columns


def _emit(emit: Emitter, shape: Shape):
    """Write the tile: where the rows are, the loop, and what becomes of the sums."""
    builder, (R, V, _, panel, masked) = emit.builder, shape
    x = emit.pointer(emit.types[0], emit.args[0])
    places, place, _ = emit.fields(1)
    offsets, offset, count = emit.fields(2)
    w, w_first, apart = emit.fields(3)
    start, start_first, scale, start_apart = emit.fields(4)
    out, rows, row, out_first, width, out_apart = emit.fields(5)
    mask = emit.mask(width) if masked else None

    x_rows = [emit.at(x, emit.entry(places, place, r)) for r in range(R)]
    out_rows = [emit.entry(rows, row, r) for r in range(R)]
    for out_row in out_rows:
        emit.prefetch(emit.at(out, out_first, out_row))
    firsts = [emit.at(w, w_first, column) for column in _columns(emit, shape, apart)]
    totals = _sum_terms(emit, x_rows, emit.at(offsets, offset), _Row(firsts, panel), count)
    # All is read before any is written: a row that stands twice must not be added to twice.
    begins = [emit.at(start, start_first, builder.mul(scale, row)) for row in out_rows]
    starts, targets = (_columns(emit, shape, apart) for apart in (start_apart, out_apart))
    values = [
        [builder.fadd(emit.load(emit.at(begins[r], starts[v]), mask), totals[r][v])
         for v in range(V)]
        for r in range(R)
    ]  # fmt: skip
    floor = emit.splat(emit.args[6])
    for r in range(R):
        for v, column in enumerate(targets):
            below = builder.fcmp_ordered("<", values[r][v], floor)
            value = builder.select(below, floor, values[r][v])
            pointer = emit.at(out, out_first, out_rows[r], column)
            if masked:
                emit.store_lanes(value, pointer, width)
            else:
                emit.store(value, pointer)
    return emit.context.get_dummy_value()


def _compiled(shape: Shape):
    @intrinsic
    def tile(typing, x, places, offsets, w, start, out, floor):
        signature = types.void(x, places, offsets, w, start, out, floor)

        def generate(context, builder, signature, args):
            return _emit(Emitter(context, builder, signature, args, shape.lanes), shape)

        return signature, generate

    return tile


def _plain(shape: Shape):
    """Return the tile in plain Python, for runs with the JIT off."""
    R, V, lanes, columns_of_panel, masked = shape

    def tile(x, places, offsets, w, start, out, floor):
        columns = np.arange(out.width if masked else V * lanes)
        second, within = columns // columns_of_panel, columns % columns_of_panel
        size = offsets.size * columns_of_panel
        firsts = [w.first + p * w.apart for p in range(V * lanes // columns_of_panel)]
        parts = [w.array[first : first + size].reshape(offsets.size, -1) for first in firsts]
        panel = np.concatenate(parts, axis=1)
        terms = offsets.table[offsets.first : offsets.first + offsets.size]
        rows, values = out.rows[out.row : out.row + R], []
        for place, row in zip(places.table[places.first :], rows, strict=False):
            begin = start.array[start.first + start.scale * row + second * start.apart + within]
            values.append(begin + (x[place + terms, None] * panel[:, columns]).sum(0))
        for row, value in zip(rows, values, strict=True):
            target = out.first + row + second * out.apart + within
            out.array[target] = np.where(value < floor, floor, value)

    return tile


make_tile = _plain if JIT_DISABLED else _compiled
_lanes = WIDE if PAIRED else LANES
wide_tile = make_tile(Shape(WIDE_ROWS, WIDE // _lanes, _lanes, WIDE))
short_tile = make_tile(Shape(SHORT_ROWS, WIDE // _lanes, _lanes, WIDE))
narrow_tile = make_tile(Shape(NARROW_ROWS, NARROW // LANES, LANES, NARROW, masked=True))
pair_tile = make_tile(Shape(PAIR_ROWS, 2, WIDE, WIDE))
short_pair_tile = make_tile(Shape(SHORT_PAIR_ROWS, 2, WIDE, WIDE))
