"""The matrix product out = start + A B, in blocks that stay in the caches, terms in order of k.

B is copied in panels of 16 columns, in the order in which the tile reads them; A, in panels of 8
rows, only where it is transposed, since the tile would read it across (Goto & van de Geijn 2008,
section 4). Each thread has one rectangle of the result. How many terms a block has depends on the
shapes alone, and no sum is shared by two tasks: so the bits do not depend on the threads.
With a few rows nothing is packed (skinny_gemm.py), for the same bits.
"""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import Block, copy_block, fill, transpose_block
from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.skinny_gemm import FEW, multiply_skinny
from rosenblatt.kernels.core.tile import (
    NARROW,
    NARROW_ROWS,
    PAIR,
    PAIR_ROWS,
    PAIRED,
    SHORT_PAIR_ROWS,
    SHORT_ROWS,
    WIDE,
    WIDE_ROWS,
    Entries,
    Output,
    Panels,
    Start,
    narrow_tile,
    pair_tile,
    short_pair_tile,
    short_tile,
    wide_tile,
)

ROWS, TERMS = 72, 512  # of a block of A: 72 x 512 x 4 bytes = 144 KiB, a good quarter of L2
COLUMNS = 512  # of B that a task packs: 1 MiB with 512 terms
RUN = 2048  # columns of B that a task with few rows reads: a run of memory, its sums in L1 or L2
CHUNK = 16  # rows of B packed at a time
DEPTH = 256  # terms of a panel that leaves half of L1 to others
PACKING = 11  # multiplications in the time in which one number is packed (measured)
READING = 5  # and in that in which a number of A is read that is not (measured)
WORK = 1 << 19  # multiplications that are worth a task


class Rectangle(NamedTuple):
    """Rows top ... bottom - 1 and columns left ... right - 1 of a matrix."""

    top: int
    bottom: int
    left: int
    right: int


class Plan(NamedTuple):
    """The rows and columns of a task, rows and terms of a block; how A and B lie, and whether out
    is added to."""

    rows: int
    columns: int
    step: int
    terms: int
    transposed_a: int
    transposed_b: int
    accumulate: int


@kernel
def panel_width(columns, j):
    """Return how many of the columns from j on the next panel takes, and its packed width."""
    if columns - j >= WIDE:
        return WIDE, WIDE
    return min(NARROW, columns - j), NARROW


@kernel
def run_width(columns, j):
    """Return how many of the columns from j on one run of multiply_panel takes: of a pair, two."""
    if PAIRED and columns - j >= PAIR:
        return PAIR
    return panel_width(columns, j)[0]


@kernel
def pack_panel(source, transposed, depth, width, panel, at):
    """Copy a Block of B, depth x width, into a packed panel; a narrow one is zero-filled.

    The rows of the source are those of B; of a transposed B, its columns.
    """
    columns = WIDE if width == WIDE else NARROW
    if width < NARROW:
        fill(panel, at, depth * columns, 0)
    if transposed:
        transpose_block(source, Block(panel, at, columns), width, depth)
    else:
        copy_block(source, Block(panel, at, columns), depth, width)


@kernel
def multiply_panel(x, places, offsets, w, start, out, floor):
    """Run one packed panel of w, or a pair, against all places: the tile, and its edges.

    As the tile's arguments; the tables of places and of out's rows are read up to the next multiple
    of the tile's rows, so they are padded by repeating their last entry: the same value is then
    written twice. Of a width of two panels it is a pair.
    """
    r = 0
    while r < places.size:
        left = places.size - r
        seen = Entries(places.table, places.first + r, left)
        target = Output(out.array, out.rows, out.row + r, out.first, out.width, out.apart)
        if PAIRED and out.width == PAIR:
            if left > SHORT_PAIR_ROWS:
                pair_tile(x, seen, offsets, w, start, target, floor)
                r += PAIR_ROWS
            else:
                short_pair_tile(x, seen, offsets, w, start, target, floor)
                r += SHORT_PAIR_ROWS
        elif out.width < WIDE:
            narrow_tile(x, seen, offsets, w, start, target, floor)
            r += NARROW_ROWS
        elif left > 2 * SHORT_ROWS or SHORT_ROWS < left <= WIDE_ROWS:
            wide_tile(x, seen, offsets, w, start, target, floor)
            r += WIDE_ROWS
        else:
            short_tile(x, seen, offsets, w, start, target, floor)
            r += SHORT_ROWS


@kernel
def arithmetic_table(table, count, stride):
    """Fill `table` with 0, stride, 2 stride ... for `count` entries, then repeat the last."""
    for i in range(table.size):
        table[i] = min(i, count - 1) * stride
    return table


@kernel
def _pack_block(b, transposed, part, size, packed):
    """Copy a part of b, its rows in the order of the terms, into panels of `size` a column.

    Memory is read as it lies: all columns of a few rows, or all terms of a transposed B's columns.
    """
    k0, depth, j0, j1 = part.top, part.bottom - part.top, part.left, part.right
    flat, stride = b.reshape(-1), b.shape[1]
    step = max(1, depth) if transposed else CHUNK
    for k in range(k0, k0 + depth, step):
        count = min(step, k0 + depth - k)
        j = j0
        while j < j1:
            width, columns = panel_width(j1, j)
            first = j * stride + k if transposed else k * stride + j
            at = (j - j0) * size + (k - k0) * columns
            pack_panel(Block(flat, first, stride), transposed, count, width, packed, at)
            j += width


@kernel
def _pack_rows(a, part, size, block):
    """Copy rows of a transposed A, columns of `a`, in the order of the terms: panels of 8."""
    flat, stride = a.reshape(-1), a.shape[1]
    for k in range(part.left, part.right, CHUNK):
        count = min(CHUNK, part.right - k)
        for i in range(part.top, part.bottom, NARROW):
            at = (i - part.top) * size + (k - part.left) * NARROW
            source, target = Block(flat, k * stride + i, stride), Block(block, at, NARROW)
            copy_block(source, target, count, min(NARROW, part.bottom - i))


@kernel
def _rows_of_a(a, transposed, part, size, block):
    """Return (array, places, offsets): where the tile finds a part of A."""
    rows, depth, stride = part.bottom - part.top, part.right - part.left, a.shape[1]
    places, offsets = np.empty(rows + NARROW_ROWS, np.intp), np.empty(depth, np.intp)
    if transposed:
        _pack_rows(a, part, size, block)
        for i in range(places.size):
            row = min(i, rows - 1)
            places[i] = row // NARROW * NARROW * size + row % NARROW
        return block, places, arithmetic_table(offsets, depth, NARROW)
    x = a.reshape(-1)[part.top * stride + part.left :]
    return x, arithmetic_table(places, rows, stride), arithmetic_table(offsets, depth, 1)


@kernel
def _gemm_task(a, b, bias, part, plan, floor, out):
    """Compute a rectangle of out."""
    j0, j1, N, flat = part.left, part.right, out.shape[1], out.reshape(-1)
    K, terms = a.shape[0] if plan.transposed_a else a.shape[1], plan.terms
    size = terms + 1  # one more than there are: panels spread out in the cache
    packed = np.empty((j1 - j0 + NARROW) * size, a.dtype)
    block = np.empty((plan.step + NARROW) * size if plan.transposed_a else 0, a.dtype)
    rows = np.empty(plan.step + NARROW_ROWS, np.intp)
    for k0 in range(0, max(K, 1), terms):
        depth = min(terms, K - k0)
        _pack_block(b, plan.transposed_b, Rectangle(k0, k0 + depth, j0, j1), size, packed)
        anew = k0 == 0 and not plan.accumulate
        bound = floor if k0 + terms >= K else a.dtype.type(-np.inf)
        for i in range(part.top, part.bottom, plan.step):
            count = min(plan.step, part.bottom - i)
            arithmetic_table(rows, count, N)
            left = Rectangle(i, i + count, k0, k0 + depth)
            x, places, offsets = _rows_of_a(a, plan.transposed_a, left, size, block)
            j = j0
            while j < j1:
                width = run_width(j1, j)
                array, first, scale = (bias, j, 0) if anew else (flat, i * N + j, 1)
                panels = Panels(packed, (j - j0) * size, WIDE * size)
                target = Output(flat, rows, 0, i * N + j, width, WIDE)
                multiply_panel(
                    x, Entries(places, 0, count), Entries(offsets, 0, depth), panels,
                    Start(array, first, scale, WIDE), target, bound,
                )  # fmt: skip
                j += width


@parallel_kernel
def _gemm(a, b, bias, plan, floor, out):
    M, N = out.shape
    across = (N + plan.columns - 1) // plan.columns
    for task in prange((M + plan.rows - 1) // plan.rows * across):
        i, j = np.intp(task) // across * plan.rows, np.intp(task) % across * plan.columns
        part = Rectangle(i, min(i + plan.rows, M), j, min(j + plan.columns, N))
        if M <= FEW and not plan.transposed_b:
            multiply_skinny(a, b, bias, part, plan, floor, out)
        else:
            _gemm_task(a, b, bias, part, plan, floor, out)


def _even(count, parts, multiple):
    """Return the size of `parts` equal parts, rounded up to a multiple."""
    return max(1, -(-count // (parts * multiple))) * multiple


@lru_cache(maxsize=1024)
def _plan(a, b, out, transpose, accumulate, threads) -> Plan:
    """Return how the work of a product of these shapes is shared out.

    Of all grids of one rectangle a thread, the one whose rectangles end first: each packs its
    columns of B (of a transposed B in twice the time), and packs or reads its rows of A. A wide
    rectangle is several tasks, side by side. Raises ValueError where the shapes do not fit.
    """
    (M, N), K = out, a[0] if transpose[0] else a[-1]
    if a != ((K, M) if transpose[0] else (M, K)) or b != ((N, K) if transpose[1] else (K, N)):
        raise ValueError(f"cannot multiply {a} by {b} into {out}: {transpose=}")
    tasks = max(1, min(threads, M * N * K // WORK))
    grids = []
    for parts in range(1, tasks + 1):
        rows, columns = _even(M, parts, WIDE_ROWS), _even(N, tasks // parts, WIDE)
        packed = columns * (1 + transpose[1]) + rows * transpose[0]
        read = rows * (not transpose[0])
        grids.append((rows * columns + PACKING * packed + READING * read, rows, columns))
    _, rows, columns = min(grids)
    most_columns = RUN if M <= FEW and not transpose[1] else COLUMNS
    columns = _even(columns, -(-columns // most_columns), WIDE)
    step, terms = (_even(size, -(-size // most), by) for size, most, by in (
        (rows, ROWS, WIDE_ROWS), (max(K, 1), TERMS, CHUNK)
    ))  # fmt: skip
    a_lies, b_lies = map(int, transpose)
    return Plan(rows, columns, step, terms, a_lies, b_lies, int(accumulate))


def gemm(a, b, out, *, transpose=(False, False), bias=None, accumulate=False, floor=-np.inf):
    """Write the product of two matrices: out = max(floor, start + A B).

    a [M, K], or [K, M] where transpose[0]; b [K, N], or [N, K] where transpose[1]; out [M, N]; all
    of one floating dtype and C-contiguous. start is `out` itself where `accumulate`, else bias [N],
    else 0. floor = 0 applies a rectifier on the way out. Returns out.
    Raises ValueError where the shapes, the dtypes or the order in memory do not fit.
    """
    plan = _plan(a.shape, b.shape, out.shape, transpose, accumulate, threads_in_use())
    dtype, N = out.dtype, out.shape[1]
    if bias is None:
        bias = zeros(N, dtype)
    if bias.shape != (N,):
        raise ValueError(f"a bias of shape {bias.shape} for {N} columns")
    for array in (a, b, bias, out):
        if array.dtype != dtype or not array.flags.c_contiguous:
            raise ValueError("gemm takes C-contiguous arrays of one dtype")
    _gemm(a, b, bias, plan, dtype.type(floor), out)
    return out


@cache
def zeros(count, dtype):
    """Return an array of zeros, the same at each call: not to be written to."""
    return np.zeros(count, dtype)
