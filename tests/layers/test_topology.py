"""Networks of recurrent layers: gradients through time, directions, feedback and the grid."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import (
    GRU,
    LSTM,
    Bidirectional,
    Dense,
    Elman,
    Embedding,
    GridRecurrent,
    OutputFeedback,
    RepeatSteps,
    Sequential,
    Stack,
)
from rosenblatt.tape import Tape, Variable
from tests.gradients import assert_gradient

N, T, D = 2, 3, 2
MASK = np.array([[True, True, False], [True, True, True]])


def both(output="sequence"):
    return Bidirectional(GRU(2, output), GRU(2, output, reverse=True))


NETWORKS = {
    "deep": (Stack([Elman(2), LSTM(2), Dense(2)]), (T, D), (MASK,)),
    "both directions": (both(), (T, D), (MASK,)),
    "deep, both directions, many to one": (Stack([both(), both("last")]), (T, D), (MASK,)),
    "one to many": (Sequential([RepeatSteps(3), GRU(2), Dense(1)]), (D,), ()),
    "output feedback": (OutputFeedback(LSTM(2, "state"), Dense(2), 3), (D,), ()),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_gradients_through_the_network_equal_central_differences(name):
    network, shape, masks = NETWORKS[name]
    rng = np.random.default_rng(3)
    network.build(shape, rng)
    network.cast(np.float64)
    x = 2 * rng.random((N, *shape)) - 1
    weights = rng.random(network(x, *masks).shape)
    with Tape() as tape:
        variable = Variable(x, True)
        output = network(variable, *masks)
        tape.backward(output, weights)

    def value():
        return float((weights * network(x, *masks)).sum())

    assert_gradient(value, x, variable.gradient)
    for parameter in network.parameters().values():
        assert_gradient(value, parameter.value, parameter.gradient)


def test_an_embedding_is_the_product_with_one_hot_vectors():
    layer = Embedding(5, 3)
    layer.build((4,), np.random.default_rng(0))
    symbols = np.array([[4, 0, 0, 2]])
    with Tape() as tape:
        output = layer(symbols)
        np.testing.assert_array_equal(output.value, np.eye(5)[symbols] @ layer.weight.value)
        tape.backward(output, np.ones((1, 4, 3), np.float32))
        np.testing.assert_array_equal(layer.weight.gradient[:, 0], [2, 0, 1, 0, 1])
    with pytest.raises(UserError, match="0 to 4"):
        layer(np.array([5]))


def test_the_reverse_direction_reads_the_sequence_backward():
    rng = np.random.default_rng(0)
    forward, backward = LSTM(3), LSTM(3, reverse=True)
    forward.build((4, 2), rng)
    backward.build((4, 2), rng)
    backward.load_state(forward.state())
    x = rng.random((2, 4, 2)).astype(np.float32)
    np.testing.assert_array_equal(backward(x), forward(x[:, ::-1])[:, ::-1])


def test_output_feedback_runs_each_output_into_the_next_step():
    rng = np.random.default_rng(0)
    network = OutputFeedback(GRU(3, "state"), Dense(2), 4)
    network.build((2,), rng)
    y, state = rng.random((1, 2)).astype(np.float32), None
    outputs = network(y)
    for t in range(4):
        hidden, state = network.cell.step(y, state)
        y = network.readout(hidden)
        np.testing.assert_allclose(outputs[:, t], y, rtol=0, atol=1e-6)


def place_by_place(layer, x):
    """Return the grid's states of one image, with plain loops."""
    rows, columns, _ = x.shape
    states = np.zeros((rows + 1, columns + 1, layer.units))
    for i in range(rows):
        for j in range(columns):
            total = x[i, j] @ layer.weight.value + layer.bias.value
            total += states[i, j + 1] @ layer.up.value + states[i + 1, j] @ layer.left.value
            states[i + 1, j + 1] = np.tanh(total)
    return states[1:, 1:]


@pytest.mark.parametrize("corner", ["top left", "top right", "bottom left", "bottom right"])
def test_the_grid_equals_a_sweep_place_by_place(corner):
    rng = np.random.default_rng(0)
    layer = GridRecurrent(3, corner)
    layer.build((4, 3, 2), rng)
    x = rng.random((2, 4, 3, 2)).astype(np.float32)
    down, right = 1 - 2 * ("bottom" in corner), 1 - 2 * ("right" in corner)
    expected = [place_by_place(layer, one[::down, ::right])[::down, ::right] for one in x]
    np.testing.assert_allclose(layer(x), expected, rtol=0, atol=1e-6)
