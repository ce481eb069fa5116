"""The gated recurrent unit on whole sequences; arrays as in blocks.py, tasks as in elman.py.

Cho et al. 2014, equations 5 to 8: the reset gate acts on the state before its product with the
candidate's weights (after it: gru_reset_after.py). The gates come in the order reset, update,
candidate; U [H, 2 H] belongs to the first two, V [H, H] to the candidate:

    r, u = sigmoid(x W_r + h_{t-1} U_r + b_r), sigmoid(x W_u + h_{t-1} U_u + b_u)
    c = tanh(x W_c + (r h_{t-1}) V + b_c)
    h_t = u h_{t-1} + (1 - u) c
"""

from typing import NamedTuple

import numpy as np
from numba import prange

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

GATES = 3


class Memory(NamedTuple):
    """What a call remembers: hidden states [T + 1, N, H], gates [T, B, 3, N x 16], and the reset
    states r h_{t-1} [T, N, H]."""

    hidden: np.ndarray
    gates: np.ndarray
    reset_state: np.ndarray


@kernel
def _gate_block(packed, tables, memory, t, b):
    """Compute the reset and update gates of a block, and its reset state r h_{t-1}."""
    hidden, gates, reset_state = memory
    H = hidden.shape[2]
    add_product(hidden[t].reshape(-1), tables, packed, b * 2 * H * UNITS, gates[t, b, :2])
    both = gates[t, b, :2].reshape(-1)
    for k in range(both.size):
        both[k] = sigmoid(both[k])
    reset, state = gates[t, b, 0], np.empty_like(gates[t, b, 0])
    read_block(hidden[t], b, state)
    for k in range(state.size):
        state[k] *= reset[k]
    write_block(state, b, reset_state[t])


@kernel
def _state_block(packed, mask, tables, memory, t, b):
    """Compute the candidate of a block, and its next state."""
    hidden, gates, reset_state = memory
    H = hidden.shape[2]
    before, candidate = reset_state[t].reshape(-1), gates[t, b, 2]
    add_product(before, tables, packed, b * H * UNITS, gates[t, b, 2:])
    for k in range(candidate.size):
        candidate[k] = tanh(candidate[k])
    next_state_block(mask, hidden, gates, t, b)


@kernel
def next_state_block(mask, hidden, gates, t, b):
    """Compute the next state of a block from its update gate and candidate."""
    update, candidate = gates[t, b, 1], gates[t, b, 2]
    before, state = np.empty_like(update), np.empty_like(update)
    read_block(hidden[t], b, before)
    for k in range(state.size):
        state[k] = candidate[k] + update[k] * (before[k] - candidate[k])
    keep_masked(mask, t, before, state)
    write_block(state, b, hidden[t + 1])


@parallel_kernel
def gru_forward(recurrent, candidate, mask, memory):
    """Write hidden[1:] and the reset states; turn the gates' sums x W + b into gates.

    recurrent is U, candidate V; hidden[0] is given.
    """
    hidden, gates = memory.hidden, memory.gates
    T, B, _, _ = gates.shape
    _, N, H = hidden.shape
    packed_u = np.empty(B * 2 * H * UNITS, hidden.dtype)
    packed_v = np.empty(B * H * UNITS, hidden.dtype)
    for b in prange(B):
        pack_gates(recurrent, 2, b, packed_u)
        pack_gates(candidate, 1, b, packed_v)
    places, offsets, rows = state_tables(N, H)
    tables = Tables(places, offsets, rows)
    for t in range(T):
        for b in prange(B):
            _gate_block(packed_u, tables, memory, t, b)
        for b in prange(B):
            _state_block(packed_v, mask, tables, memory, t, b)


@kernel
def update_gradient_block(d_hidden, mask, memory, d_sums, d_states, t, b):
    """From the gradient to h_t: those to the sums of update gate and candidate, and u's way back.

    d_u = d_h (h_{t-1} - c) u (1 - u), d_c = d_h (1 - u) (1 - c^2), and d_h u to h_{t-1}.
    """
    hidden, gates, d_gates, d_state = memory.hidden, memory.gates, d_sums[t, b], d_states[b]
    update, candidate = gates[t, b, 1], gates[t, b, 2]
    d_update, d_candidate = d_gates[1], d_gates[2]
    if d_hidden.size:
        add_block(d_hidden[t], b, d_state)
    one = update.dtype.type(1)
    read_block(hidden[t], b, d_update)
    for k in range(d_state.size):
        d_update[k] = d_state[k] * (d_update[k] - candidate[k]) * (update[k] * (one - update[k]))
    for k in range(d_state.size):
        d_candidate[k] = d_state[k] * (one - update[k]) * (one - candidate[k] * candidate[k])
    d_after = d_state.copy() if mask.size else d_state
    for k in range(d_state.size):
        d_state[k] *= update[k]
    zero_masked(mask, t, d_update)
    zero_masked(mask, t, d_candidate)
    keep_masked(mask, t, d_after, d_state)


@kernel
def _reset_gradient_block(packed, tables, memory, d_sums, d_states, t, b):
    """From the gradient d to r h_{t-1}: d h_{t-1} r (1 - r) to r's sum, and d r to h_{t-1}."""
    hidden, gates, d_gates, d_state = memory.hidden, memory.gates, d_sums[t, b], d_states[b]
    H = hidden.shape[2]
    reset, d_reset, d = gates[t, b, 0], d_gates[0], np.zeros_like(d_state)
    step = d_sums[t].reshape(-1)
    add_product(step, tables, packed, b * H * UNITS, d.reshape(1, -1))
    one = reset.dtype.type(1)
    for k in range(d.size):
        d_state[k] += d[k] * reset[k]
    read_block(hidden[t], b, d_reset)
    for k in range(d.size):
        d_reset[k] *= d[k] * (reset[k] * (one - reset[k]))


@parallel_kernel
def gru_backward(d_hidden, recurrent, candidate, mask, memory, d_gates, d_state):
    """Write d_gates, the gradient to the gates' sums [T, B, 3, N x 16]; turn d_state [B, N x 16],
    the gradient to the last state, into that to the first.

    d_hidden [T, N, H] is the gradient to hidden[1:], or has no element: only the last state got
    one.
    """
    T, B, _, size = d_gates.shape
    (H, columns), N = recurrent.shape, size // UNITS
    packed_u = np.empty(B * columns * UNITS, d_gates.dtype)
    packed_v = np.empty(B * H * UNITS, d_gates.dtype)
    for b in prange(B):
        pack_transposed(recurrent, b, packed_u)
        pack_transposed(candidate, b, packed_v)
    places, offsets, rows = gate_tables(N, H, GATES, 0, 2)
    tables_u = Tables(places, offsets, rows)
    places, offsets, rows = gate_tables(N, H, GATES, 2, 1)
    tables_v = Tables(places, offsets, rows)
    for step in range(T):
        t = T - 1 - step
        for pair in prange((B + 1) // 2):
            first, last = pair_of_blocks(pair, B)
            if step > 0:
                after, place = d_gates[t + 1].reshape(-1), first * columns * UNITS
                add_product(after, tables_u, packed_u, place, d_state[first:last])
            for b in range(first, last):
                update_gradient_block(d_hidden, mask, memory, d_gates, d_state, t, b)
        for b in prange(B):
            _reset_gradient_block(packed_v, tables_v, memory, d_gates, d_state, t, b)
    for b in prange(B):
        after, place = d_gates[0].reshape(-1), b * columns * UNITS
        add_product(after, tables_u, packed_u, place, d_state[b : b + 1])
