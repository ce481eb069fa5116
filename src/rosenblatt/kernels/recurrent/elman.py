"""Elman's network (1990) on whole sequences: h_t = tanh(x_t W + h_{t-1} U + b); see blocks.py.

One task is one block of units in one step: a thread keeps its share of U, packed once for the
sequence, in its cache over all steps.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.elementary import tanh
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
    read_block,
    state_tables,
    write_block,
    zero_masked,
)


@kernel
def _forward_block(sums, packed, mask, tables, out_hidden, t, b):
    state, before = sums[t, b, 0].copy(), np.empty_like(sums[t, b, 0])
    H = out_hidden.shape[2]
    rows = out_hidden[t].reshape(-1)
    add_product(rows, tables, packed, b * H * UNITS, state.reshape(1, -1))
    for k in range(state.size):
        state[k] = tanh(state[k])
    if mask.size:
        read_block(out_hidden[t], b, before)
        keep_masked(mask, t, before, state)
    write_block(state, b, out_hidden[t + 1])


@parallel_kernel
def elman_forward(sums, weight, mask, out_hidden):
    """Write hidden[1:] [T, N, H] from hidden[0] and the sums x W + b [T, B, 1, N x 16]."""
    T, B, _, _ = sums.shape
    _, N, H = out_hidden.shape
    packed = np.empty(B * H * UNITS, sums.dtype)
    for b in prange(B):
        pack_gates(weight, 1, b, packed)
    places, offsets, rows = state_tables(N, H)
    tables = Tables(places, offsets, rows)
    for t in range(T):
        for b in prange(B):
            _forward_block(sums, packed, mask, tables, out_hidden, t, b)


@kernel
def _backward_block(d_hidden, mask, hidden, d_sums, d_states, t, b):
    """Turn the gradient to h_t into that to the sum in the tanh: (1 - h_t^2) times it."""
    d_sum, d_state = d_sums[t, b, 0], d_states[b]
    if d_hidden.size:
        add_block(d_hidden[t], b, d_state)
    state = np.empty_like(d_state)
    read_block(hidden[t + 1], b, state)
    one = state.dtype.type(1)
    for k in range(state.size):
        d_sum[k] = d_state[k] * (one - state[k] * state[k])
    zero_masked(mask, t, d_sum)
    state[:] = 0
    keep_masked(mask, t, d_state, state)
    assign(d_state, state)


@parallel_kernel
def elman_backward(d_hidden, weight, mask, hidden, d_sums, d_state):
    """Write d_sums [T, B, 1, N x 16]; turn d_state [B, N x 16], of the last state, to the first's.

    d_hidden [T, N, H] is the gradient to hidden[1:], or has no element: only the last state got
    one.
    """
    T, B, _, _ = d_sums.shape
    _, N, H = hidden.shape
    packed = np.empty(B * H * UNITS, d_sums.dtype)
    for b in prange(B):
        pack_transposed(weight, b, packed)
    places, offsets, rows = gate_tables(N, H, 1, 0, 1)
    tables = Tables(places, offsets, rows)
    for step in range(T):
        t = T - 1 - step
        for b in prange(B):
            if step > 0:
                after = d_sums[t + 1].reshape(-1)
                add_product(after, tables, packed, b * H * UNITS, d_state[b : b + 1])
            _backward_block(d_hidden, mask, hidden, d_sums, d_state, t, b)
    for b in prange(B):
        add_product(d_sums[0].reshape(-1), tables, packed, b * H * UNITS, d_state[b : b + 1])
