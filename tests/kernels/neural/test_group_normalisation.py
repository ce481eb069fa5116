"""Normalisation within a sample beside plain NumPy; gradients are in the layers' contract test."""

import numpy as np
import pytest

from rosenblatt.kernels.neural.group_normalisation import parameter_gradients
from rosenblatt.layers import GroupNormalisation, LayerNormalisation, RMSNormalisation


def built(layer, shape, rng):
    layer.build(shape, rng)
    for parameter in layer.stored().values():
        parameter.value += rng.normal(size=parameter.value.shape).astype(np.float32)
    return layer


@pytest.mark.parametrize("offset", [0, 1000])
@pytest.mark.parametrize("size", [1, 7, 8, 33])
def test_layer_and_root_mean_square(size, offset):
    rng = np.random.default_rng(size)
    x = (offset + rng.normal(size=(5, 3, size))).astype(np.float32)
    wide = x.astype(np.float64)
    layer = built(LayerNormalisation(), (3, size), rng)
    middle, variance = wide.mean(-1, keepdims=True), wide.var(-1, keepdims=True)
    expected = (wide - middle) / np.sqrt(variance + 1e-5) * layer.scale.value + layer.shift.value
    np.testing.assert_allclose(layer(x), expected, atol=1e-4 if offset else 1e-5)
    layer = built(RMSNormalisation(), (3, size), rng)
    expected = wide / np.sqrt((wide**2).mean(-1, keepdims=True) + 1e-5) * layer.scale.value
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-6)
    assert list(layer.state()) == ["scale"]


@pytest.mark.parametrize("groups", [1, 2, 6])
def test_groups_of_channels(groups):
    rng = np.random.default_rng(groups)
    x = rng.normal(3, 2, (4, 5, 7, 6)).astype(np.float32)
    layer = built(GroupNormalisation(groups), x.shape[1:], rng)
    wide = x.astype(np.float64).reshape(4, 35, groups, -1)
    middle, variance = wide.mean((1, 3), keepdims=True), wide.var((1, 3), keepdims=True)
    even = ((wide - middle) / np.sqrt(variance + 1e-5)).reshape(x.shape)
    expected = even * layer.scale.value + layer.shift.value
    np.testing.assert_allclose(layer(x), expected, rtol=1e-5, atol=1e-5)


def test_no_sample_has_a_gradient_of_zero():
    none, d_scale, d_shift = np.empty((0, 4, 2, 3), np.float32), *np.full((2, 2, 3), np.nan, "f4")
    parameter_gradients(none, none, np.empty((0, 2)), np.empty((0, 2)), d_scale, d_shift)
    assert not d_scale.any()
    assert not d_shift.any()
