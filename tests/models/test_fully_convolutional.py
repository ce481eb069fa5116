"""Dense scores equal those of patches; coarse networks start finer ones."""

import numpy as np
import pytest

from rosenblatt.layers import (
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    ReLU,
    Sequential,
)
from rosenblatt.models.fully_convolutional import FullyConvolutional, as_convolutions, refine
from rosenblatt.tape import Tape
from tests.gradients import assert_gradient

RNG = np.random.default_rng


def stages(count, channels=3):
    return [
        Sequential([Convolution(channels, 3, padding="same", activation="relu"), MaxPooling(2)])
        for _ in range(count)
    ]


def test_dense_evaluation_gives_the_scores_of_all_patches():
    patches = Sequential([
        Convolution(4, 3, activation="relu"), MaxPooling(2), Convolution(5, 2), ReLU(),
        Flatten(), Dropout(0.5), Dense(6, "relu"), Dense(3),
    ])  # fmt: skip
    shape = (10, 10, 2)
    patches.build(shape, RNG(0))
    image = RNG(1).random((2, 24, 18, 2), np.float32)
    scores = as_convolutions(patches, shape)(image)
    assert scores.shape == (2, 8, 5, 3)  # every second place: the pooling's stride
    for y in range(8):
        for x in range(5):
            patch = np.ascontiguousarray(image[:, 2 * y : 2 * y + 10, 2 * x : 2 * x + 10])
            np.testing.assert_allclose(scores[:, y, x], patches(patch), atol=1e-5)


def test_dense_evaluation_shares_the_weights():
    patches = Sequential([Flatten(), Dense(2)])
    patches.build((3, 3, 1), RNG(0))
    dense = as_convolutions(patches, (3, 3, 1))
    patches.layers[1].weight.value += 1
    x = RNG(1).random((1, 3, 3, 1), np.float32)
    np.testing.assert_allclose(dense(x)[:, 0, 0], patches(x), rtol=1e-5)


@pytest.mark.parametrize("skips", [0, 1, 2])
def test_every_pixel_is_scored_and_gradients_are_exact(skips):
    network = FullyConvolutional(stages(3), 2, skips)
    assert network.build((8, 16, 1), RNG(0)) == (8, 16, 2)
    network.cast(np.float64)
    parameters = network.parameters()
    for parameter in parameters.values():
        parameter.value += 0.1 * RNG(3).random(parameter.value.shape)
    x, weights = RNG(1).random((1, 8, 16, 1)), RNG(2).random((1, 8, 16, 2))
    with Tape() as tape:
        tape.backward(network(x), weights)
        found = {name: p.gradient.copy() for name, p in parameters.items()}
    for name in ("scores.0.weight", f"scores.{skips}.weight", "last.bias", "stages.0.0.bias"):
        array = parameters[name].value
        assert_gradient(lambda: float((weights * network(x)).sum()), array, found[name])


def test_enlargement_is_bilinear_and_may_stay_so():
    network = FullyConvolutional(stages(2), 2, 1, learned=False)
    network.build((8, 8, 1), RNG(0))
    assert not any("last" in name or "doublings" in name for name in network.parameters())
    constant = np.full((1, 4, 4, 2), 3, np.float32)
    np.testing.assert_allclose(network.last(constant)[:, 1:-1, 1:-1], 3, rtol=1e-6)


def test_a_finer_network_starts_where_the_coarse_one_is():
    shared = stages(3)
    coarse, fine = FullyConvolutional(shared, 2, 0), FullyConvolutional(stages(3), 2, 1)
    coarse.build((16, 16, 1), RNG(0))
    fine.build((16, 16, 1), RNG(1))
    refine(fine, coarse)
    x = RNG(2).random((1, 16, 16, 1), np.float32)
    scores = coarse.scores[0](Sequential(shared)(x))
    expected = fine.last(fine.doublings[0](scores))  # the skipped stage's scores are still zero
    np.testing.assert_allclose(fine(x), expected, rtol=1e-6)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: FullyConvolutional(stages(2), 2, 2), "2 stages cannot have 2 skips"),
        (lambda: FullyConvolutional(stages(2), 2).build((6, 8, 1), RNG(0)), "cannot be halved"),
        (lambda: as_convolutions(Sequential([Dense(2)]), (4, 4, 1)), "before Flatten"),
        (lambda: as_convolutions(Sequential([Flatten(), Dense(2)]), (4, 5, 1)), "square"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(make, message):
    with pytest.raises(ValueError, match=message):
        make()
