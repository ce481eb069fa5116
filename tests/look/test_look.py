"""What a network has learned: receptive fields, reconstructions, patches, occlusion."""

import numpy as np
import pytest

from rosenblatt.layers import (
    AveragePooling,
    Concat,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    MaxPooling,
    ReLU,
    Residual,
    Sequential,
    TransposedConvolution,
)
from rosenblatt.look.field import receptive_field
from rosenblatt.look.inside import Unit, first_filters, layer_numbers, recorded, responses, still
from rosenblatt.look.occlusion import occlusion_map
from rosenblatt.look.patches import class_regions, class_weights, top_patches
from rosenblatt.look.reconstruct import METHODS, contrast, reconstruct
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Network

RNG = np.random.default_rng


def positive(layers, shape):
    """Return a module whose weights are all positive: nothing that a unit sees cancels out."""
    module = Sequential(layers)
    module.build(shape, RNG(0))
    for parameter in module.parameters().values():
        parameter.value[...] = np.abs(parameter.value) + np.float32(0.01)
    return module


NETWORKS = {
    "chain": [Convolution(2, 3), AveragePooling(2), Convolution(2, 3, padding="same"), ReLU()],
    "strided": [Convolution(2, 5, stride=2, padding=2, activation="relu"), Convolution(1, 2)],
    "overlap": [Convolution(2, 2), AveragePooling(3, 2), AveragePooling(2, 1)],
    "residual": [Residual([Convolution(1, 3, padding="same"), Convolution(1, 3, padding="same")])],
    "branches": [Concat([[Convolution(1, 1)], [Convolution(1, 5, padding="same")]])],
    "up": [AveragePooling(2), TransposedConvolution(1, 4, 2, 1), Convolution(1, 3)],
}


@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.parametrize("place", [(0, 0), (1, 2), (2, 2)])
def test_a_receptive_field_is_where_the_gradient_is_not_zero(name, place):
    shape = (12, 13, 1)
    module = positive(NETWORKS[name], shape)
    with still(module), Tape(train=False) as tape:
        x = Variable(RNG(1).random((1, *shape)).astype(np.float32), True)
        output = module(x)
        d_output = np.zeros_like(output.value)
        d_output[0, place[0], place[1]] = 1
        tape.backward(output, d_output)
        rows, columns = np.nonzero(x.gradient[0, :, :, 0])
    field = receptive_field(module, shape, -1, place)
    inside = (max(0, field.top), max(0, field.left), min(12, field.bottom), min(13, field.right))
    assert inside == (rows.min(), columns.min(), rows.max() + 1, columns.max() + 1)


def test_fields_grow_by_layers_and_double_by_sub_sampling():
    plain = [Convolution(1, 3, padding="same") for _ in range(4)]
    pooled = [
        layer for _ in range(3) for layer in (Convolution(1, 3, padding="same"), MaxPooling(2))
    ]
    shape = (32, 32, 1)
    for layers, expected in ((plain, [3, 5, 7, 9]), (pooled, [3, 4, 8, 10, 18, 22])):
        module = positive(layers, shape)
        sizes = [receptive_field(module, shape, n).size for n in range(len(layers))]
        assert sizes == [(side, side) for side in expected]


def test_what_fields_refuse():
    module = positive([Convolution(1, 3), Flatten(), Dense(2)], (6, 6, 1))
    assert receptive_field(module, (6, 6, 1), -1).size == (6, 6)
    with pytest.raises(ValueError, match="no layer 3"):
        receptive_field(module, (6, 6, 1), 3)
    with pytest.raises(ValueError, match="none at"):
        receptive_field(module, (6, 6, 1), 0, (4, 0))


@pytest.fixture(scope="module")
def network():
    layers = [Convolution(4, 3, activation="relu"), MaxPooling(2), Convolution(5, 3), ReLU(),
              GlobalAverage(), Dense(3)]  # fmt: skip
    return Network(layers, (10, 10, 1))


@pytest.fixture(scope="module")
def images():
    return RNG(3).random((6, 10, 10, 1)).astype(np.float32)


def test_a_look_leaves_the_network_as_it_was(network, images):
    with recorded(network, images) as (tape, _):
        assert len(tape.nodes) == 6
    assert all(p.trained and p.gradient is None for p in network.parameters().values())
    assert layer_numbers(network, (10, 10, 1), Convolution) == [0, 2]
    np.testing.assert_array_equal(responses(network, images, 5, batch=4), network.outputs(images))
    assert first_filters(network).shape == (4, 3, 3, 1)


def test_rules_at_the_rectifiers(network, images):
    """By hand: each method back to the first convolution's weights, without pooling between."""
    unit = Unit(3, 2)
    module = Sequential(network.layers.layers[2:4])
    x = images[:, :4, :4].repeat(4, axis=3) - np.float32(0.5)
    weight = network.layers.layers[2].weight.value
    out = module(x).reshape(6, -1, 5)[..., 2]
    best, rows = out.argmax(1), np.arange(6)
    for method, sign in (("gradient", out[rows, best] > 0), ("guided", out[rows, best])):
        found = reconstruct(module, x, Unit(1, unit.channel), method)
        for n in range(6):
            y, p = divmod(int(best[n]), 2)
            expected = np.zeros((4, 4, 4), np.float32)
            expected[y : y + 3, p : p + 3] = weight[..., 2] * sign[n]
            np.testing.assert_allclose(found[n], expected, rtol=1e-5, atol=1e-7)
    with pytest.raises(ValueError, match="nonsense"):
        reconstruct(network, images, unit, "nonsense")


def test_guided_is_never_more_than_the_paths_of_positive_weights(network, images):
    """Fused rectifiers obey the rules too: the deconvnet ignores where they were shut below."""
    guided = reconstruct(network, images, Unit(3, 1), "guided")
    plain = reconstruct(network, images, Unit(3, 1), "gradient")
    deconvnet = reconstruct(network, images, Unit(3, 1), "deconvnet")
    assert guided.shape == images.shape
    assert not np.array_equal(guided, plain)
    assert not np.array_equal(guided, deconvnet)
    field = receptive_field(network, (10, 10, 1), 3).size
    for picture in guided:
        rows, columns, _ = np.nonzero(picture)
        assert np.ptp(rows) < field[0]
        assert np.ptp(columns) < field[1]
        assert 0 <= contrast(picture).min() <= contrast(picture).max() <= 1


@pytest.mark.parametrize("method", METHODS)
def test_layers_that_rectify_and_pool_at_once_obey_the_rules_too(images, method):
    apart = [Convolution(4, 3, padding="same"), ReLU(), MaxPooling(2), Convolution(3, 3)]
    fused = [Convolution(4, 3, padding="same", activation="relu", pooling=2), Convolution(3, 3)]
    found = []
    for layers, last in ((apart, 3), (fused, 1)):
        module = Sequential(layers)
        module.build((10, 10, 1), RNG(0))
        found.append(reconstruct(module, images, Unit(last, 1), method))
        assert receptive_field(module, (10, 10, 1), last, (0, 1)) == (-1, 1, 7, 9)
    np.testing.assert_allclose(found[0], found[1], rtol=1e-5, atol=1e-6)


def test_top_patches_are_where_the_unit_responds_most(network, images):
    patches = top_patches(network, images, Unit(3, 1), 3)
    maps = responses(network, images, 3)[..., 1]
    assert [p.response for p in patches] == sorted(maps.max((1, 2)), reverse=True)[:3]
    one = Sequential(network.layers.layers[:4])
    for patch in patches:  # the patch alone gives the same response
        np.testing.assert_allclose(one(patch.pixels[None])[0, 0, 0, 1], patch.response, rtol=1e-5)
    field = top_patches(network, images, Unit(5, 0), 1)[0].field
    assert field.size == (10, 10)


def test_class_weights_make_up_the_logit(network, images):
    number, weight = class_weights(network, (10, 10, 1), 1)
    share = (responses(network, images, number) * weight).sum((1, 2, 3))
    bias = network.layers.layers[-1].bias.value[1]
    np.testing.assert_allclose(share + bias, network.outputs(images)[:, 1], rtol=1e-4)
    regions = class_regions(network, images, 1, 2)
    assert len(regions) == 2
    assert regions[0].response >= regions[1].response
    two = Network([Convolution(1, 3), Flatten(), Dense(2), Dense(2)], (10, 10, 1))
    with pytest.raises(ValueError, match="more than one dense"):
        class_weights(two, (10, 10, 1), 0)


def test_covering_what_matters_lowers_the_score():
    network = Network([Flatten(), Dense(2)], (6, 6, 1))
    network.layers.layers[1].weight.value[...] = 0
    network.layers.layers[1].weight.value[2 * 6 + 3, 1] = 5  # looks at one pixel alone
    image = np.ones((6, 6, 1), np.float32)
    scores = occlusion_map(network, image, 1, 3, 1)
    low = np.argwhere(scores < 0.9)
    assert low.min(0).tolist() == [1, 2]
    assert low.max(0).tolist() == [3, 4]
