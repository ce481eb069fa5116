import numpy as np
import pytest

from rosenblatt.kernels.recurrent.gru import GATES
from rosenblatt.kernels.recurrent.gru_reset_after import (
    Gradients,
    Memory,
    gru_reset_after_backward,
    gru_reset_after_forward,
)
from tests.kernels.recurrent import cells
from tests.reference.recurrent import cells as reference


@pytest.mark.parametrize("shape", cells.SHAPES)
def test_the_kernels_equal_their_twin(shape):
    N, T, H = shape
    weights = cells.numbers(H, 2 * H, seed=3) / 4, cells.numbers(H, H, seed=4) / 4
    bias = cells.numbers(H, seed=5)

    def forward(state, gates, mask):
        hidden, products = cells.states_of(state, T), cells.empty_runs(T, 1, N, H)[:, :, 0].copy()
        memory = Memory(hidden, gates, products)
        gru_reset_after_forward(*weights, bias, mask, memory)
        return hidden, memory

    def backward(d_hidden, mask, cache):
        d_gates, d_inner = cells.empty_runs(T, GATES, N, H), cells.empty_runs(T, GATES, N, H)
        d_state = np.zeros_like(d_gates[0, :, 0])
        gradients = Gradients(d_gates, d_inner, d_state)
        gru_reset_after_backward(d_hidden, *weights, mask, cache, gradients)
        return d_gates, [d_state]

    names = {"recurrent": weights[0], "candidate": weights[1], "after": bias}
    cells.check(forward, backward, reference.gru_reset_after, names, GATES, shape)
