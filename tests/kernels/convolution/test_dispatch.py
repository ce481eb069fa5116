import numpy as np
import pytest

from rosenblatt.kernels.convolution import conv_single_channel as single_channel
from rosenblatt.kernels.convolution import direct, dispatch, pooled, winograd
from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
)
from rosenblatt.kernels.convolution.geometry import Geometry
from tests.kernels.convolution.samples import arrays
from tests.reference.convolution import direct as reference

WIDE = Geometry(16, 16, 64, 3, 3, 64, 1, 1)


@pytest.mark.parametrize(
    ("change", "N", "expected"),
    [
        ({}, 64, winograd),
        ({"H": 14, "W": 14, "C": 32, "KH": 5, "KW": 5, "padding": 2}, 128, winograd),
        *((change, 64, direct) for change in (
            {"stride": 2}, {"KW": 5}, {"KH": 2, "KW": 2}, {"padding": 3}, {"C": 3}, {"F": 10},
            {"H": 1, "W": 1},
        )),
        ({"H": 28, "W": 28, "C": 8, "F": 8, "KH": 5, "KW": 5, "padding": 2}, 128, direct),
    ],
)  # fmt: skip
def test_the_method_of_a_plain_convolution(change, N, expected):
    assert dispatch.method(dispatch.PLAIN, WIDE._replace(**change), N) is expected


LENET = Geometry(28, 28, 1, 5, 5, 6, 1, 0)


@pytest.mark.parametrize(
    ("g", "size", "forward", "weights", "inputs"),
    [
        (WIDE, 2, "_convolve_then_pool", "_spread_weight_gradient", "_spread_input_gradient"),
        (WIDE._replace(C=32), 2, "_convolve_then_pool", "weight_gradient",
         "_spread_input_gradient"),
        (LENET, 2, "single", "weight_gradient", "input_gradient"),
        (LENET, 3, "pooled", "weight_gradient", "input_gradient"),
        (LENET._replace(F=7), 2, "pooled", "weight_gradient", "input_gradient"),
        (LENET._replace(stride=2), 2, "pooled", "weight_gradient", "_spread_input_gradient"),
        (LENET._replace(KH=4, KW=4), 2, "single", "_spread_weight_gradient", "input_gradient"),
        (LENET._replace(C=20, F=50), 2, "pooled", "weight_gradient", "input_gradient"),
        (LENET._replace(C=60, F=50), 2, "pooled", "weight_gradient", "_spread_input_gradient"),
    ],
)  # fmt: skip
def test_the_methods_of_a_pooled_convolution(g, size, forward, weights, inputs):
    found = dispatch.method(dispatch.POOLED, g, 64, size)
    ours = {"single": single_channel.convolve_pool, "pooled": pooled.convolve_pool}
    assert found is ours.get(forward, dispatch._convolve_then_pool)
    assert dispatch.method(dispatch.POOLED_WEIGHT_GRADIENT, g, 64, size).__name__ == weights
    assert dispatch.method(dispatch.POOLED_INPUT_GRADIENT, g, 64, size).__name__ == inputs


@pytest.mark.parametrize(
    "g", [Geometry(8, 8, 32, 3, 3, 32, 1, 1), Geometry(8, 7, 5, 3, 2, 6, 2, 1)]
)
def test_the_public_kernels_take_either_method(g):
    N = 8
    x, weight, bias, d = arrays(g, N, np.float32)
    out, d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (d, x, weight, bias))
    assert convolve(x, weight, bias, g, 0.0, out) is out
    exact = reference.convolve(x, weight, bias, g)
    np.testing.assert_allclose(out, np.maximum(exact, 0), atol=1e-4)
    assert convolution_input_gradient(d, out, weight, g, d_x) is d_x
    d = np.where(out > 0, d, 0)
    np.testing.assert_allclose(d_x, reference.input_gradient(x, d, weight, g), atol=2e-4)
    convolution_weight_gradient(x, d, None, g, d_weight, d_bias)
    weights, biases = reference.weight_gradient(x, d, weight, g)
    np.testing.assert_allclose(d_weight, weights, atol=2e-4)
    np.testing.assert_allclose(d_bias, biases, atol=1e-4)


@pytest.mark.parametrize("floor", [0.0, -np.inf])
def test_full_size_maps_are_made_a_few_at_a_time_for_the_same_bits(floor, monkeypatch):
    g, rng = WIDE._replace(H=8, W=8, C=32, F=32), np.random.default_rng(0)
    x, weight = (rng.standard_normal(shape).astype(np.float32)
                 for shape in ((37, 8, 8, 32), (3, 3, 32, 32)))  # fmt: skip
    d = rng.standard_normal((37, 4, 4, 32)).astype(np.float32)
    bias, found = rng.standard_normal(32).astype(np.float32), []
    assert dispatch.method(dispatch.POOLED, g, 37, 2) is dispatch._convolve_then_pool
    for elements in (1, 1 << 30):
        monkeypatch.setattr(dispatch, "MAP", elements)
        out, switches, d_x = np.empty_like(d), np.empty(d.shape, np.uint8), np.empty_like(x)
        dispatch.convolve_pool(x, weight, bias, g, 2, floor, out, switches)
        dispatch.pooled_input_gradient(d, out, switches, weight, g, 2, floor, d_x)
        found.append((out, switches, d_x))
    full = convolve(x, weight, bias, g, floor, np.empty((37, 8, 8, 32), np.float32))
    np.testing.assert_array_equal(found[0][0], full.reshape(37, 4, 2, 4, 2, 32).max((2, 4)))
    for some, all_at_once in zip(*found, strict=True):
        np.testing.assert_array_equal(some, all_at_once)
