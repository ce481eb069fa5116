"""Sequences in blocks of units: how recurrent kernels lay out what they compute.

The units of a layer are shared out in blocks of 16, the columns of one register tile. One block of
one step, for N samples, is a *run* of N x 16 numbers, so that elementwise loops run in vectors; the
last block is filled up with zeros. Gates [T, B, G, N x 16] hold the runs of T steps, B blocks and G
gates; states [T + 1, N, H] lie in rows, as the next step's product reads them.

mask [T, N] is False where a sequence has ended, or has no element: then all steps count.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.core.copying import Block, copy, copy_16, copy_block, fill, transpose_block
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.kernels.core.gemm import DEPTH, arithmetic_table, multiply_panel, run_width
from rosenblatt.kernels.core.jit import kernel
from rosenblatt.kernels.core.tile import NARROW_ROWS, Entries, Output, Panels, Start

UNITS = 16
SHARED = 1 << 20  # multiply-adds of one step that are worth waking other threads for: 10 us


class Tables(NamedTuple):
    """Where `add_product` reads and writes: places of the rows in x, offsets of the K terms, and
    the rows of a run. A kernel with a `prange` makes them itself: Numba wants to see that."""

    places: np.ndarray
    offsets: np.ndarray
    rows: np.ndarray


@contextmanager
def team(multiply_adds: int) -> Iterator[None]:
    """Run kernels on one thread where a step, of so many multiply-adds, is too short to share."""
    if multiply_adds >= SHARED:
        yield
        return
    before = use_threads(1)
    try:
        yield
    finally:
        use_threads(before)


@kernel
def block_count(H):
    """Return how many blocks of units H makes."""
    return (H + UNITS - 1) // UNITS


@kernel
def block_shape(N, H, b):
    """Return the samples, and the units of block b that exist."""
    return N, min(UNITS, H - b * UNITS)


@kernel
def pair_of_blocks(pair, B):
    """Return the first block of a pair, whose panels are one tile, and the block behind it."""
    first = 2 * np.intp(pair)
    return first, min(B, first + 2)


@kernel
def pack_gates(weight, gates, b, out):
    """Pack the columns of block b of each gate, weight [K, gates H]: gate by gate K rows of 16."""
    K, columns = weight.shape
    H = columns // gates
    _, width = block_shape(K, H, b)
    size = K * UNITS
    at = b * gates * size
    if width < UNITS:
        fill(out, at, gates * size, 0)
    for gate in range(gates):
        source = Block(weight.reshape(-1), gate * H + b * UNITS, columns)
        copy_block(source, Block(out, at + gate * size, UNITS), K, width)


@kernel
def pack_transposed(weight, b, out):
    """Pack the rows of block b, weight [H, K], as K rows of 16: columns of the transpose."""
    H, K = weight.shape
    _, width = block_shape(K, H, b)
    at = b * K * UNITS
    if width < UNITS:
        fill(out, at, K * UNITS, 0)
    source = Block(weight.reshape(-1), b * UNITS * K, K)
    transpose_block(source, Block(out, at, UNITS), width, K)


@kernel
def add_product(x, tables, packed, at, out_runs):
    """Add N rows of x times packed panels [K, 16], from `at` on, to as many runs [B, N x 16]."""
    (B, size), K, flat = out_runs.shape, tables.offsets.size, out_runs.reshape(-1)
    N, unbounded = size // UNITS, flat.dtype.type(-np.inf)
    b = 0
    while b < B:
        width = run_width(B * UNITS, b * UNITS)
        for k in range(0, K, DEPTH):
            multiply_panel(
                x, Entries(tables.places, 0, N), Entries(tables.offsets, k, min(DEPTH, K - k)),
                Panels(packed, at + (b * K + k) * UNITS, K * UNITS), Start(flat, b * size, 1, size),
                Output(flat, tables.rows, 0, b * size, width, size), unbounded,
            )  # fmt: skip
        b += width // UNITS


@kernel
def row_table(count, stride):
    """Return 0, stride, 2 stride ... for `count` rows, padded for the tiles."""
    return arithmetic_table(np.empty(count + NARROW_ROWS, np.intp), count, stride)


@kernel
def state_tables(N, H):
    """Return what the Tables of states in rows [N, H] are made of."""
    offsets = arithmetic_table(np.empty(H, np.intp), H, 1)
    return row_table(N, H), offsets, row_table(N, UNITS)


@kernel
def gate_offsets(N, H, gates, first, count):
    """Return where the columns of gates first ... first + count of a sample lie among its runs."""
    offsets = np.empty(count * H, np.intp)
    for gate in range(count):
        for h in range(H):
            run = h // UNITS * gates + first + gate
            offsets[gate * H + h] = run * N * UNITS + h % UNITS
    return offsets


@kernel
def gate_tables(N, H, gates, first, count):
    """Return what the Tables of the runs of some gates of one step are made of."""
    rows = row_table(N, UNITS)
    return rows, gate_offsets(N, H, gates, first, count), rows


@kernel
def read_block(rows, b, out_run):
    """Copy block b of rows [N, H] to a run."""
    N, H = rows.shape
    source, first, width = rows.reshape(-1), b * UNITS, min(UNITS, H - b * UNITS)
    if width == UNITS:
        for n in range(N):
            copy_16(source, first + n * H, out_run, n * UNITS)
    else:
        fill(out_run, 0, N * UNITS, 0)
        for n in range(N):
            copy(source, first + n * H, out_run, n * UNITS, width)


@kernel
def write_block(run, b, out_rows):
    """Copy a run to block b of rows [N, H]."""
    N, H = out_rows.shape
    target, first, width = out_rows.reshape(-1), b * UNITS, min(UNITS, H - b * UNITS)
    if width == UNITS:
        for n in range(N):
            copy_16(run, n * UNITS, target, first + n * H)
    else:
        for n in range(N):
            copy(run, n * UNITS, target, first + n * H, width)


@kernel
def add_block(rows, b, out_run):
    """Add block b of rows [N, H] to a run."""
    N, H = rows.shape
    source = rows.reshape(-1)
    width = min(UNITS, H - b * UNITS)
    for n in range(N):
        first = b * UNITS + n * H
        added, total = source[first : first + width], out_run[n * UNITS : n * UNITS + width]
        for k in range(width):
            total[k] += added[k]


@kernel
def to_blocks(rows, out):
    """Copy rows [N, H] to runs [B, N x 16]."""
    for b in range(out.shape[0]):
        read_block(rows, b, out[b])


@kernel
def from_blocks(runs, out):
    """Copy runs [B, N x 16] to rows [N, H]."""
    for b in range(runs.shape[0]):
        write_block(runs[b], b, out)


@kernel
def keep_masked(mask, t, run, out_run):
    """Copy the samples that are masked at step t from one run to another."""
    if mask.size:
        for n in range(mask.shape[1]):
            if not mask[t, n]:
                copy_16(run, n * UNITS, out_run, n * UNITS)


@kernel
def zero_masked(mask, t, out_run):
    """Set to zero the samples that are masked at step t."""
    if mask.size:
        for n in range(mask.shape[1]):
            if not mask[t, n]:
                fill(out_run, n * UNITS, UNITS, 0)
