"""Layers of vision against their naive twins, and against what theory says of them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.features.resize import interpolation, resize
from rosenblatt.layers import (
    Convolution,
    LocalResponseNormalisation,
    Maxout,
    MaxPooling,
    PyramidPooling,
    RegionPooling,
    TransposedConvolution,
    Unpooling,
)
from tests.reference.convolution.transposed import transposed_convolution
from tests.reference.neural.region_pooling import pool_region
from tests.reference.neural.response import local_response

RNG = np.random.default_rng
few = settings(max_examples=15, deadline=None)


@given(st.integers(1, 9), st.sampled_from([1, 3, 5]), st.integers(0, 99))
@few
def test_local_response_normalisation_equals_its_twin(channels, size, seed):
    x = RNG(seed).random((3, channels)) * 4 - 2
    layer = LocalResponseNormalisation(size, alpha=0.3, beta=0.6, offset=1.5)
    expected = local_response(x, size, 0.3, 0.6, 1.5)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12)


@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 99))
@few
def test_region_pooling_equals_its_twin(height, width, seed):
    rng = RNG(seed)
    x = rng.integers(-3, 4, (2, height, width, 3)).astype(np.float32)
    corners = np.sort(rng.random((2, 5, 2, 2)) * 1.4 - 0.2, axis=2)  # some stick out of the map
    levels = (1, 2, 3)
    found = RegionPooling(levels)(x, corners.reshape(2, 5, 4)).reshape(2, 5, 14, 3)
    for n in range(2):
        for r in range(5):
            expected = pool_region(x[n], corners[n, r].reshape(4), levels)
            np.testing.assert_array_equal(found[n, r], expected)


def test_a_pyramid_tells_any_size_by_as_many_numbers():
    layer = PyramidPooling((1, 2))
    for shape in ((4, 4), (5, 7), (1, 1)):
        x = RNG(0).random((2, *shape, 3)).astype(np.float32)
        output = layer(x)
        assert output.shape == (2, 15)
        np.testing.assert_array_equal(output[:, :3], x.max((1, 2)))


@given(st.integers(1, 4), st.integers(1, 3), st.integers(0, 1), st.integers(0, 99))
@few
def test_transposed_convolution_equals_its_twin(size, stride, padding, seed):
    padding = min(padding, (size - 1) // 2)
    layer = TransposedConvolution(3, size, stride, padding)
    shape = layer.build((2, 3, 2), RNG(seed))
    layer.cast(float)
    x = RNG(seed + 1).random((2, 2, 3, 2))
    expected = transposed_convolution(x, layer.weight.value, stride, padding)
    assert expected.shape == (2, *shape)
    np.testing.assert_allclose(layer(x), expected, rtol=1e-12, atol=1e-12)


def test_transposed_convolution_is_the_transpose_of_convolution():
    """<C x, y> = <x, C^T y> for the same weights."""
    down, up = Convolution(4, 3, 2, 1), TransposedConvolution(2, 3, 2, 1)
    shape = down.build((5, 7, 2), RNG(0))
    assert up.build(shape, RNG(1)) == (5, 7, 2)
    up.weight.value[...] = down.weight.value
    down.cast(float), up.cast(float)
    x, y = RNG(2).random((1, 5, 7, 2)), RNG(3).random((1, *shape))
    np.testing.assert_allclose((down(x) * y).sum(), (x * up(y)).sum(), rtol=1e-12)


@pytest.mark.parametrize("factor", [2, 3, 4])
def test_bilinear_weights_continue_a_ramp(factor):
    """Linear interpolation leaves a linear function what it is, away from the border."""
    size = 2 * factor - factor % 2
    layer = TransposedConvolution(2, size, factor, (size - factor) // 2, "bilinear")
    layer.build((5, 6, 2), RNG(0))
    rows, columns = np.ix_(range(5), range(6))
    x = np.stack([2.0 * rows + columns, rows - 3.0 * columns], -1).astype(np.float32)[None]
    out = layer(x)[0]
    assert out.shape[0] in (5 * factor, 5 * factor - 1)
    inner = out[factor:-factor, factor:-factor]
    np.testing.assert_allclose(np.diff(inner[..., 0], axis=0), 2 / factor, rtol=1e-4)
    np.testing.assert_allclose(np.diff(inner[..., 1], axis=1), -3 / factor, rtol=1e-4)


def test_unpooling_puts_maxima_back_where_they_were():
    x = RNG(0).random((2, 6, 6, 3)).astype(np.float32)
    pooled = MaxPooling(2)(x)
    back = Unpooling(2)(pooled, x)
    np.testing.assert_array_equal(back[back != 0], x[back != 0])
    np.testing.assert_array_equal(MaxPooling(2)(back), pooled)
    assert (back != 0).sum() == pooled.size
    with pytest.raises(ValueError, match=r"\(3, 3, 3\)"):
        Unpooling(2).build(((2, 3, 3), (6, 6, 3)), None)


def test_maxout_of_two_lines_is_the_absolute_value():
    x = RNG(0).random((4, 5)) - 0.5
    np.testing.assert_array_equal(Maxout(2)(np.concatenate([x, -x], axis=1)), np.abs(x))
    with pytest.raises(ValueError, match="2 pieces"):
        Maxout(2).build((5,), None)


@pytest.mark.parametrize(("source", "target"), [(4, 9), (9, 4), (6, 3), (5, 5), (1, 4), (7, 1)])
def test_interpolation_keeps_constants_and_lies_straight(source, target):
    weights = interpolation(source, target)
    np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-6)
    if source == target:
        np.testing.assert_array_equal(weights, np.eye(source))


def test_resizing_halves_by_tents_and_enlarges_a_ramp():
    ramp = np.arange(8, dtype=np.float32)[None, :, None, None] * np.ones((1, 1, 6, 2), np.float32)
    large = resize(ramp, (16, 12))
    assert large.shape == (1, 16, 12, 2)
    np.testing.assert_allclose(np.diff(large[0, 1:-1, 3, 0]), 0.5, rtol=1e-5)
    small = resize(ramp, (4, 3))[0, :, 1, 0]
    np.testing.assert_allclose(small[1:3], [2.5, 4.5], rtol=1e-5)  # the tent is 1 3 3 1 over 8
    np.testing.assert_array_equal(resize(ramp, (8, 6)), ramp)
