"""What every exported layer promises, tried on each of its examples."""

import json

import numpy as np
import pytest

from rosenblatt import layers
from rosenblatt.layers import Layer, from_description
from rosenblatt.layers.gradients import ROWS, example, run_both_ways
from rosenblatt.tape import Arena, Parameter, Tape, Variable
from tests.gradients import assert_gradient

CLASSES = [
    value
    for value in vars(layers).values()
    if isinstance(value, type) and issubclass(value, Layer) and value is not Layer
]
CASES = [
    pytest.param(cls, settings, shape, id=f"{cls.__name__}-{number}")
    for cls in CLASSES
    for number, (settings, shape) in enumerate(cls.examples)
]
contract = pytest.mark.parametrize(("cls", "settings", "shape"), CASES)


def made(cls, settings, shape, dtype):
    """Return a built layer, every parameter moved off its start, and its inputs."""
    layer, inputs = example(cls, settings, shape, dtype)
    rng = np.random.default_rng(1)
    if cls is layers.RegionPooling:  # regions are boxes: begin before they end, within 0..1
        corners = rng.random((ROWS, shape[1][0], 2, 2))
        inputs[1] = np.sort(corners, axis=2).reshape(ROWS, -1, 4).astype(dtype)
    if cls is layers.Embedding:  # whole numbers, which have no gradient
        inputs = [rng.integers(0, layer.symbols, (ROWS, *shape)).astype(dtype)]
    return layer, inputs


def frozen_statistics(layer):
    return {name: p.value.copy() for name, p in layer.stored().items() if not p.trained}


def test_all_layers_are_enrolled():
    assert {"Dense", "Convolution", "MaxPooling", "Dropout"} <= {cls.__name__ for cls in CLASSES}
    assert all(cls.examples for cls in CLASSES)


@contract
@pytest.mark.parametrize("train", [True, False])
def test_gradients_equal_central_differences(cls, settings, shape, train):
    layer, inputs = made(cls, settings, shape, np.float64)
    statistics = frozen_statistics(layer)

    def value():
        for name, array in statistics.items():
            layer.stored()[name].value[...] = array
        with Tape(train=train, step=5, seed=7):
            return float((weights * layer(*inputs).value).sum())

    with Tape(train=train) as tape:
        variables = [Variable(x, needs_gradient=True) for x in inputs]
        weights = np.random.default_rng(2).random(layer(*variables).value.shape)
        del tape
    for name, array in statistics.items():
        layer.stored()[name].value[...] = array
    _, gradients, _ = run_both_ways(layer, inputs, weights, train=train)
    arrays = inputs + [p.value for p in layer.parameters().values()]
    for array, gradient in zip(arrays, gradients, strict=True):
        if cls is layers.Embedding and array is inputs[0]:
            assert not gradient.any()
            continue
        assert_gradient(value, array, gradient)


@contract
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_output_has_the_promised_shape_and_dtype(cls, settings, shape, dtype):
    layer, inputs = made(cls, settings, shape, dtype)
    output, gradients, _ = run_both_ways(layer, inputs)
    assert output.shape == (ROWS, *layer.output_shape(shape))
    assert output.shape == (ROWS, *layer.build(shape, np.random.default_rng(0)))
    assert output.dtype == dtype
    arrays = inputs + [p.value for p in layer.parameters().values()]
    assert [g.shape for g in gradients] == [a.shape for a in arrays]
    assert all(g.dtype == dtype for g in gradients)


@contract
def test_equal_steps_give_equal_bits_and_leave_what_they_read(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    before = [x.copy() for x in inputs]
    output, gradients, weights = run_both_ways(layer, inputs)
    kept = weights.copy()
    again, gradients_again, _ = run_both_ways(layer, inputs, weights)
    np.testing.assert_array_equal(output, again)
    for first, second in zip(gradients, gradients_again, strict=True):
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(weights, kept)
    for x, was in zip(inputs, before, strict=True):
        np.testing.assert_array_equal(x, was)


@contract
def test_every_number_of_a_buffer_is_written(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    arena = Arena()
    expected, expected_gradients, weights = run_both_ways(layer, inputs, arena=arena)
    for buffer in arena.buffers:
        buffer[...] = 0xFF  # as floats NaN
    output, gradients, _ = run_both_ways(layer, inputs, weights, arena=arena)
    np.testing.assert_array_equal(output, expected)
    assert np.isfinite(output).all()
    for gradient, expected_gradient in zip(gradients, expected_gradients, strict=True):
        np.testing.assert_array_equal(gradient, expected_gradient)


@contract
def test_a_layer_used_twice_adds_its_gradients(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float64)
    if settings.get("share"):
        pytest.skip("each call of dropout draws anew")
    output, once, _ = run_both_ways(layer, inputs)
    with Tape() as tape:
        for parameter in layer.stored().values():
            parameter.gradient = None
        variables = [Variable(x, needs_gradient=True) for x in inputs]
        total = layers.Add()(layer(*variables), layer(*variables))
        np.testing.assert_allclose(total.value, 2 * output, rtol=1e-12)
        weights = np.random.default_rng(2).random(output.shape)
        tape.backward(total, weights)
        gradients = [v.gradient for v in variables]
        gradients += [p.gradient for p in layer.parameters().values()]
        for gradient, single in zip(gradients, once, strict=True):
            np.testing.assert_allclose(gradient, 2 * single, rtol=1e-12, atol=1e-12)


@contract
def test_inference_maps_arrays_and_keeps_nothing(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    state = {name: array.copy() for name, array in layer.state().items()}
    attributes = {name: id(value) for name, value in vars(layer).items()}
    output = layer(*inputs)
    assert isinstance(output, np.ndarray)
    kept = {name: id(value) for name, value in vars(layer).items()}
    form = vars(layer).pop("accepted", None)  # shapes and types of the call, no number of it
    kept.pop("accepted", None)
    assert kept == attributes
    assert not any(isinstance(part, np.ndarray) for part in form or ())
    for name, array in layer.state().items():
        np.testing.assert_array_equal(array, state[name])


@contract
def test_a_training_step_leaves_nothing_of_the_batch_in_the_layer(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    run_both_ways(layer, inputs)
    own = {n: v for n, v in vars(layer).items() if not isinstance(v, Parameter)}
    assert not any(isinstance(value, np.ndarray | Variable) for value in own.values())


@contract
def test_a_layer_goes_both_ways_without_a_tape(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    output, cache = layer.forward(*inputs, train=True)
    found = layer.backward(np.ones_like(output), cache, (True,) * len(inputs))
    assert all(d is None or d.shape == x.shape for d, x in zip(found, inputs, strict=True))


@contract
def test_a_layer_is_made_again_from_its_description(cls, settings, shape):
    layer, inputs = made(cls, settings, shape, np.float32)
    again = from_description(json.loads(json.dumps(layer.describe())))
    again.build(shape, None)
    again.load_state(layer.state())
    np.testing.assert_array_equal(again(*inputs), layer(*inputs))


@contract
def test_an_unwanted_input_gradient_is_not_needed(cls, settings, shape):
    """Constant inputs get no gradient, and the parameters' stay the same."""
    layer, inputs = made(cls, settings, shape, np.float64)
    _, gradients, weights = run_both_ways(layer, inputs)
    expected = gradients[len(inputs) :]
    for parameter in layer.stored().values():
        parameter.gradient = None
    with Tape(step=5, seed=7) as tape:
        output = layer(*inputs)
        tape.backward(output, weights)
        for parameter, gradient in zip(layer.parameters().values(), expected, strict=True):
            np.testing.assert_array_equal(parameter.gradient, gradient)
