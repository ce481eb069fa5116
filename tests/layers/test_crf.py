"""Mean field against its naive twin, and against what a field is for."""

import numpy as np
import pytest

from rosenblatt.layers import MeanField, MeanFieldStep, crf, from_description
from rosenblatt.tape import Tape, Variable
from tests.gradients import assert_gradient
from tests.reference.crf import mean_field

RNG = np.random.default_rng


def made(step, iterations, shape):
    field = MeanField(step, iterations)
    assert field.build(shape, RNG(0)) == shape[0]
    return field


@pytest.mark.parametrize("block", [1, 1 << 22])
def test_equals_its_twin_whatever_the_block(block, monkeypatch):
    monkeypatch.setattr(crf, "BLOCK", block)
    rng = RNG(1)
    unary, image = rng.random((2, 4, 3, 2)) * 3, rng.random((2, 4, 3, 3))
    field = made(MeanFieldStep(2.0, 0.7, 1.5), 3, ((4, 3, 2), (4, 3, 3)))
    field.cast(np.float64)
    for parameter in field.parameters().values():
        parameter.value += rng.random(parameter.value.shape)
    step = field.step
    found = field(unary, image)
    for n in range(2):
        parameters = step.weights.value, step.compatibility.value
        expected = mean_field(unary[n], image[n], (2.0, 0.7, 1.5), *parameters, 3)
        np.testing.assert_allclose(found[n], expected, rtol=1e-10)


def test_gradients_through_all_steps_equal_central_differences():
    rng = RNG(2)
    unary, image, weights = rng.random((1, 2, 3, 2)), rng.random((1, 2, 3, 1)), rng.random(12)
    field = made(MeanFieldStep(2.0, 0.7), 3, ((2, 3, 2), (2, 3, 1)))
    field.cast(np.float64)
    with Tape() as tape:
        inputs = Variable(unary, True), Variable(image, True)
        output = field(*inputs)
        tape.backward(output, weights.reshape(output.value.shape))
        found = [x.gradient.copy() for x in inputs]
        found += [p.gradient.copy() for p in field.parameters().values()]
    arrays = [unary, image, *(p.value for p in field.parameters().values())]
    for array, gradient in zip(arrays, found, strict=True):
        assert_gradient(lambda: float(weights @ field(unary, image).ravel()), array, gradient)


def test_labels_spread_within_a_colour_and_stop_at_its_edge():
    image = np.zeros((1, 8, 8, 1), np.float32)
    image[:, :, 4:] = 1  # two halves of different colours
    truth = (image[0, ..., 0] > 0.5).astype(int)
    unary = np.where(truth[..., None] == [0, 1], 1, 0)[None].astype(np.float32)
    unary[0, 3, 1], unary[0, 5, 6] = (0, 1), (1, 0)  # two pixels err
    unary[0, :, 3] = 0.5  # a column beside the edge does not know
    field = made(MeanFieldStep(3.0, 0.2, weight=2.0), 5, ((8, 8, 2), (8, 8, 1)))
    np.testing.assert_array_equal(field(unary, image)[0].argmax(-1), truth)


def test_is_made_again_from_its_description():
    field = made(MeanFieldStep(3.0, 0.2, weight=2.0), 2, ((3, 3, 2), (3, 3, 1)))
    again = from_description(field.describe())
    again.build(((3, 3, 2), (3, 3, 1)), None)
    again.load_state(field.state())
    x, image = RNG(0).random((1, 3, 3, 2), np.float32), RNG(1).random((1, 3, 3, 1), np.float32)
    np.testing.assert_array_equal(again(x, image), field(x, image))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MeanFieldStep(0.0, 1.0), "above 0"),
        (lambda: MeanField(MeanFieldStep(1.0, 1.0), 0), "at least 1"),
        (lambda: made(MeanFieldStep(1.0, 1.0), 1, ((4, 4, 2), (5, 4, 3))), "do not fit"),
        (lambda: made(MeanFieldStep(1.0, 1.0), 1, ((1, 1, 2), (1, 1, 3))), "do not fit"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()
