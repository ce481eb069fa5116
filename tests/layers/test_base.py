"""Building, naming, sharing and describing modules."""

import numpy as np
import pytest

from rosenblatt.layers import (
    Add,
    AveragePooling,
    BatchNormalisation,
    Concat,
    Concatenate,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    GlobalAverage,
    LeakyReLU,
    MaxPooling,
    Module,
    ReLU,
    Residual,
    Sequential,
    from_description,
)
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.tape import Tape


def rng():
    return np.random.default_rng(0)


def test_sizes_are_deduced_along_a_network():
    layers = [Convolution(6, 5), MaxPooling(2), Convolution(16, 5), MaxPooling(2), Flatten()]
    assert Sequential([*layers, Dense(120), Dense(84), Dense(10)]).build((32, 32, 1), rng()) == (
        10,
    )
    assert layers[-1].output_shape((5, 5, 16)) == (400,)


def test_parameters_are_named_by_their_place():
    network = Sequential([Residual([Dense(4)]), Concat([[Dense(2)], [Dense(3), ReLU()]])])
    assert network.build((4,), rng()) == (5,)
    assert list(network.parameters()) == [
        "0.branch.0.weight",
        "0.branch.0.bias",
        "1.branches.0.0.weight",
        "1.branches.0.0.bias",
        "1.branches.1.0.weight",
        "1.branches.1.0.bias",
    ]


def test_a_layer_in_two_places_has_one_set_of_weights():
    dense = Dense(4)
    network = Sequential([dense, ReLU(), dense])
    network.build((4,), rng())
    assert list(network.parameters()) == ["0.weight", "0.bias"]
    weight = dense.weight.value
    network.build((4,), rng())
    assert dense.weight.value is weight
    with pytest.raises(ValueError, match="4 inputs, not 5"):
        network.build((5,), rng())


def test_running_statistics_are_state_but_not_trained():
    layer = BatchNormalisation()
    layer.build((3,), rng())
    assert list(layer.parameters()) == ["scale", "shift"]
    assert list(layer.state()) == ["scale", "shift", "running_mean", "running_variance"]


def test_batch_normalisation_follows_the_batches_and_uses_them_later():
    layer = BatchNormalisation(momentum=0.25, epsilon=0.0)
    layer.build((1,), rng())
    x = np.array([[1.0], [3.0], [5.0], [7.0]], np.float32)  # mean 4, sample variance 20/3
    with Tape():
        y = layer(x).value
        np.testing.assert_allclose(y.mean(), 0, atol=1e-6)
        np.testing.assert_allclose(y.var(), 1, rtol=1e-6)
    np.testing.assert_allclose(layer.running_mean.value, 0.25 * 4)
    np.testing.assert_allclose(layer.running_variance.value, 0.75 + 0.25 * 20 / 3, rtol=1e-6)
    layer.running_mean.value[:], layer.running_variance.value[:] = 2, 16
    np.testing.assert_allclose(layer(x), (x - 2) / 4)


def test_a_residual_block_without_weights_is_its_shortcut():
    block = Residual([Dense(3), Dense(3)])
    block.build((3,), None)
    x = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(block(x), x)


def test_concat_lays_the_channels_side_by_side():
    module = Concat([[Flatten()], [LeakyReLU(0.5)]])
    assert module.build((2,), rng()) == (4,)
    x = np.array([[1.0, -2.0]], np.float32)
    np.testing.assert_array_equal(module(x), [[1, -2, 1, -1]])


@pytest.mark.parametrize(
    ("module", "shape", "message"),
    [
        (lambda: Convolution(3, 5), (4, 9, 1), "does not fit into 4 x 9"),
        (lambda: Convolution(3, 5), (9,), "images"),
        (lambda: Convolution(3, 4, padding="same"), (9, 9, 1), "odd"),
        (lambda: Convolution(3, 3, padding="valid"), (9, 9, 1), "padding"),
        (lambda: Convolution(0, 3), (9, 9, 1), "filters = 0"),
        (lambda: Convolution(3, 3, activation="tanh"), (9, 9, 1), "activation"),
        (lambda: MaxPooling(3), (2, 5, 1), "does not fit"),
        (lambda: MaxPooling(1025), (2000, 20, 1), "from 1 to 1,024"),
        (lambda: AveragePooling(2, 0), (4, 4, 1), "stride"),
        (lambda: GlobalAverage(), (4,), "images"),
        (lambda: Dense(0), (4,), "units = 0"),
        (lambda: Dense(3, "tanh"), (4,), "activation"),
        (lambda: Dense(3, initialiser="ones"), (4,), "initialiser"),
        (lambda: Dense(3), (), "axis"),
        (lambda: Dropout(1.0), (4,), "share"),
        (lambda: BatchNormalisation(momentum=0.0), (4,), "momentum"),
        (lambda: Residual([Dense(3)]), (4,), "cannot add"),
        (lambda: Add(), ((4,), (5,)), "cannot add"),
        (lambda: Concatenate(), ((4, 2), (5, 2)), "last axis"),
    ],
)
def test_what_does_not_fit_is_refused_in_words(module, shape, message):
    with pytest.raises(ValueError, match=message):
        module().build(shape, rng())


def test_state_of_another_network_is_refused():
    first, second = Dense(3), Dense(4)
    first.build((2,), rng())
    second.build((2,), rng())
    with pytest.raises(ValueError, match="shape"):
        first.load_state(second.state())
    with pytest.raises(ValueError, match="extra"):
        first.load_state({**first.state(), "extra": np.zeros(1)})


@pytest.mark.parametrize(
    "description",
    [{"type": "Nothing"}, {"units": 3}, {"type": "Dense"}, {"type": "Dense", "units": 0}],
)
def test_alien_descriptions_are_refused(description):
    with pytest.raises(ValueError, match="layer"):
        from_description(description)


def test_no_layer_takes_the_place_of_one_of_ours():
    with pytest.raises(ValueError, match="Dense is the name of a layer of ours"):
        type("Dense", (Module,), {"__module__": "mine"})
    assert from_description({"type": "Dense", "units": 3}).units == 3


def test_a_bare_module_says_what_is_missing():
    class Bare(Module):
        pass

    with pytest.raises(NotImplementedError):
        Bare().build((1,), rng())


@pytest.mark.parametrize(
    ("name", "variance"),
    [("he_uniform", 2 / 72), ("he_normal", 2 / 72), ("glorot_uniform", 2 / (72 + 9 * 64))],
)
def test_initial_weights_have_the_variance_of_the_paper(name, variance):
    weight = INITIALISERS[name]((3, 3, 8, 64), rng())
    assert weight.dtype == np.float32
    assert abs(weight.mean()) < 4 * (variance / weight.size) ** 0.5
    np.testing.assert_allclose(weight.var(), variance, rtol=0.07)
    np.testing.assert_array_equal(weight, INITIALISERS[name]((3, 3, 8, 64), rng()))
    assert not INITIALISERS[name]((3, 4), None).any()
