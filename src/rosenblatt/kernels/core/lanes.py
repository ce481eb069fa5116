"""Sums along runs of numbers in lanes side by side, so that they run in vectors.

A sum of numbers one after the other waits for each addition; LLVM may not put it in another order.
Here number i of a run goes to lane i mod 8 (or 16), as far as whole vectors reach: the order, and
so the bits, are the same everywhere. What is added is told as arithmetic on whole vectors:

    add_squares = lanewise(lambda x, mean: [(x - mean) * (x - mean)])
    (lanes,) = add_squares((x,), (mean,), (0.0,))

in a kernel gives lanes of the sum over x[: x.size // 8 * 8]; the rest is left. They begin at what
is told last: a number, or lanes that there are already, whose dtype they have.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import ir
from numba import types
from numba.core.errors import TypingError
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED, kernel
from rosenblatt.kernels.core.vectors import INT32, INT64, LANES, Emitter


class _Vector:
    """A vector of compiled code, with the operators of one of NumPy."""

    def __init__(self, builder: ir.IRBuilder, value: ir.Value) -> None:
        self.builder, self.value = builder, value

    def __add__(self, other: "_Vector") -> "_Vector":
        return _Vector(self.builder, self.builder.fadd(self.value, other.value))

    def __sub__(self, other: "_Vector") -> "_Vector":
        return _Vector(self.builder, self.builder.fsub(self.value, other.value))

    def __mul__(self, other: "_Vector") -> "_Vector":
        return _Vector(self.builder, self.builder.fmul(self.value, other.value))

    def largest(self, other: "_Vector") -> "_Vector":
        """Return the larger of each two; what is no number never is."""
        above = self.builder.fcmp_ordered(">", other.value, self.value)
        return _Vector(self.builder, self.builder.select(above, other.value, self.value))


Term = Callable[..., list[Any]]


def _compiled(term: Term, lanes: int, joined: str) -> Any:
    @intrinsic
    def add(typing, arrays, numbers, starts):
        dtype = getattr(starts[0], "dtype", starts[0])
        for array in arrays:
            if not isinstance(array.dtype, types.Float):
                raise TypingError(f"sums in lanes are of floats, not of {array.dtype}")

        def generate(context, builder, signature, args):
            emit = Emitter(context, builder, signature, args, lanes)
            wide = ir.VectorType(context.get_data_type(dtype), lanes)

            def widened(value):
                same = value.type == wide
                return _Vector(builder, value if same else builder.fpext(value, wide))

            parts = [_part(emit, index) for index in range(len(arrays))]
            told = [_Vector(builder, emit.splat(value)) for value in _members(emit, 1)]
            firsts = [_vector(emit, value, wide) for value in _members(emit, 2)]

            def body(i, values):
                terms = term(*[widened(part(i)) for part in parts], *told)
                before = [_Vector(builder, value) for value in values]
                after = [getattr(b, joined)(t) for b, t in zip(before, terms, strict=True)]
                return [vector.value for vector in after]

            run = context.make_array(arrays[0])(context, builder, _members(emit, 0)[0])
            finals = emit.loop(0, builder.sdiv(run.nitems, INT64(lanes)), firsts, body)
            return context.make_tuple(
                builder,
                signature.return_type,
                [_tuple(emit, final, signature.return_type[0]) for final in finals],
            )

        sums = types.UniTuple(types.UniTuple(dtype, lanes), len(starts))
        return sums(arrays, numbers, starts), generate

    return add


def _members(emit: Emitter, index: int) -> list[ir.Value]:
    """Return the members of a tuple argument."""
    count = len(emit.types[index])
    return [emit.builder.extract_value(emit.args[index], member) for member in range(count)]


def _vector(emit: Emitter, value: ir.Value, vector: ir.VectorType) -> ir.Value:
    """Return a number in all lanes, or a tuple as lanes."""
    if not isinstance(value.type, ir.ArrayType):
        return emit.splat(value)
    result = ir.Constant(vector, ir.Undefined)
    for lane in range(vector.count):
        number = emit.builder.extract_value(value, lane)
        result = emit.builder.insert_element(result, number, INT32(lane))
    return result


def _tuple(emit: Emitter, vector: ir.Value, type_: types.UniTuple) -> ir.Value:
    """Return lanes as a tuple."""
    numbers = [emit.builder.extract_element(vector, INT32(lane)) for lane in range(len(type_))]
    return emit.context.make_tuple(emit.builder, type_, numbers)


def _part(emit: Emitter, index: int) -> Callable[[ir.Value], ir.Value]:
    """Return what loads the i-th vector of one of the arrays, wherever its numbers lie."""
    builder, type_ = emit.builder, emit.types[0][index]
    array = emit.context.make_array(type_)(emit.context, builder, _members(emit, 0)[index])
    vector = ir.VectorType(emit.context.get_data_type(type_.dtype), emit.lanes)
    stride = builder.extract_value(array.strides, 0)  # in bytes
    begin = builder.ptrtoint(array.data, INT64)

    def load(i):
        first = builder.mul(i, INT64(emit.lanes))
        if type_.layout == "C":
            return emit.load(emit.at(array.data, first), vector=vector)
        value = ir.Constant(vector, ir.Undefined)
        for lane in range(emit.lanes):
            place = builder.add(begin, builder.mul(builder.add(first, INT64(lane)), stride))
            pointer = builder.inttoptr(place, array.data.type)
            value = builder.insert_element(value, builder.load(pointer, align=1), INT32(lane))
        return value

    return load


def _plain(term: Term, lanes: int, joined: str) -> Any:
    """Return the same in plain Python, for runs with the JIT off."""

    def add(arrays, numbers, starts):
        dtype = np.asarray(starts[0]).dtype
        sums = [np.broadcast_to(start, lanes).copy() for start in starts]
        for i in range(0, arrays[0].size // lanes * lanes, lanes):
            seen = [array[i : i + lanes].astype(dtype) for array in arrays]
            for values, value in zip(sums, term(*seen, *numbers), strict=True):
                values[:] = np.fmax(values, value) if joined == "largest" else values + value
        return tuple(tuple(values) for values in sums)

    return add


def lanewise(term: Term, lanes: int = LANES, joined: str = "__add__") -> Any:
    """Return what adds up a term in lanes: add(arrays, numbers, starts), all tuples, in kernels.

    term takes a vector of each of the arrays [K] and of each of the numbers, and returns one for
    each of the starts; or, joined by "largest", the largest are kept.
    """
    return (_plain if JIT_DISABLED else _compiled)(term, lanes, joined)


@kernel
def in_turn(lanes):
    """Return the sum of lanes, one after the other."""
    result = lanes[0]
    for lane in lanes[1:]:
        result += lane
    return result
