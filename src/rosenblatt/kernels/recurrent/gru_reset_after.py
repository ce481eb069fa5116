"""The gated recurrent unit whose reset gate acts after the product, as in cuDNN and PyTorch.

Arrays and gates as in gru.py, with a bias a [H] of the product. One pass over the state a step:

    r, u = sigmoid(x W_r + h_{t-1} U_r + b_r), sigmoid(x W_u + h_{t-1} U_u + b_u)
    p = h_{t-1} V + a
    c = tanh(x W_c + b_c + r p)
    h_t = u h_{t-1} + (1 - u) c
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
    add_product,
    gate_tables,
    pack_gates,
    pack_transposed,
    state_tables,
)
from rosenblatt.kernels.recurrent.gru import GATES, next_state_block, update_gradient_block


class Memory(NamedTuple):
    """What a call remembers: hidden states [T + 1, N, H], gates [T, B, 3, N x 16], and the products
    p [T, B, N x 16]."""

    hidden: np.ndarray
    gates: np.ndarray
    products: np.ndarray


class Gradients(NamedTuple):
    """To the sums of x and of h_{t-1} [T, B, 3, N x 16], and to a state [B, N x 16]."""

    gates: np.ndarray
    inner: np.ndarray
    state: np.ndarray


class Packed(NamedTuple):
    """U and V in panels."""

    gates: np.ndarray
    candidate: np.ndarray


@kernel
def _forward_block(packed, bias, mask, tables, memory, t, b):
    hidden, gates, products = memory
    H = hidden.shape[2]
    before, product = hidden[t].reshape(-1), products[t, b]
    add_product(before, tables, packed.gates, b * 2 * H * UNITS, gates[t, b, :2])
    for k in range(product.size):
        unit = b * UNITS + k % UNITS
        product[k] = bias[unit] if unit < H else 0
    add_product(before, tables, packed.candidate, b * H * UNITS, product.reshape(1, -1))
    both, candidate = gates[t, b, :2].reshape(-1), gates[t, b, 2]
    for k in range(both.size):
        both[k] = sigmoid(both[k])
    reset = gates[t, b, 0]
    for k in range(candidate.size):
        candidate[k] = tanh(candidate[k] + reset[k] * product[k])
    next_state_block(mask, hidden, gates, t, b)


@parallel_kernel
def gru_reset_after_forward(recurrent, candidate, bias, mask, memory):
    """Write hidden[1:] and the products; turn the gates' sums x W + b into gates.

    recurrent is U, candidate V, bias a; hidden[0] is given.
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
    tables, packed = Tables(places, offsets, rows), Packed(packed_u, packed_v)
    for t in range(T):
        for b in prange(B):
            _forward_block(packed, bias, mask, tables, memory, t, b)


@kernel
def _backward_block(d_hidden, mask, memory, gradients, t, b):
    """As gru.py's; then d_p = d_c r, and d_c p r (1 - r) to r's sum."""
    gates, products = memory.gates, memory.products
    d_gates, d_inner, d_state = gradients
    update_gradient_block(d_hidden, mask, memory, d_gates, d_state, t, b)
    reset, product, d_candidate = gates[t, b, 0], products[t, b], d_gates[t, b, 2]
    d_reset, d_product = d_gates[t, b, 0], d_inner[t, b, 2]
    one = reset.dtype.type(1)
    for k in range(reset.size):
        d_reset[k] = d_candidate[k] * product[k] * (reset[k] * (one - reset[k]))
    for k in range(reset.size):
        d_product[k] = d_candidate[k] * reset[k]
    for gate in range(2):
        assign(d_inner[t, b, gate], d_gates[t, b, gate])


@parallel_kernel
def gru_reset_after_backward(d_hidden, recurrent, candidate, mask, memory, gradients):
    """Write the sums' gradients; turn that to the last state into that to the first.

    d_hidden as of gru_backward.
    """
    d_inner, d_state = gradients.inner, gradients.state
    T, B, _, size = d_inner.shape
    (H, columns), N = recurrent.shape, size // UNITS
    packed_u = np.empty(B * columns * UNITS, d_inner.dtype)
    packed_v = np.empty(B * H * UNITS, d_inner.dtype)
    for b in prange(B):
        pack_transposed(recurrent, b, packed_u)
        pack_transposed(candidate, b, packed_v)
    places, offsets, rows = gate_tables(N, H, GATES, 0, 2)
    tables_u = Tables(places, offsets, rows)
    places, offsets, rows = gate_tables(N, H, GATES, 2, 1)
    tables_v = Tables(places, offsets, rows)
    for step in range(T + 1):
        t = T - 1 - step
        for b in prange(B):
            if step > 0:
                after = d_inner[t + 1].reshape(-1)
                place = b * columns * UNITS
                add_product(after, tables_u, packed_u, place, d_state[b : b + 1])
                add_product(after, tables_v, packed_v, b * H * UNITS, d_state[b : b + 1])
            if t >= 0:
                _backward_block(d_hidden, mask, memory, gradients, t, b)
