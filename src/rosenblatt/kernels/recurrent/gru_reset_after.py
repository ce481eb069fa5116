"""The gated recurrent unit whose reset gate acts after the product, as in cuDNN and PyTorch.

Arrays and gates as in gru.py, with a bias a [H] of the product. One pass over the state a step:

    r, u = sigmoid(x W_r + h_{t-1} U_r + b_r), sigmoid(x W_u + h_{t-1} U_u + b_u)
    p = h_{t-1} V + a
    c = tanh(x W_c + b_c + r p)
    h_t = u h_{t-1} + (1 - u) c
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import sigmoid, tanh
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.recurrent.blocks import (
    UNITS,
    add_product,
    gate_tables,
    keep_masked,
    pack_gates,
    pack_transposed,
    read_block,
    state_tables,
    write_block,
)
from rosenblatt.kernels.recurrent.gru import GATES, update_gradient_block


@kernel
def _forward_block(packed, bias, mask, tables, outputs, t, b):
    hidden, gates, products = outputs
    _, N, H = hidden.shape
    before, product = hidden[t].reshape(-1), products[t, b]
    for gate in range(2):
        place = (b * 2 + gate) * H * UNITS
        add_product(before, tables, (N, H), packed[0], place, gates[t, b, gate])
    for k in range(product.size):
        unit = b * UNITS + k % UNITS
        product[k] = bias[unit] if unit < H else 0
    add_product(before, tables, (N, H), packed[1], b * H * UNITS, product)
    both, candidate = gates[t, b, :2].reshape(-1), gates[t, b, 2]
    for k in range(both.size):
        both[k] = sigmoid(both[k])
    reset, update = gates[t, b, 0], gates[t, b, 1]
    for k in range(candidate.size):
        candidate[k] = tanh(candidate[k] + reset[k] * product[k])
    start, state = np.empty_like(update), np.empty_like(update)
    read_block(hidden[t], b, start)
    for k in range(state.size):
        state[k] = candidate[k] + update[k] * (start[k] - candidate[k])
    keep_masked(mask, t, start, state)
    write_block(state, b, hidden[t + 1])


@parallel_kernel
def gru_reset_after_forward(weights, mask, outputs):
    """Write hidden[1:] and the products; turn the gates' sums x W + b into gates.

    weights = (U [H, 2 H], V [H, H], a [H]); outputs = (hidden [T + 1, N, H], gates [T, B, 3,
    N x 16], products p [T, B, N x 16]).
    """
    hidden, gates, _ = outputs
    T, B, _, _ = gates.shape
    _, N, H = hidden.shape
    packed_u = np.empty(B * 2 * H * UNITS, hidden.dtype)
    packed_v = np.empty(B * H * UNITS, hidden.dtype)
    for b in prange(B):
        pack_gates(weights[0], 2, b, packed_u)
        pack_gates(weights[1], 1, b, packed_v)
    tables = state_tables(N, H)
    for t in range(T):
        for b in prange(B):
            _forward_block((packed_u, packed_v), weights[2], mask, tables, outputs, t, b)


@kernel
def _backward_block(d_hidden, mask, cache, outputs, t, b):
    """As gru.py's; then d_p = d_c r, and d_c p r (1 - r) to r's sum."""
    hidden, gates, products = cache
    d_gates, d_inner, d_state = outputs
    update_gradient_block(d_hidden, mask, (hidden, gates), (d_gates, d_state), t, b)
    reset, product, d_candidate = gates[t, b, 0], products[t, b], d_gates[t, b, 2]
    d_reset, d_product = d_gates[t, b, 0], d_inner[t, b, 2]
    one = reset.dtype.type(1)
    for k in range(reset.size):
        d_reset[k] = d_candidate[k] * product[k] * (reset[k] * (one - reset[k]))
    for k in range(reset.size):
        d_product[k] = d_candidate[k] * reset[k]
    d_inner[t, b, :2] = d_gates[t, b, :2]


@parallel_kernel
def gru_reset_after_backward(d_hidden, weights, mask, cache, outputs):
    """Write d_gates and d_inner; turn the gradient to the last state into that to the first.

    Arguments as of gru_backward; cache = (hidden, gates, products) of the forward pass; outputs =
    (d_gates, d_inner: the gradients to the sums of x and of h_{t-1} [T, B, 3, N x 16], d_state).
    """
    _, d_inner, d_state = outputs
    T, B, _, size = d_inner.shape
    (H, columns), N = weights[0].shape, size // UNITS
    packed_u = np.empty(B * columns * UNITS, d_inner.dtype)
    packed_v = np.empty(B * H * UNITS, d_inner.dtype)
    for b in prange(B):
        pack_transposed(weights[0], b, packed_u)
        pack_transposed(weights[1], b, packed_v)
    tables_u, tables_v = gate_tables(N, H, GATES, 0, 2), gate_tables(N, H, GATES, 2, 1)
    for step in range(T + 1):
        t = T - 1 - step
        for b in prange(B):
            if step > 0:
                after = d_inner[t + 1].reshape(-1)
                place = b * columns * UNITS
                add_product(after, tables_u, (N, columns), packed_u, place, d_state[b])
                add_product(after, tables_v, (N, H), packed_v, b * H * UNITS, d_state[b])
            if t >= 0:
                _backward_block(d_hidden, mask, cache, outputs, t, b)
