"""Dense evaluation, the fully convolutional network, and the random field at its end."""

import numpy as np
import pytest

from rosenblatt.layers import (
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    MaxPooling,
    Sequential,
)
from rosenblatt.models.dense_evaluation import as_convolutions, patches
from rosenblatt.models.fully_convolutional import FullyConvolutional, intersection_over_union
from rosenblatt.models.random_field import MeanField, WithField
from rosenblatt.tape import Tape, Variable
from tests.gradients import assert_gradient
from tests.reference.vision import pixel_pairs as reference

RNG = np.random.default_rng
WIDTHS = [2, 2, 3, 3, 3]


@pytest.mark.parametrize(("pool", "stride"), [([MaxPooling(2)], 2), ([], 1)])
def test_all_patches_at_once_score_as_one_by_one(pool, stride):
    layers = [Convolution(3, 3, activation="relu"), *pool, Convolution(4, 3, activation="relu"),
              Flatten(), Dense(5, activation="relu"), Dropout(0.5), Dense(3)]  # fmt: skip
    single = Sequential(layers)
    single.build((10, 10, 2), RNG(0))
    dense = as_convolutions(layers, (10, 10, 2))
    image = RNG(1).random((16, 19, 2)).astype(np.float32)
    scores = dense(image[None])[0]
    every = patches(image, 10, stride)
    assert scores.shape == (*every.shape[:2], 3)
    one_by_one = single(np.ascontiguousarray(every).reshape(-1, 10, 10, 2)).reshape(scores.shape)
    np.testing.assert_allclose(scores, one_by_one, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(
    ("layers", "message"),
    [
        ([Convolution(1, 3, padding="same")], "padding"),
        ([GlobalAverage()], "GlobalAverage cannot"),
        ([Flatten(), Dense(2)], "square"),
    ],
)
def test_what_cannot_be_read_as_a_convolution(layers, message):
    with pytest.raises(ValueError, match=message):
        as_convolutions(layers, (6, 7, 1))


def network(stride, learned=True, seed=0):
    module = FullyConvolutional(2, WIDTHS, stride, learned)
    assert module.build((32, 64, 1), RNG(seed)) == (32, 64, 2)
    return module


def test_a_finer_network_begins_as_the_coarser_one():
    """With the new skip's weights at zero, stride 16 is stride 32 in two bilinear steps."""
    x = RNG(1).random((1, 32, 64, 1)).astype(np.float32)
    coarse, fine, finest = network(32), network(16, seed=5), network(8, seed=6)
    fine.begin_from(coarse)
    finest.begin_from(fine)
    assert not fine.state()["scores.16.weight"].any()
    first = (module.state()["blocks.0.0.weight"] for module in (fine, coarse))
    np.testing.assert_array_equal(*first)
    deep = coarse.scores["32"](Sequential(coarse.blocks)(x))
    np.testing.assert_allclose(fine(x), fine.last(fine.enlarge["16"](deep)), rtol=1e-5)
    assert finest(x).shape == (1, 32, 64, 2)


def test_fixed_enlarging_does_not_learn():
    fixed, learned = network(8, learned=False), network(8)
    gone = learned.parameters().keys() - fixed.parameters().keys()
    assert {name.split(".")[0] for name in gone} == {"enlarge", "last"}
    assert sum(p.value.size for p in network(32).parameters().values()) > 0
    with pytest.raises(ValueError, match="multiples of 32"):
        FullyConvolutional(2, WIDTHS).build((32, 40, 1), RNG(0))
    with pytest.raises(ValueError, match="one of 8, 16, 32"):
        FullyConvolutional(2, WIDTHS, 4)


def test_gradients_reach_every_weight():
    module = network(8)
    with Tape() as tape:
        output = module(RNG(1).random((2, 32, 64, 1)).astype(np.float32))
        tape.backward(output, RNG(2).random(output.value.shape).astype(np.float32))
    assert all(p.gradient is not None for p in module.parameters().values())


def test_intersection_over_union_by_hand():
    truth = np.array([0, 0, 1, 1, -1, 2])
    predicted = np.array([0, 1, 1, 1, 1, 0])
    assert intersection_over_union(predicted, truth, 4, ignored=-1) == [1 / 3, 2 / 3, 0.0, None]


def field(shape=(3, 4, 3), dtype=np.float64, **settings):
    layer = MeanField(**({"steps": 2, "place": 1.5, "colour": 0.4, "smooth": 1.0} | settings))
    layer.build((shape, (*shape[:2], 3)), RNG(0))
    layer.cast(dtype)
    layer.weights.value[...] = (0.7, 1.1)
    layer.compatibility.value += 0.2 * RNG(1).random((shape[-1],) * 2).astype(dtype)
    inputs = RNG(2).random((2, *shape)) * 2, RNG(3).random((2, *shape[:2], 3))
    return layer, *(x.astype(dtype) for x in inputs)


@pytest.mark.parametrize("reach", [1, 12])
def test_mean_field_equals_its_twin(reach):
    layer, logits, image = field(reach=reach)
    out = layer(logits, image)
    for n in range(2):
        settings = (2, 1.5, 0.4, 1.0, reach)
        weights, compatibility = layer.weights.value, layer.compatibility.value
        expected = reference.mean_field(logits[n], image[n], settings, weights, compatibility)
        np.testing.assert_allclose(out[n], expected, rtol=1e-10)


def test_gradients_of_mean_field():
    layer, logits, image = field((2, 3, 2))
    d_output = RNG(4).random(logits.shape)

    def value():
        return float((layer(logits, image) * d_output).sum())

    with Tape() as tape:
        x = Variable(logits, needs_gradient=True)
        tape.backward(layer(x, image), d_output)
    assert_gradient(value, logits, x.gradient)
    for parameter in layer.parameters().values():
        assert_gradient(value, parameter.value, parameter.gradient)
    with Tape() as tape, pytest.raises(ValueError, match="no gradient with respect to the image"):
        tape.backward(layer(logits, Variable(image, True)), d_output)


def test_gradients_reach_the_network_through_the_field():
    """Zheng et al. 2015: the field's steps are layers, so both learn together."""
    layer, _, image = field((3, 4, 2))
    both = WithField(Convolution(2, 3, padding="same"), layer)
    assert both.build((3, 4, 3), RNG(5)) == (3, 4, 2)
    both.cast(np.float64)
    d_output = RNG(4).random((2, 3, 4, 2))
    with Tape() as tape:
        tape.backward(both(image), d_output)
    for parameter in both.parameters().values():
        assert_gradient(
            lambda: float((both(image) * d_output).sum()), parameter.value, parameter.gradient
        )
    assert len(both.parameters()) == 4


def test_a_field_takes_the_noise_from_two_halves():
    image = np.zeros((1, 12, 14, 3), np.float32)
    image[:, :, 7:] = 1
    truth = (np.arange(14) >= 7) * np.ones((12, 1), int)
    noise = RNG(0).random((1, 12, 14)) < 0.2
    seen = np.where(noise, 1 - truth, truth)
    logits = np.stack([1.0 - seen, seen], axis=-1).astype(np.float32)
    layer = MeanField()
    layer.build(((12, 14, 2), (12, 14, 3)), None)
    assert (seen != truth).mean() > 0.1
    np.testing.assert_array_equal(layer(logits, image)[0].argmax(-1), truth)
    with pytest.raises(ValueError, match="do not fit"):
        layer.output_shape(((12, 14, 2), (12, 13, 3)))
