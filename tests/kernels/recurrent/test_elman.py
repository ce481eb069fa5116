import numpy as np
import pytest

from rosenblatt.kernels.recurrent.elman import elman_backward, elman_forward
from tests.kernels.recurrent import cells
from tests.reference.recurrent import cells as reference


@pytest.mark.parametrize("shape", cells.SHAPES)
def test_the_kernels_equal_their_twin(shape):
    N, T, H = shape
    weight = cells.numbers(H, H, seed=3) / 4

    def forward(state, sums, mask):
        hidden = cells.states_of(state, T)
        elman_forward(sums, weight, mask, hidden)
        return hidden, hidden

    def backward(d_hidden, mask, hidden):
        d_sums = cells.empty_runs(T, 1, N, H)
        d_state = np.zeros_like(d_sums[0, :, 0])
        elman_backward(d_hidden, weight, mask, hidden, d_sums, d_state)
        return d_sums, [d_state]

    cells.check(forward, backward, reference.elman, {"recurrent": weight}, 1, shape)
