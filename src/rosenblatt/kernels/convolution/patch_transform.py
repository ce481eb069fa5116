"""Small constant matrices applied to the rows and columns of a patch, some channels at a time.

`patch_transform(factors, lanes)` is a kernel that writes, for so many channels side by side,

    target[i, j] = sum over k, l of L[i, k] source[k, l] L[j, l],  L = factors[0] @ factors[1] ...

Factors are applied from the last to the first, columns before rows, and only their non-zero terms
cost anything: a factor of sums and differences shares work between rows that differ in signs only.
Terms are added from left to right by fused multiply-adds, so every processor gives the same bits.

Source and target are Squares. Where `finished`, target = max(floor, start + sum), with the same
numbers of the Run `start` for each pixel.
"""

from typing import NamedTuple

import numpy as np
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.vectors import INT64, Emitter


class Square(NamedTuple):
    """A patch of some channels: pixel k, l is at array[first + k row + l column]."""

    array: np.ndarray
    first: int
    row: int
    column: int


def _combine(emit: Emitter, row, vectors):
    """Return the sum of row[k] vectors[k] over the non-zero terms of the row."""
    builder, total = emit.builder, None
    for coefficient, vector in zip(row, vectors, strict=True):
        constant = ir.Constant(emit.vector, [coefficient] * emit.lanes)
        if coefficient == 0:
            continue
        if total is None and coefficient == 1:
            total = vector
        elif total is None:
            total = builder.fmul(constant, vector)
        elif coefficient == 1:
            total = builder.fadd(total, vector)
        elif coefficient == -1:
            total = builder.fsub(total, vector)
        else:
            total = emit.fma(constant, vector, total)
    return total


def _apply(emit: Emitter, factors, vectors):
    for factor in reversed(factors):
        vectors = [_combine(emit, row, vectors) for row in factor]
    return vectors


def _emit(emit: Emitter, factors, finished: bool):
    builder = emit.builder
    (source, first, row, column), (target, at, target_row, target_column) = (
        emit.fields(0),
        emit.fields(1),
    )
    size, result = len(factors[-1][0]), len(factors[0])

    def place(pointer, i, row, j, column):
        return emit.at(pointer, builder.mul(INT64(i), row), builder.mul(INT64(j), column))

    source, target = emit.at(source, first), emit.at(target, at)
    columns = [
        _apply(
            emit, factors, [emit.load(place(source, k, row, other, column)) for k in range(size)]
        )
        for other in range(size)
    ]  # fmt: skip
    for i in range(result):
        for j, value in enumerate(_apply(emit, factors, [column[i] for column in columns])):
            if finished:
                start, start_first = emit.fields(2)
                value = builder.fadd(value, emit.load(emit.at(start, start_first)))
                floor = emit.splat(emit.args[3])
                value = builder.select(builder.fcmp_ordered("<", value, floor), floor, value)
            emit.store(value, place(target, i, target_row, j, target_column))
    return emit.context.get_dummy_value()


def _compiled(factors, lanes, finished):
    def generate(context, builder, signature, args):
        return _emit(Emitter(context, builder, signature, args, lanes), factors, finished)

    @intrinsic
    def transform(typing, source, target):
        return types.void(source, target), generate

    @intrinsic
    def transform_and_finish(typing, source, target, start, floor):
        return types.void(source, target, start, floor), generate

    return transform_and_finish if finished else transform


def _plain(factors, count, finished):
    """Return the transform in plain Python, for runs with the JIT off."""
    matrix = np.linalg.multi_dot([*factors, np.eye(len(factors[-1][0]))])
    lanes = np.arange(count)

    def patch(size, first, row, column):
        i = np.arange(size)
        return first + i[:, None, None] * row + i[:, None] * column + lanes

    def transform(source, target, start=None, floor=-np.inf):
        values = source.array[patch(matrix.shape[1], *source[1:])]
        result = np.einsum("ik,klv,jl->ijv", matrix, values, matrix)
        if finished:
            result += start.array[start.first + lanes]
        target.array[patch(matrix.shape[0], *target[1:])] = np.where(result < floor, floor, result)

    return transform


def patch_transform(factors, lanes, finished=False):
    """Return the kernel that transforms a square patch of channels by the product of `factors`."""
    factors = [np.asarray(factor, np.float64).tolist() for factor in factors]
    return (_plain if JIT_DISABLED else _compiled)(factors, lanes, finished)
