"""The register tile: the one inner loop that every matrix product and convolution runs in.

A tile is R rows by V vectors of 8 lanes, held in registers while the loop runs over `count` terms:

    out[rows[r] + j] = max(floor, start[r, j] + sum_k x[places[r] + offsets[k]] * w[k, j]),  j < 8 V

Row r is any place in x, and term k any distance from it. So the same loop multiplies matrices
(places are matrix rows, offsets are columns), convolves (places are output pixels, offsets the taps
of the kernel: an im2col that is never stored) and sums the gradient of a convolution's weights
(places are taps, offsets are pixels). Terms are added in the order of k, each by one fused
multiply-add, so the result has the same bits on every processor.

The arguments, in tuples so that a call reads as a sentence; all arrays are flat, all numbers intp:

    x                              what the scalars are read from
    places  = (table, first)       R entries of `table` from `first` on
    offsets = (table, first, count)
    w       = (array, first)       `count` rows of 8 V columns, packed
    start   = (array, first, scale)    row r starts from array[first + scale * rows[r]]: scale 0
                                   gives each row the same bias, scale 1 continues from `out`
    out     = (array, table, entry, first, width)    row r goes to array[first + table[entry + r]];
                                   only a narrow tile minds `width`, the columns that exist
    floor                          0 is a rectifier, -inf is none; NaN passes through
"""

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.jit import JIT_DISABLED

LANES = 8
WIDE_ROWS, WIDE = 6, 16  # 12 sums, 2 vectors of w and 1 of x: 15 of the 16 registers of AVX2
SHORT_ROWS = 4  # as wide, for what 6 does not divide
NARROW_ROWS, NARROW = 8, 8  # for the last columns, fewer than 16

INT1, INT32, INT64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


class _Emitter:
    """The LLVM idioms of the tile, for vectors of the dtype of x."""

    def __init__(self, context, builder, signature, args):
        self.context, self.builder = context, builder
        self.types, self.args = signature.args, args
        self.bits = signature.args[0].dtype.bitwidth
        self.vector = ir.VectorType(context.get_data_type(signature.args[0].dtype), LANES)
        self.zeros = ir.Constant(ir.VectorType(INT32, LANES), [0] * LANES)
        self.undefined = ir.Constant(self.vector, ir.Undefined)

    def pointer(self, type_, value):
        return self.context.make_array(type_)(self.context, self.builder, value).data

    def fields(self, index):
        """Return the members of a tuple argument, arrays as pointers to their first element."""
        members = []
        for position, type_ in enumerate(self.types[index]):
            value = self.builder.extract_value(self.args[index], position)
            is_array = isinstance(type_, types.Array)
            members.append(self.pointer(type_, value) if is_array else value)
        return members

    def at(self, pointer, *terms):
        for term in terms:
            pointer = self.builder.gep(pointer, [term])
        return pointer

    def entry(self, table, first, r):
        return self.builder.load(self.at(table, first, INT64(r)))

    def splat(self, scalar):
        one = self.builder.insert_element(self.undefined, scalar, INT32(0))
        return self.builder.shuffle_vector(one, self.undefined, self.zeros)

    def function(self, name, result, arguments):
        return self.builder.module.globals.get(name) or ir.Function(
            self.builder.module, ir.FunctionType(result, arguments), name
        )

    def fma(self, a, b, c):
        name = f"llvm.fma.v{LANES}f{self.bits}"
        return self.builder.call(self.function(name, self.vector, [self.vector] * 3), [a, b, c])

    def mask(self, width):
        """Return which lanes lie below `width`, as a vector of booleans."""
        lanes = ir.Constant(ir.VectorType(INT64, LANES), list(range(LANES)))
        vector = ir.Constant(ir.VectorType(INT64, LANES), ir.Undefined)
        vector = self.builder.insert_element(vector, width, INT32(0))
        vector = self.builder.shuffle_vector(vector, vector, self.zeros)
        return self.builder.icmp_signed("<", lanes, vector)

    def load(self, pointer, mask=None):
        pointer = self.builder.bitcast(pointer, self.vector.as_pointer())
        if mask is None:
            return self.builder.load(pointer, align=self.bits // 8)
        arguments = [pointer, INT32(self.bits // 8), mask, ir.Constant(self.vector, None)]
        name = f"llvm.masked.load.v{LANES}f{self.bits}.p0"
        function = self.function(name, self.vector, [argument.type for argument in arguments])
        return self.builder.call(function, arguments)

    def store(self, value, pointer, mask=None):
        pointer = self.builder.bitcast(pointer, self.vector.as_pointer())
        if mask is None:
            self.builder.store(value, pointer, align=self.bits // 8)
            return
        arguments = [value, pointer, INT32(self.bits // 8), mask]
        name = f"llvm.masked.store.v{LANES}f{self.bits}.p0"
        function = self.function(name, ir.VoidType(), [argument.type for argument in arguments])
        self.builder.call(function, arguments)


def _emit(emit: _Emitter, R: int, V: int, masked: bool):
    """Write the loop: the sums live in phi nodes, hence in registers."""
    builder = emit.builder
    x = emit.pointer(emit.types[0], emit.args[0])
    places, place = emit.fields(1)
    offsets, offset, count = emit.fields(2)
    w, w_first = emit.fields(3)
    start, start_first, scale = emit.fields(4)
    out, rows, row, out_first, width = emit.fields(5)
    mask = emit.mask(width) if masked else None
    columns = [INT64(v * LANES) for v in range(V)]

    x_rows = [emit.at(x, emit.entry(places, place, r)) for r in range(R)]
    out_rows = [emit.entry(rows, row, r) for r in range(R)]
    begin = [
        [emit.load(emit.at(start, start_first, builder.mul(scale, o), c), mask) for c in columns]
        for o in out_rows
    ]
    entry = builder.block
    loop, end = builder.append_basic_block("terms"), builder.append_basic_block("end")
    offsets, w = emit.at(offsets, offset), emit.at(w, w_first)
    builder.cbranch(builder.icmp_signed(">", count, INT64(0)), loop, end)

    builder.position_at_end(loop)
    k = builder.phi(INT64)
    sums = [[builder.phi(emit.vector) for _ in columns] for _ in range(R)]
    term = builder.load(emit.at(offsets, k))
    w_row = emit.at(w, builder.mul(k, INT64(V * LANES)))
    w_k = [emit.load(emit.at(w_row, c)) for c in columns]
    added = []
    for r in range(R):
        scalar = emit.splat(builder.load(emit.at(x_rows[r], term)))
        added.append([emit.fma(scalar, w_k[v], sums[r][v]) for v in range(V)])
    following = builder.add(k, INT64(1))
    k.add_incoming(INT64(0), entry)
    k.add_incoming(following, loop)
    builder.cbranch(builder.icmp_signed("<", following, count), loop, end)

    builder.position_at_end(end)
    totals = [[builder.phi(emit.vector) for _ in columns] for _ in range(R)]
    for r in range(R):
        for v in range(V):
            for phi in (sums[r][v], totals[r][v]):
                phi.add_incoming(begin[r][v], entry)
                phi.add_incoming(added[r][v], loop)
    floor = emit.splat(emit.args[6])
    for r in range(R):
        for v in range(V):
            below = builder.fcmp_ordered("<", totals[r][v], floor)
            value = builder.select(below, floor, totals[r][v])
            emit.store(value, emit.at(out, out_first, out_rows[r], columns[v]), mask)
    return emit.context.get_dummy_value()


def _compiled(R: int, V: int, masked: bool):
    @intrinsic
    def tile(typing, x, places, offsets, w, start, out, floor):
        signature = types.void(x, places, offsets, w, start, out, floor)

        def generate(context, builder, signature, args):
            return _emit(_Emitter(context, builder, signature, args), R, V, masked)

        return signature, generate

    return tile


def _plain(R: int, V: int, masked: bool):
    """Return the tile in plain Python, for runs with the JIT off."""

    def tile(x, places, offsets, w, start, out, floor):
        (out, rows, row, out_first, width), (start, start_first, scale) = out, start
        (offsets, offset, count), (w, w_first) = offsets, w
        columns = width if masked else V * LANES
        for r in range(R):
            o, place = rows[row + r], places[0][places[1] + r]
            for j in range(columns):
                total = start[start_first + scale * o + j]
                for k in range(count):
                    total += x[place + offsets[offset + k]] * w[w_first + k * V * LANES + j]
                out[out_first + o + j] = floor if total < floor else total

    return tile


_make = _plain if JIT_DISABLED else _compiled
wide_tile = _make(WIDE_ROWS, WIDE // LANES, masked=False)
short_tile = _make(SHORT_ROWS, WIDE // LANES, masked=False)
narrow_tile = _make(NARROW_ROWS, NARROW // LANES, masked=True)
