"""Vectors of 8 or 16 lanes: the LLVM idioms that kernels as explicit vectors are made of.

An `Emitter` writes instructions where an intrinsic is called. Numba's own loops check each index
for being negative, and seldom become vectors.
"""

from llvmlite import ir
from numba import types

LANES = 8
INT1, INT32, INT64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)


def _bytes(element):
    if isinstance(element, ir.IntType):
        return element.width // 8
    return 8 if isinstance(element, ir.DoubleType) else 4


class Emitter:
    """Writes instructions on vectors of the dtype of the intrinsic's first array."""

    def __init__(self, context, builder, signature, args, lanes=LANES):
        self.context, self.builder = context, builder
        self.types, self.args = signature.args, args
        first = signature.args[0]
        dtype = first.dtype if isinstance(first, types.Array) else first[0].dtype
        self.bits = dtype.bitwidth
        self.lanes = lanes
        self.vector = ir.VectorType(context.get_data_type(dtype), lanes)
        self.zeros = ir.Constant(ir.VectorType(INT32, lanes), [0] * lanes)

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
        """Return the scalar in all lanes."""
        undefined = ir.Constant(ir.VectorType(scalar.type, self.lanes), ir.Undefined)
        one = self.builder.insert_element(undefined, scalar, INT32(0))
        return self.builder.shuffle_vector(one, undefined, self.zeros)

    def function(self, name, result, arguments):
        return self.builder.module.globals.get(name) or ir.Function(
            self.builder.module, ir.FunctionType(result, arguments), name
        )

    def fma(self, a, b, c):
        name = f"llvm.fma.v{self.lanes}f{self.bits}"
        return self.builder.call(self.function(name, self.vector, [self.vector] * 3), [a, b, c])

    def prefetch(self, pointer):
        """Ask for the cache line, to be written to soon."""
        kinds = [pointer.type, INT32, INT32, INT32]
        function = self.function("llvm.prefetch.p0", ir.VoidType(), kinds)
        self.builder.call(function, [pointer, INT32(1), INT32(3), INT32(1)])

    def mask(self, width):
        """Return which lanes lie below `width`, as a vector of booleans."""
        lanes = ir.Constant(ir.VectorType(INT64, LANES), list(range(LANES)))
        return self.builder.icmp_signed("<", lanes, self.splat(width))

    def load(self, pointer, mask=None, vector=None):
        """Load a vector (of the dtype unless said otherwise); lanes outside the mask are zero."""
        vector = vector or self.vector
        size = _bytes(vector.element)
        pointer = self.builder.bitcast(pointer, vector.as_pointer())
        if mask is None:
            return self.builder.load(pointer, align=size)
        arguments = [pointer, INT32(size), mask, ir.Constant(vector, None)]
        kind = "i" if isinstance(vector.element, ir.IntType) else "f"
        name = f"llvm.masked.load.v{LANES}{kind}{8 * size}.p0"
        function = self.function(name, vector, [argument.type for argument in arguments])
        return self.builder.call(function, arguments)

    def store(self, value, pointer):
        pointer = self.builder.bitcast(pointer, value.type.as_pointer())
        self.builder.store(value, pointer, align=_bytes(value.type.element))

    def store_lanes(self, value, pointer, width):
        """Store the first `width` lanes, in runs of 8, 4, 2 and 1.

        A masked store would do, but takes Zen processors 12 cycles.
        """
        builder = self.builder
        for run in (LANES, LANES // 2, LANES // 4, 1):
            bit = builder.icmp_signed("!=", builder.and_(width, INT64(run)), INT64(0))
            first, then = builder.block, builder.append_basic_block("lanes")
            after = builder.append_basic_block("rest")
            builder.cbranch(bit, then, after)
            builder.position_at_end(then)
            lanes = ir.Constant(ir.VectorType(INT32, run), list(range(run)))
            part = builder.shuffle_vector(value, value, lanes)
            target = builder.bitcast(pointer, part.type.as_pointer())
            builder.store(part, target, align=_bytes(value.type.element))
            moved = [(lane + run) % LANES for lane in range(LANES)]
            order = ir.Constant(ir.VectorType(INT32, LANES), moved)
            rest, beyond = (
                builder.shuffle_vector(value, value, order),
                self.at(pointer, INT64(run)),
            )
            builder.branch(after)
            builder.position_at_end(after)
            both = builder.phi(value.type), builder.phi(pointer.type)
            for phi, old, new in zip(both, (value, pointer), (rest, beyond), strict=True):
                phi.add_incoming(old, first)
                phi.add_incoming(new, then)
            value, pointer = both

    def loop(self, first, count, starts, body):
        """Write a loop over i, first <= i < count; body(i, values) returns the next values."""
        builder = self.builder
        entry, first = builder.block, INT64(first)
        loop, end = builder.append_basic_block("loop"), builder.append_basic_block("end")
        builder.cbranch(builder.icmp_signed("<", first, count), loop, end)
        builder.position_at_end(loop)
        i, values = builder.phi(INT64), [builder.phi(start.type) for start in starts]
        results = body(i, values)
        following = builder.add(i, INT64(1))
        for phi, start, result in zip(
            [i, *values], [first, *starts], [following, *results], strict=True
        ):
            phi.add_incoming(start, entry)
            phi.add_incoming(result, builder.block)
        latch = builder.block  # the body may have made blocks of its own
        builder.cbranch(builder.icmp_signed("<", following, count), loop, end)
        builder.position_at_end(end)
        finals = [builder.phi(start.type) for start in starts]
        for final, start, result in zip(finals, starts, results, strict=True):
            final.add_incoming(start, entry)
            final.add_incoming(result, latch)
        return finals
