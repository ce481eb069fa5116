import numpy as np
import pytest

from rosenblatt.kernels.recurrent.gru import GATES, Memory, gru_backward, gru_forward
from tests.kernels.recurrent import cells
from tests.reference.recurrent import cells as reference


@pytest.mark.parametrize("shape", cells.SHAPES)
def test_the_kernels_equal_their_twin(shape):
    N, T, H = shape
    weights = cells.numbers(H, 2 * H, seed=3) / 4, cells.numbers(H, H, seed=4) / 4

    def forward(state, gates, mask):
        hidden, reset_states = cells.states_of(state, T), np.empty((T, *state.shape))
        memory = Memory(hidden, gates, reset_states)
        gru_forward(*weights, mask, memory)
        return hidden, memory

    def backward(d_hidden, mask, cache):
        d_gates = cells.empty_runs(T, GATES, N, H)
        d_state = np.zeros_like(d_gates[0, :, 0])
        gru_backward(d_hidden, *weights, mask, cache, d_gates, d_state)
        return d_gates, [d_state]

    names = {"recurrent": weights[0], "candidate": weights[1]}
    cells.check(forward, backward, reference.gru, names, GATES, shape)
