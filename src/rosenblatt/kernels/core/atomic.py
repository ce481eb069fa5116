"""Words of memory that several threads change, by their address; and loops that are called by it.

All are sequentially consistent: every thread sees all changes in one order (C++11, section 29.3).
"""

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

ORDER = "seq_cst"
WORD = ir.IntType(64)
ALIGNMENT = 8


def _pointer(builder, address):
    return builder.inttoptr(address, WORD.as_pointer())


@intrinsic
def load(typing_context, address):
    """Return the word at an address."""

    def generate(context, builder, signature, arguments):
        return builder.load_atomic(_pointer(builder, arguments[0]), ORDER, ALIGNMENT)

    return types.int64(types.int64), generate


@intrinsic
def store(typing_context, address, value):
    """Write the word at an address."""

    def generate(context, builder, signature, arguments):
        address, value = arguments
        builder.store_atomic(value, _pointer(builder, address), ORDER, ALIGNMENT)
        return context.get_dummy_value()

    return types.void(types.int64, types.int64), generate


def _changing(operation):
    """Return the type of a change that returns what the word was, and how to write it."""

    def generate(context, builder, signature, arguments):
        address, value = arguments
        return builder.atomic_rmw(operation, _pointer(builder, address), value, ORDER)

    return types.int64(types.int64, types.int64), generate


@intrinsic
def exchange(typing_context, address, value):
    """Write the word at an address and return what it was."""
    return _changing("xchg")


@intrinsic
def add(typing_context, address, value):
    """Add to the word at an address and return what it was."""
    return _changing("add")


@intrinsic
def replace(typing_context, address, expected, value):
    """Write the word at an address if it is the expected one, and return what it was."""

    def generate(context, builder, signature, arguments):
        address, expected, value = arguments
        pointer = _pointer(builder, address)
        found = builder.cmpxchg(pointer, expected, value, ORDER, ORDER)
        return builder.extract_value(found, 0)

    return types.int64(types.int64, types.int64, types.int64), generate


@intrinsic
def address_of(typing_context, array):
    """Return the address of an array's first element, whose owner has to live on."""

    def generate(context, builder, signature, arguments):
        data = cgutils.create_struct_proxy(signature.args[0])(context, builder, arguments[0]).data
        return builder.ptrtoint(data, WORD)

    return types.int64(array), generate


@intrinsic
def call_loop(typing_context, function, places, counts, steps, data):
    """Call a ufunc's inner loop; places and counts are arrays, that live until it has returned."""

    def generate(context, builder, signature, arguments):
        def pointer(value, kind):
            if isinstance(kind, types.Array):
                value = cgutils.create_struct_proxy(kind)(context, builder, value).data
                return builder.bitcast(value, cgutils.voidptr_t)
            return builder.inttoptr(value, cgutils.voidptr_t)

        function, *rest = map(pointer, arguments, signature.args)
        kind = ir.FunctionType(ir.VoidType(), [cgutils.voidptr_t] * 4)
        builder.call(builder.bitcast(function, kind.as_pointer()), rest)
        return context.get_dummy_value()

    return types.void(types.int64, places, counts, types.int64, types.int64), generate
