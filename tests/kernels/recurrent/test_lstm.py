import numpy as np
import pytest

from rosenblatt.kernels.recurrent.lstm import GATES, Gradients, Memory, lstm_backward, lstm_forward
from tests.kernels.recurrent import cells
from tests.reference.recurrent import cells as reference


@pytest.mark.parametrize("shape", cells.SHAPES)
def test_the_kernels_equal_their_twin(shape):
    N, T, H = shape
    weight = cells.numbers(H, GATES * H, seed=3) / 4

    def forward(state, gates, mask):
        hidden = cells.states_of(state[:, :H], T)
        cell = np.full((T + 1, *gates[0, :, 0].shape), np.nan)
        cell[0] = cells.runs_of(state[:, H:])
        squashed = np.empty_like(cell[1:])
        memory = Memory(hidden, cell, gates, squashed)
        lstm_forward(weight, mask, memory)
        return hidden, memory

    def backward(d_hidden, mask, cache):
        d_gates = cells.empty_runs(T, GATES, N, H)
        d_state, d_cell = np.zeros_like(d_gates[0, :, 0]), np.zeros_like(d_gates[0, :, 0])
        lstm_backward(d_hidden, weight, mask, cache, Gradients(d_gates, d_state, d_cell))
        return d_gates, [d_state, d_cell]

    cells.check(forward, backward, reference.lstm, {"recurrent": weight}, GATES, shape, 2)
