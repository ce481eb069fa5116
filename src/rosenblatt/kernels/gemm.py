"""The matrix product out = start + A B, in blocks that stay in the caches, terms in order of k.

A block of A (ROWS x DEPTH) is copied side by side, so that its rows never compete for the same
cache lines; a panel of B (DEPTH x 16) is copied into the order in which the tile reads it (Goto &
van de Geijn 2008, section 4). Blocking never changes a result: each sum continues from `out`.
"""

from functools import cache

import numpy as np
from numba import prange

from rosenblatt.kernels.jit import kernel, parallel_kernel
from rosenblatt.kernels.memory import copy_block, fill, transpose_block
from rosenblatt.kernels.tile import (
    NARROW,
    NARROW_ROWS,
    SHORT_ROWS,
    WIDE,
    WIDE_ROWS,
    narrow_tile,
    short_tile,
    wide_tile,
)

ROWS = 96  # a multiple of both tiles' rows; the block of A takes 96 x 256 x 4 bytes = 96 KiB of L2
DEPTH = 256  # a panel of B takes 256 x 16 x 4 bytes = 16 KiB of L1
COLUMNS = 128  # of one task
TASKS = 16  # wanted


@kernel
def panel_width(columns, j):
    """Return how many of the columns from j on the next panel takes, and its packed width."""
    if columns - j >= WIDE:
        return WIDE, WIDE
    return min(NARROW, columns - j), NARROW


@kernel
def pack_panel(b, first, stride, transposed, shape, panel, at):
    """Copy a block of B of shape (depth, width) into a packed panel; a narrow one is zero-filled.

    Row k starts at first + k stride; of a transposed B, column j does.
    """
    depth, width = shape
    columns = WIDE if width == WIDE else NARROW
    if width < NARROW:
        fill(panel, at, depth * columns, 0)
    if transposed:
        transpose_block(b, first, stride, panel, at, columns, (width, depth))
    else:
        copy_block(b, first, stride, panel, at, columns, shape)


@kernel
def multiply_panel(x, places, offsets, w, start, out, floor):
    """Run one packed panel of w against `row_count` rows: the tile, and its edges.

    As the tile's arguments, but places = (table, first, row_count); the tables of places and of
    out's rows are read up to the next multiple of the tile's rows, so they are padded by repeating
    their last entry: the same value is then written twice.
    """
    table, first, row_count = places
    array, rows, row, at, width = out
    if width >= WIDE:
        r = 0
        while r < row_count:
            left = row_count - r
            if left > 2 * SHORT_ROWS or SHORT_ROWS < left <= WIDE_ROWS:
                wide_tile(
                    x, (table, first + r), offsets, w, start, (array, rows, row + r, at, width),
                    floor,
                )  # fmt: skip
                r += WIDE_ROWS
            else:
                short_tile(
                    x, (table, first + r), offsets, w, start, (array, rows, row + r, at, width),
                    floor,
                )  # fmt: skip
                r += SHORT_ROWS
    else:
        for r in range(0, row_count, NARROW_ROWS):
            narrow_tile(
                x,
                (table, first + r),
                offsets,
                w,
                start,
                (array, rows, row + r, at, width),
                floor,
            )


@kernel
def arithmetic_table(table, count, stride):
    """Fill `table` with 0, stride, 2 stride ... for `count` entries, then repeat the last."""
    for i in range(table.size):
        table[i] = min(i, count - 1) * stride
    return table


@kernel
def _gemm_task(a, b, bias, out, transposed, extent, floor):
    """Compute out[i0:i1, j0:j1]."""
    transposed_a, transposed_b, accumulate = transposed
    i0, i1, j0, j1 = extent
    M, N = out.shape
    K = a.shape[0] if transposed_a else a.shape[1]
    rows = i1 - i0
    a_flat, b_flat, out_flat = a.reshape(-1), b.reshape(-1), out.reshape(-1)
    row_stride = (ROWS if transposed_a else DEPTH) + WIDE  # not a power of two: rows spread out
    block = np.empty((DEPTH if transposed_a else ROWS) * row_stride, a.dtype)
    panel = np.empty(DEPTH * WIDE, a.dtype)
    padded = rows + NARROW_ROWS
    places = arithmetic_table(np.empty(padded, np.intp), rows, 1 if transposed_a else row_stride)
    out_rows = arithmetic_table(np.empty(padded, np.intp), rows, N)
    offsets = arithmetic_table(np.empty(DEPTH, np.intp), DEPTH, row_stride if transposed_a else 1)
    unbounded = a.dtype.type(-np.inf)
    for k0 in range(0, K, DEPTH):
        depth = min(DEPTH, K - k0)
        if transposed_a:
            copy_block(a_flat, k0 * M + i0, M, block, 0, row_stride, (depth, rows))
        else:
            copy_block(a_flat, i0 * K + k0, K, block, 0, row_stride, (rows, depth))
        j = j0
        while j < j1:
            width = WIDE if j1 - j >= WIDE else min(NARROW, j1 - j)
            first = j * K + k0 if transposed_b else k0 * N + j
            stride = K if transposed_b else N
            pack_panel(b_flat, first, stride, transposed_b, (depth, width), panel, 0)
            bound = floor if k0 + DEPTH >= K else unbounded
            if k0 > 0 or accumulate:
                multiply_panel(
                    block, (places, 0, rows), (offsets, 0, depth), (panel, 0),
                    (out_flat, i0 * N + j, 1), (out_flat, out_rows, 0, i0 * N + j, width), bound,
                )  # fmt: skip
            else:
                multiply_panel(
                    block, (places, 0, rows), (offsets, 0, depth), (panel, 0),
                    (bias, j, 0), (out_flat, out_rows, 0, i0 * N + j, width), bound,
                )  # fmt: skip
            j += width


@parallel_kernel
def _gemm(a, b, bias, out, transposed, tasks, floor):
    M, N = out.shape
    row_tasks, column_tasks, columns = tasks
    for task in prange(row_tasks * column_tasks):
        i, j = np.intp(task) // column_tasks, np.intp(task) % column_tasks
        extent = (
            M * i // row_tasks, M * (i + 1) // row_tasks,
            j * columns, min(N, (j + 1) * columns),
        )  # fmt: skip
        _gemm_task(a, b, bias, out, transposed, extent, floor)


def gemm(a, b, out, *, transpose=(False, False), bias=None, accumulate=False, floor=-np.inf):
    """Write the product of two matrices: out = max(floor, start + A B).

    a [M, K], or [K, M] where transpose[0]; b [K, N], or [N, K] where transpose[1]; out [M, N]; all
    of one floating dtype and C-contiguous. start is `out` itself where `accumulate`, else bias [N],
    else 0. floor = 0 applies a rectifier on the way out. Returns out.
    Raises ValueError where the shapes do not fit.
    """
    (M, N), inner = out.shape, a.shape[0] if transpose[0] else a.shape[1]
    shapes = (
        (inner, M) if transpose[0] else (M, inner),
        (N, inner) if transpose[1] else (inner, N),
    )
    if a.shape != shapes[0] or b.shape != shapes[1]:
        raise ValueError(f"cannot multiply {a.shape} by {b.shape} into {out.shape}: {transpose=}")
    if bias is None:
        bias = zeros(N, out.dtype)
    # The tasks depend on the shapes alone. Enough of them that 4 threads find work.
    row_tasks, columns = max(1, -(-M // ROWS)), COLUMNS
    while columns > WIDE and row_tasks * -(-N // columns) < TASKS:
        columns //= 2
    tasks = (row_tasks, -(-N // columns), columns)
    _gemm(a, b, bias, out, (*transpose, accumulate), tasks, out.dtype.type(floor))
    return out


@cache
def zeros(count, dtype):
    """Return an array of zeros, the same at each call: not to be written to."""
    return np.zeros(count, dtype)
