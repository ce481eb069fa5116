"""Long short-term memory on whole sequences; see blocks.py for the arrays, elman.py for the tasks.

Hochreiter & Schmidhuber 1997, with the forget gate of Gers et al. 2000. With a = x W + h_{t-1} U
+ b in four parts, the gates in the order input, forget, output, candidate:

    i, f, o = sigmoid(a_i), sigmoid(a_f), sigmoid(a_o),  g = tanh(a_g)
    c_t = f c_{t-1} + i g,  s_t = tanh(c_t),  h_t = o s_t
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.elementary import sigmoid, tanh
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.recurrent.blocks import (
    UNITS,
    Tables,
    add_block,
    add_product,
    gate_tables,
    keep_masked,
    pack_gates,
    pack_transposed,
    pair_of_blocks,
    read_block,
    state_tables,
    write_block,
    zero_masked,
)

GATES = 4


class Memory(NamedTuple):
    """What a call remembers: hidden states [T + 1, N, H], cells [T + 1, B, N x 16], gates
    [T, B, 4, N x 16], and the tanh of the cells [T, B, N x 16]."""

    hidden: np.ndarray
    cell: np.ndarray
    gates: np.ndarray
    squashed: np.ndarray


class Gradients(NamedTuple):
    """To the gates' sums [T, B, 4, N x 16], and to a state and its cell [B, N x 16]."""

    gates: np.ndarray
    state: np.ndarray
    cell: np.ndarray


@kernel
def _activate(gates, cell_before, out_cell, out_squashed, out_state):
    """Turn a block's sums [4, N x 16] into gates, cell and state, in loops that run in vectors."""
    squashing = gates[:3].reshape(-1)
    for k in range(squashing.size):
        squashing[k] = sigmoid(squashing[k])
    i, f, o, g = gates[0], gates[1], gates[2], gates[3]
    for k in range(g.size):
        g[k] = tanh(g[k])
    for k in range(g.size):
        out_cell[k] = f[k] * cell_before[k]
    for k in range(g.size):
        out_cell[k] += i[k] * g[k]
    for k in range(g.size):
        out_squashed[k] = tanh(out_cell[k])
    for k in range(g.size):
        out_state[k] = o[k] * out_squashed[k]


@kernel
def _forward_block(packed, mask, tables, memory, t, b):
    hidden, cell, gates, squashed = memory
    H = hidden.shape[2]
    add_product(hidden[t].reshape(-1), tables, packed, b * GATES * H * UNITS, gates[t, b])
    state = np.empty_like(cell[t, b])
    _activate(gates[t, b], cell[t, b], cell[t + 1, b], squashed[t, b], state)
    if mask.size:
        state_before = np.empty_like(state)
        read_block(hidden[t], b, state_before)
        keep_masked(mask, t, state_before, state)
        keep_masked(mask, t, cell[t, b], cell[t + 1, b])
    write_block(state, b, hidden[t + 1])


@parallel_kernel
def lstm_forward(weight, mask, memory):
    """Write hidden[1:], cell[1:] and squashed; turn the gates' sums x W + b into gates.

    weight [H, 4 H]; what comes first in hidden and cell is given.
    """
    hidden, gates = memory.hidden, memory.gates
    T, B, _, _ = gates.shape
    _, N, H = hidden.shape
    packed = np.empty(B * GATES * H * UNITS, hidden.dtype)
    for b in prange(B):
        pack_gates(weight, GATES, b, packed)
    places, offsets, rows = state_tables(N, H)
    tables = Tables(places, offsets, rows)
    for t in range(T):
        for b in prange(B):
            _forward_block(packed, mask, tables, memory, t, b)


@kernel
def _differentiate(d_state, gates, cell_before, squashed, out_d_cell, out_d_gates):
    """Turn the gradients to a block's state and cell into those to its sums, and to c_{t-1}."""
    i, f, o, g = gates[0], gates[1], gates[2], gates[3]
    d_i, d_f, d_o, d_g = out_d_gates[0], out_d_gates[1], out_d_gates[2], out_d_gates[3]
    one = i.dtype.type(1)
    for k in range(d_state.size):
        out_d_cell[k] += d_state[k] * o[k] * (one - squashed[k] * squashed[k])
    for k in range(d_state.size):
        d_o[k] = d_state[k] * squashed[k] * (o[k] * (one - o[k]))
    for k in range(d_state.size):
        d_i[k] = out_d_cell[k] * g[k] * (i[k] * (one - i[k]))
    for k in range(d_state.size):
        d_f[k] = out_d_cell[k] * cell_before[k] * (f[k] * (one - f[k]))
    for k in range(d_state.size):
        d_g[k] = out_d_cell[k] * i[k] * (one - g[k] * g[k])
    for k in range(d_state.size):
        out_d_cell[k] *= f[k]


@kernel
def _backward_block(d_hidden, mask, memory, gradients, t, b):
    gates, cell, squashed = memory.gates[t, b], memory.cell[t, b], memory.squashed[t, b]
    d_gates, d_state, d_cell = gradients.gates[t, b], gradients.state[b], gradients.cell[b]
    if d_hidden.size:
        add_block(d_hidden[t], b, d_state)
    d_cell_after = d_cell.copy() if mask.size else d_cell
    _differentiate(d_state, gates, cell, squashed, d_cell, d_gates)
    keep_masked(mask, t, d_cell_after, d_cell)
    for gate in range(GATES):
        zero_masked(mask, t, d_gates[gate])
    passed = np.zeros_like(d_state)
    keep_masked(mask, t, d_state, passed)
    assign(d_state, passed)


@parallel_kernel
def lstm_backward(d_hidden, weight, mask, memory, gradients):
    """Write the gates' gradients; turn those to the last state into those to the first.

    d_hidden [T, N, H] is the gradient to hidden[1:], or has no element: only the last state got
    one.
    """
    d_gates, d_state = gradients.gates, gradients.state
    T, B, _, size = d_gates.shape
    (H, columns), N = weight.shape, size // UNITS
    packed = np.empty(B * columns * UNITS, d_gates.dtype)
    for b in prange(B):
        pack_transposed(weight, b, packed)
    places, offsets, rows = gate_tables(N, H, GATES, 0, GATES)
    tables = Tables(places, offsets, rows)
    for step in range(T):
        t = T - 1 - step
        for pair in prange((B + 1) // 2):
            first, last = pair_of_blocks(pair, B)
            if step > 0:
                after, place = d_gates[t + 1].reshape(-1), first * columns * UNITS
                add_product(after, tables, packed, place, d_state[first:last])
            for b in range(first, last):
                _backward_block(d_hidden, mask, memory, gradients, t, b)
    for b in prange(B):
        after, place = d_gates[0].reshape(-1), b * columns * UNITS
        add_product(after, tables, packed, place, d_state[b : b + 1])
