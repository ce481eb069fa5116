"""Moving numbers about: runs, blocks and transposed blocks, at the speed of the vector unit.

Plain index loops are slow here, because the compiler must allow for negative indices.
All arrays are flat, all numbers intp; `first` and `at` are indices into source and target.
"""

from functools import partial
from typing import Any, NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED, kernel


class Block(NamedTuple):
    """Rows of a matrix in a flat array: row i begins at first + i stride."""

    array: np.ndarray
    first: int
    stride: int


class Run(NamedTuple):
    """The elements of a flat array from `first` on."""

    array: np.ndarray
    first: int


LANES = 8
INT1, INT32, INT64 = ir.IntType(1), ir.IntType(32), ir.IntType(64)
BYTES = ir.IntType(8).as_pointer()


def _element(context, builder, type_, array, index):
    """Return a pointer to one element, without the check for a negative index."""
    data = context.make_array(type_)(context, builder, array).data
    return builder.gep(data, [index])


def _copy(context, builder, arguments, args, count):
    source, _, target, _ = arguments[:4]
    size = builder.mul(count, INT64(source.dtype.bitwidth // 8))
    pointers = [
        builder.bitcast(_element(context, builder, type_, *place), BYTES)
        for type_, place in ((target, args[2:4]), (source, args[0:2]))
    ]
    name = "llvm.memcpy.p0.p0.i64"
    memcpy = builder.module.globals.get(name) or ir.Function(
        builder.module,
        ir.FunctionType(ir.VoidType(), [pointer.type for pointer in pointers] + [INT64, INT1]),
        name,
    )
    builder.call(memcpy, [*pointers, size, INT1(0)])
    return context.get_dummy_value()


@intrinsic
def _copy_run(typing, source, first, target, at, count):
    arguments = source, types.intp, target, types.intp, types.intp
    return types.void(*arguments), lambda context, builder, signature, args: _copy(
        context, builder, arguments, args, args[4]
    )


def _copy_of(count):
    @intrinsic
    def copy_some(typing, source, first, target, at):
        arguments = source, types.intp, target, types.intp
        return types.void(*arguments), lambda context, builder, signature, args: _copy(
            context, builder, arguments, args, INT64(count)
        )

    return copy_some


@intrinsic
def _transpose_8(typing, source, first, stride, target, at, target_stride):
    """Write the 8 x 8 block of rows first + i stride as columns, in three rounds of shuffles."""
    arguments = source, types.intp, types.intp, target, types.intp, types.intp

    def generate(context, builder, signature, args):
        vector = ir.VectorType(context.get_data_type(source.dtype), LANES)
        align = source.dtype.bitwidth // 8

        def place(array, index, i):
            at = builder.add(args[index + 1], builder.mul(args[index + 2], INT64(i)))
            pointer = _element(context, builder, array, args[index], at)
            return builder.bitcast(pointer, vector.as_pointer())

        rows = [builder.load(place(source, 0, i), align=align) for i in range(LANES)]
        for distance in (4, 2, 1):
            # Swap the off-diagonal squares of side `distance` in each pair of rows that far apart.
            low = [i if not i & distance else i - distance + LANES for i in range(LANES)]
            high = [i + distance if not i & distance else i + LANES for i in range(LANES)]
            for i in range(LANES):
                if not i & distance:
                    pair = rows[i], rows[i + distance]
                    for row, lanes in ((i, low), (i + distance, high)):
                        mask = ir.Constant(ir.VectorType(INT32, LANES), lanes)
                        rows[row] = builder.shuffle_vector(*pair, mask)
        for i in range(LANES):
            builder.store(rows[i], place(target, 3, i), align=align)
        return context.get_dummy_value()

    return types.void(*arguments), generate


def _plain_copy(source, first, target, at, count):
    target[at : at + count] = source[first : first + count]


def _plain_transpose(source, first, stride, target, at, target_stride):
    i, j = np.arange(LANES)[:, None], np.arange(LANES)
    target[at + j * target_stride + i] = source[first + i * stride + j]


copy: Any = _plain_copy if JIT_DISABLED else _copy_run
copy_8: Any = partial(_plain_copy, count=8) if JIT_DISABLED else _copy_of(8)
copy_16: Any = partial(_plain_copy, count=16) if JIT_DISABLED else _copy_of(16)
transpose_8: Any = _plain_transpose if JIT_DISABLED else _transpose_8


@kernel
def assign(out, values):
    """Write `values` to `out`, both flat: of `out[:] = values` Numba compiles the error, too."""
    for k in range(out.size):
        out[k] = values[k]


@kernel
def copy_block(source, target, rows, columns):
    """Copy rows x columns numbers from one Block to another."""
    if columns == 16:
        for i in range(rows):
            copy_16(
                source.array, source.first + i * source.stride,
                target.array, target.first + i * target.stride,
            )  # fmt: skip
    elif columns == 8:
        for i in range(rows):
            copy_8(
                source.array, source.first + i * source.stride,
                target.array, target.first + i * target.stride,
            )  # fmt: skip
    else:
        for i in range(rows):
            copy(
                source.array, source.first + i * source.stride,
                target.array, target.first + i * target.stride, columns,
            )  # fmt: skip


@kernel
def transpose_block(source, target, rows, columns):
    """Copy rows x columns numbers of the source Block to columns and rows of the target."""
    array, first, stride = source
    out, at, target_stride = target
    full_rows, full_columns = rows // LANES * LANES, columns // LANES * LANES
    for i in range(0, full_rows, LANES):
        for j in range(0, full_columns, LANES):
            transpose_8(
                array, first + i * stride + j, stride, out, at + j * target_stride + i,
                target_stride,
            )  # fmt: skip
    for i in range(rows):
        for j in range(full_columns if i < full_rows else 0, columns):
            out[at + j * target_stride + i] = array[first + i * stride + j]


@kernel
def fill(target, at, count, value):
    """Set a run of `count` elements to `value`."""
    target[at : at + count] = value


@kernel
def rectify(target, at, gate, first, count):
    """Set each of a run to zero where the same place of the gate is not above zero."""
    run, opened = target[at : at + count], gate[first : first + count]
    for i in range(count):
        run[i] = run[i] if opened[i] > 0 else 0
