"""Recurrent layers against their slow twins, central differences, and themselves with padding."""

import numba
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.recurrent import blocks
from rosenblatt.layers import GRU, LSTM, Elman
from rosenblatt.tape import Tape, Variable
from tests.gradients import assert_gradient
from tests.reference.recurrent import cells as twins

CELLS = {Elman: twins.elman, LSTM: twins.lstm, GRU: twins.gru}
cells = pytest.mark.parametrize("cls", CELLS)


def made(cls, shape, dtype, **options):
    """Return a layer, x, an initial state and the sequences' lengths; shape = (N, T, D, H)."""
    N, T, D, H = shape
    rng = np.random.default_rng(N + 10 * T + 100 * D + 1000 * H)
    layer = cls(H, **options)
    layer.build((T, D), rng)
    layer.cast(dtype)
    x = (2 * rng.random((N, T, D)) - 1).astype(dtype)
    state = (2 * rng.random((N, layer.states * H)) - 1).astype(dtype)
    return layer, x, state, rng.integers(1, T + 1, N)


def mask_of(lengths, T):
    return np.arange(T) < lengths[:, None]


@cells
@settings(max_examples=12, deadline=None)
@given(shape=st.tuples(*(st.integers(1, high) for high in (14, 4, 5, 35))), reverse=st.booleans())
def test_a_sequence_equals_its_slow_twin(cls, shape, reverse):
    layer, x, state, lengths = made(cls, shape, np.float32, reverse=reverse)
    mask = mask_of(lengths, shape[1])
    if reverse:  # the last steps count: what is masked then comes last in the order of the steps
        mask = mask[:, ::-1]
    output, cache = layer.forward(x, state, mask, train=True)
    weights = {name: array.astype(np.float64) for name, array in layer.state().items()}
    steps = x[:, ::-1] if reverse else x
    for n, length in enumerate(lengths):
        expected, last = twins.sequence(CELLS[cls], weights, steps[n], state[n], length)
        expected = expected[::-1] if reverse else expected
        np.testing.assert_allclose(output[n], expected, rtol=0, atol=2e-6)
        np.testing.assert_allclose(layer.final_state(cache.kept)[n], last, rtol=0, atol=4e-6)


@cells
@pytest.mark.parametrize("output", ["sequence", "last", "state"])
def test_gradients_of_a_masked_batch_equal_central_differences(cls, output):
    layer, x, state, lengths = made(cls, (3, 3, 2, 2), np.float64, output=output)
    mask = mask_of(lengths, 3)

    def value():
        return float((weights * layer.forward(x, state, mask, train=False)[0]).sum())

    weights = np.random.default_rng(0).random(layer(x, state, mask).shape)
    with Tape() as tape:
        variables = Variable(x, True), Variable(state, True)
        tape.backward(layer(*variables, mask), weights)
        for variable in variables:
            assert_gradient(value, variable.value, variable.gradient)
        for parameter in layer.parameters().values():
            assert_gradient(value, parameter.value, parameter.gradient)


def all_bits(layer, x, mask, weights):
    """Return the output where the mask counts, and the parameters' gradients, as bytes."""
    for parameter in layer.parameters().values():
        parameter.gradient = None
    with Tape() as tape:
        output = layer(x, None, mask)
        d_output = np.where(mask[..., None], weights, 0).astype(x.dtype)
        tape.backward(output, d_output)
        gradients = [p.gradient.tobytes() for p in layer.parameters().values()]
        return [output.value[mask].tobytes(), *gradients]


@pytest.mark.skipif(JIT_DISABLED, reason="the order of sums is that of the compiled tile")
@cells
@pytest.mark.parametrize("reverse", [False, True])
def test_padding_does_not_change_a_bit(cls, reverse):
    layer, x, _, lengths = made(cls, (5, 9, 3, 20), np.float32, reverse=reverse)
    weights = np.random.default_rng(0).random((5, 9, 20))
    bits = all_bits(layer, x, mask_of(lengths, 9), weights)
    longer = np.full((5, 140, 3), 7, np.float32)
    longer[:, :9] = x
    more_weights = np.ones((5, 140, 20))
    more_weights[:, :9] = weights
    assert all_bits(layer, longer, mask_of(lengths, 140), more_weights) == bits


@cells
def test_threads_do_not_change_a_bit(cls, monkeypatch):
    monkeypatch.setattr(blocks, "SHARED", 0)
    layer, x, _, lengths = made(cls, (7, 6, 5, 40), np.float32)
    weights = np.random.default_rng(0).random((7, 6, 40))
    digests = []
    most = numba.get_num_threads()
    for threads in (1, most):
        numba.set_num_threads(threads)
        digests.append(all_bits(layer, x, mask_of(lengths, 6), weights))
    assert digests[0] == digests[1]


@cells
def test_steps_one_by_one_equal_the_sequence(cls):
    layer, x, state, _ = made(cls, (4, 5, 3, 18), np.float32)
    output = layer(x, state)
    for t in range(5):
        one, state = layer.step(x[:, t], state)
        np.testing.assert_allclose(one, output[:, t], rtol=0, atol=1e-6)


def test_an_lstm_with_open_forget_gate_keeps_its_cell():
    """The constant error carousel: with f = 1 and i = 0 the cell's gradient passes unchanged."""
    layer, x, state, _ = made(LSTM, (2, 50, 3, 4), np.float64, output="state")
    for parameter in layer.parameters().values():
        parameter.value[...] = 0
    layer.bias.value[...] = np.repeat([-40.0, 40.0, 0.0, 0.0], 4)
    with Tape() as tape:
        initial = Variable(state, True)
        output = layer(x, initial)
        tape.backward(output, np.eye(8)[[6, 7]])
        np.testing.assert_allclose(output.value[:, 4:], state[:, 4:], rtol=1e-12)
        np.testing.assert_allclose(initial.gradient[:, 4:], np.eye(4)[[2, 3]], atol=1e-12)


@pytest.mark.parametrize(
    ("shape", "message"),
    [((3,), "sequences"), (((4, 2), (5,)), "initial state"), ((4, 9), "weights for 2 inputs")],
)
def test_wrong_shapes_are_refused(shape, message):
    layer = GRU(3)
    layer.build((4, 2), np.random.default_rng(0))
    with pytest.raises(ValueError, match=message):
        layer.build(shape, None)
