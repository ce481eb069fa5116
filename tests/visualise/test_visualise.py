"""What a network has learned: receptive fields, reconstructions, patches, occlusion."""

from itertools import combinations

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.layers import (
    AveragePooling,
    Concat,
    Convolution,
    Dense,
    Flatten,
    GlobalAverage,
    MaxPooling,
    Module,
    ReLU,
    Residual,
    Sequential,
    TransposedConvolution,
    Unpooling,
)
from rosenblatt.models.random_field import MeanField, WithField
from rosenblatt.tape import Tape, Variable
from rosenblatt.train import Network
from rosenblatt.visualise.field import receptive_field
from rosenblatt.visualise.inside import (
    Unit,
    first_filters,
    layer_numbers,
    recorded,
    responses,
    still,
)
from rosenblatt.visualise.occlusion import occlusion_map
from rosenblatt.visualise.reconstruct import METHODS, contrast, reconstruct
from rosenblatt.visualise.top_patches import class_regions, class_weights, top_patches

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


class Unpooled(Module):
    """A map, pooled, and put back where it came from (Zeiler & Fergus 2014)."""

    def __init__(self):
        self.first, self.pool, self.back = Convolution(1, 2), MaxPooling(3, 2), Unpooling(3, 2)

    def build(self, shape, rng):
        pooled = self.first.build(shape, rng)
        return self.back.build((self.pool.build(pooled, rng), pooled), rng)

    def __call__(self, x):
        pooled = self.first(x)
        return self.back(self.pool(pooled), pooled)


@pytest.mark.parametrize(
    ("module", "place", "count", "expected"),
    [
        (
            Unpooled(),
            (3, 4),
            300,
            (2, 2, 6, 8),
        ),  # one window of rows, two of columns; 2 pixels each
        (WithField(Convolution(2, 1), MeanField(2, reach=1, smooth=1.0)), (4, 3), 9, (2, 1, 7, 6)),
    ],
)
def test_a_receptive_field_is_what_can_change_the_unit(module, place, count, expected):
    """Where the gradient is zero too: a switch may turn, and a random field has constant images."""
    shape = (8, 9, 1)
    module.build(shape, RNG(0))
    images = RNG(1).random((count, *shape)).astype(np.float32)
    before = module(images)[:, *place]
    changing = np.zeros(shape[:2], bool)
    for y, x in np.ndindex(shape[:2]):
        other = images.copy()
        other[:, y, x] = RNG(2).uniform(-3, 4, (count, 1))
        changing[y, x] = (np.abs(module(other)[:, *place] - before) > 1e-6).any()
    field = receptive_field(module, shape, -1, place)
    assert field == expected
    inside = np.zeros_like(changing)
    inside[field.top : field.bottom, field.left : field.right] = True
    np.testing.assert_array_equal(changing, inside)


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
    with pytest.raises(UserError, match="no layer 3"):
        receptive_field(module, (6, 6, 1), 3)
    with pytest.raises(UserError, match="none at"):
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


def test_rules_at_the_rectifiers(images):
    """By hand: what goes on from a rectifier's outputs y, given d; weights of both signs."""
    module = Sequential([Convolution(5, 3), ReLU(), Convolution(2, 1)])
    module.build((4, 4, 4), RNG(0))
    first, last = (module.layers[n].weight.value for n in (0, 2))
    x = images[:, :4, :4].repeat(4, axis=3) * RNG(5).choice([-1, 1], (4, 4, 4)).astype(np.float32)
    y, out = Sequential(module.layers[:2])(x), module(x)[..., 1].reshape(6, -1)
    gates = {
        "gradient": lambda d, y: np.where(y > 0, d, 0),
        "deconvnet": lambda d, y: np.maximum(d, 0),
        "guided": lambda d, y: np.where(y > 0, np.maximum(d, 0), 0),
    }
    pictures = []
    for method, gate in gates.items():
        found = reconstruct(module, x, Unit(2, 1), method)
        for n, best in enumerate(out.argmax(1)):
            row, column = divmod(int(best), 2)
            start = 1 if method == "gradient" else out[n, best]
            d = gate(start * last[0, 0, :, 1], y[n, row, column])
            expected = np.zeros((4, 4, 4), np.float32)
            expected[row : row + 3, column : column + 3] = first @ d
            np.testing.assert_allclose(found[n], expected, rtol=1e-4, atol=1e-6)
        pictures.append(found / np.abs(found).max())
    for one, other in combinations(pictures, 2):  # the rules tell different things here
        assert np.abs(one - other).max() > 0.05
    with pytest.raises(UserError, match="nonsense"):
        reconstruct(module, x, Unit(2, 1), "nonsense")


@pytest.mark.parametrize("method", METHODS)
def test_a_reconstruction_lies_within_the_field_of_one_unit(network, images, method):
    field = receptive_field(network, (10, 10, 1), 3).size
    found = reconstruct(network, images, Unit(3, 1), method)
    assert found.shape == images.shape
    assert found.any()
    for picture in found[found.any((1, 2, 3))]:
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


@pytest.mark.parametrize("method", METHODS)
def test_dense_layers_that_rectify_obey_the_rules_too(images, method):
    found = []
    for layers in (
        [Flatten(), Dense(6), ReLU(), Dense(4), ReLU(), Dense(2)],
        [Flatten(), Dense(6, activation="relu"), Dense(4, activation="relu"), Dense(2)],
    ):
        module = Sequential(layers)
        module.build((10, 10, 1), RNG(0))
        found.append(reconstruct(module, images, Unit(-1, 1), method))
    assert found[0].any()
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
    with pytest.raises(UserError, match="more than one dense"):
        class_weights(two, (10, 10, 1), 0)


def test_regions_of_a_class_are_where_its_score_comes_from():
    """Not where a map of hardly any weight responds most, nor where one of a negative weight is
    below zero, though that product is the largest of all.
    """
    network = Network([Convolution(3, 1), GlobalAverage(), Dense(2)], (4, 4, 3))
    network.layers.layers[0].weight.value[0, 0] = np.eye(3)
    network.layers.layers[2].weight.value[:, 0] = [1, 0.01, -9]
    image = np.zeros((4, 4, 3), np.float32)
    image[0, 1, 0], image[2, 2, 1], image[3, 0, 2] = 4, 8, -6
    (region,) = class_regions(network, np.stack([image]), 0, 1)
    assert region.field == (0, 1, 1, 2)
    assert region.response == 4 * 1 / 16  # response, weight, share in the average
    dimmer = np.stack([image / 2, image * 0, image])
    assert [one.image for one in class_regions(network, dimmer, 0, 2)] == [2, 0]


def test_covering_what_matters_lowers_the_score():
    network = Network([Flatten(), Dense(2)], (6, 6, 1))
    network.layers.layers[1].weight.value[...] = 0
    network.layers.layers[1].weight.value[2 * 6 + 3, 1] = 5  # looks at one pixel alone
    image = np.ones((6, 6, 1), np.float32)
    scores = occlusion_map(network, image, 1, 3, 1)
    low = np.argwhere(scores < 0.9)
    assert low.min(0).tolist() == [1, 2]
    assert low.max(0).tolist() == [3, 4]
