"""The products of a recurrent layer that take all steps of a sequence at once; see blocks.py.

x [T N, D] holds the inputs in rows, step after step; gates [T, B, G, N x 16] are written, and their
gradients read, as the cells' kernels keep them, so nothing is copied into another order between.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import Block, copy, copy_block, fill
from rosenblatt.kernels.core.gemm import (
    DEPTH,
    Rectangle,
    arithmetic_table,
    multiply_panel,
    run_width,
)
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.tile import Entries, Output, Panels, Start
from rosenblatt.kernels.recurrent.blocks import (
    UNITS,
    block_count,
    gate_offsets,
    pack_gates,
    pack_transposed,
    row_table,
    write_block,
)

ROWS = 64  # of one task, over all columns
# Of the weights' gradient in one task: rows, terms at a time, and panels, about.
GRADIENT_ROWS, GRADIENT_DEPTH, PANELS = 256, 128, 8


@parallel_kernel
def to_steps(x, reverse, out):
    """Copy x [N, T, D] to out [T, N, D], last step first where `reverse`."""
    N, T, D = x.shape
    for t in prange(T):
        s = T - 1 - t if reverse else t
        for n in range(N):
            copy(x.reshape(-1), (n * T + s) * D, out.reshape(-1), (t * N + n) * D, D)


@parallel_kernel
def from_steps(x, reverse, out):
    """Copy x [T, N, D] to out [N, T, D], last step first where `reverse`."""
    T, N, D = x.shape
    for t in prange(T):
        s = T - 1 - t if reverse else t
        for n in range(N):
            copy(x.reshape(-1), (t * N + n) * D, out.reshape(-1), (n * T + s) * D, D)


@kernel
def _gate_rows(T, N, step):
    """Return where the rows of T N samples lie among the runs of all steps."""
    rows = row_table(T * N, UNITS)
    for r in range(rows.size):
        r0 = min(r, T * N - 1)
        rows[r] = r0 // N * step + r0 % N * UNITS
    return rows


@kernel
def _input_task(x, packed, bias, out_gates, rows, task):
    _, B, G, size = out_gates.shape
    D = x.shape[1]
    r0 = task * ROWS
    count = min(ROWS, x.shape[0] - r0)
    places = row_table(count, D)
    offsets = arithmetic_table(np.empty(D, np.intp), D, 1)
    source, flat = x[r0:].reshape(-1), out_gates.reshape(-1)
    unbounded = flat.dtype.type(-np.inf)
    p = 0
    while p < B * G:
        width = run_width(B * G * UNITS, p * UNITS)
        for k in range(0, D, DEPTH):
            start = Start(flat, p * size, 1, size) if k else Start(bias, p * UNITS, 0, UNITS)
            multiply_panel(
                source, Entries(places, 0, count), Entries(offsets, k, min(DEPTH, D - k)),
                Panels(packed, (p * D + k) * UNITS, D * UNITS), start,
                Output(flat, rows, r0, p * size, width, size), unbounded,
            )  # fmt: skip
        p += width // UNITS


@parallel_kernel
def input_product(x, weight, bias, out_gates):
    """Write the gates' sums x W + b of all steps; weight [D, G H], bias [1, G H]."""
    T, B, G, size = out_gates.shape
    D = x.shape[1]
    packed = np.empty(B * G * D * UNITS, x.dtype)
    starts = np.empty(B * G * UNITS, x.dtype)
    for b in prange(B):
        pack_gates(weight, G, b, packed)
        pack_gates(bias, G, b, starts)
    rows = _gate_rows(T, size // UNITS, B * G * size)
    for task in prange((x.shape[0] + ROWS - 1) // ROWS):
        _input_task(x, packed, starts, out_gates, rows, task)


@kernel
def _input_gradient_task(d_gates, packed, rows, offsets, out_d_x, task):
    D = out_d_x.shape[1]
    r0 = task * ROWS
    count = min(ROWS, out_d_x.shape[0] - r0)
    B, K, size = block_count(D), offsets.size, count * UNITS
    runs, run_rows = np.empty(2 * size, d_gates.dtype), row_table(count, UNITS)
    source, unbounded = d_gates.reshape(-1), d_gates.dtype.type(-np.inf)
    b = 0
    while b < B:
        width = run_width(B * UNITS, b * UNITS)
        fill(runs, 0, runs.size, 0)
        for k in range(0, K, DEPTH):
            multiply_panel(
                source, Entries(rows, r0, count), Entries(offsets, k, min(DEPTH, K - k)),
                Panels(packed, (b * K + k) * UNITS, K * UNITS), Start(runs, 0, 1, size),
                Output(runs, run_rows, 0, 0, width, size), unbounded,
            )  # fmt: skip
        for i in range(width // UNITS):
            write_block(runs[i * size : (i + 1) * size], b + i, out_d_x[r0 : r0 + count])
        b += width // UNITS


@parallel_kernel
def input_gradient(d_gates, weight, out_d_x):
    """Write d_x = d W^T for all steps; out_d_x [T N, D]."""
    T, B, G, size = d_gates.shape
    D, columns = weight.shape
    N = size // UNITS
    packed = np.empty(block_count(D) * columns * UNITS, d_gates.dtype)
    for b in prange(block_count(D)):
        pack_transposed(weight, b, packed)
    rows, offsets = _gate_rows(T, N, B * G * size), gate_offsets(N, columns // G, G, 0, G)
    for task in prange((T * N + ROWS - 1) // ROWS):
        _input_gradient_task(d_gates, packed, rows, offsets, out_d_x, task)


@kernel
def _weight_gradient_task(x, d_gates, first, count, part, out_d_weight):
    """Compute the rows top ... bottom of the weights' gradient for the blocks left ... right."""
    i0, i1, b0, b1 = part
    T, B, G, size = d_gates.shape
    D, N, dtype = x.shape[1], size // UNITS, d_gates.dtype
    steps, width, runs = max(1, GRADIENT_DEPTH // N), i1 - i0, (b1 - b0) * count
    stride = width + UNITS  # not a power of two: rows spread over the cache
    block = np.empty(steps * N * stride, dtype)
    packed, apart = np.empty(2 * steps * size, dtype), width * UNITS
    totals = np.zeros((b1 - b0) * count * apart, dtype)
    places, total_rows = row_table(width, 1), row_table(width, UNITS)
    offsets = arithmetic_table(np.empty(steps * N, np.intp), steps * N, stride)
    source = d_gates.reshape(-1)
    for t in range(0, T, steps):
        depth = min(steps, T - t)
        rows = Block(x.reshape(-1), t * N * D + i0, D)
        copy_block(rows, Block(block, 0, stride), depth * N, width)
        run = 0
        while run < runs:
            panel = run_width(runs * UNITS, run * UNITS)
            for i in range(panel // UNITS):
                b, gate = b0 + (run + i) // count, first + (run + i) % count
                for s in range(depth):
                    place = (((t + s) * B + b) * G + gate) * size
                    copy(source, place, packed, (i * steps + s) * size, size)
            multiply_panel(
                block, Entries(places, 0, width), Entries(offsets, 0, depth * N),
                Panels(packed, 0, steps * size), Start(totals, run * apart, 1, apart),
                Output(totals, total_rows, 0, run * apart, panel, apart), dtype.type(-np.inf),
            )  # fmt: skip
            run += panel // UNITS
    H = out_d_weight.shape[1] // count
    for b in range(b0, b1):
        for gate in range(count):
            at = i0 * count * H + gate * H + b * UNITS
            source = Block(totals, ((b - b0) * count + gate) * apart, UNITS)
            target = Block(out_d_weight.reshape(-1), at, count * H)
            copy_block(source, target, width, min(UNITS, H - b * UNITS))


@parallel_kernel
def weight_gradient(x, d_gates, first, count, out_d_weight):
    """Write x^T d, summed over all steps and samples in their order.

    x [T N, D]: the inputs, or the states before each step; d of `count` gates from `first` on;
    out_d_weight [D, count H].
    """
    D, B = x.shape[1], d_gates.shape[1]
    row_tasks = (D + GRADIENT_ROWS - 1) // GRADIENT_ROWS
    blocks = max(1, PANELS // count)
    block_tasks = (B + blocks - 1) // blocks
    for task in prange(row_tasks * block_tasks):
        i, b = task // block_tasks, task % block_tasks * blocks
        part = Rectangle(D * i // row_tasks, D * (i + 1) // row_tasks, b, min(B, b + blocks))
        _weight_gradient_task(x, d_gates, first, count, part, out_d_weight)


@kernel
def _bias_gradient_block(d_gates, b, out_d_bias):
    T, _, G, size = d_gates.shape
    width = min(UNITS, out_d_bias.shape[1] - b * UNITS)
    total = np.empty(UNITS, d_gates.dtype)
    for gate in range(G):
        total[:] = 0
        for t in range(T):
            run = d_gates[t, b, gate]
            for n in range(0, size, UNITS):
                row = run[n : n + UNITS]
                for k in range(UNITS):
                    total[k] += row[k]
        copy(total, 0, out_d_bias[gate], b * UNITS, width)


@parallel_kernel
def bias_gradient(d_gates, out_d_bias):
    """Write the sum of d over all steps and samples in their order; out_d_bias [G, H]."""
    for b in prange(d_gates.shape[1]):
        _bias_gradient_block(d_gates, b, out_d_bias)
