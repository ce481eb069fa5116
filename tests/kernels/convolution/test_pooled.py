import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import direct, pooling, winograd
from rosenblatt.kernels.convolution.dispatch import (
    convolve_pool,
    pooled_input_gradient,
    pooled_weight_gradient,
)
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.core.jit import JIT_DISABLED
from tests.kernels.convolution.samples import arrays
from tests.reference.convolution import direct as twin
from tests.reference.convolution.pooling import max_pool_gradient

sides = st.integers(1, 13)


@st.composite
def any_geometry(draw):
    """Draw a geometry and a window: kernels of 3 and 5 rows, and others; grey images often."""
    K, stride, size = draw(st.integers(1, 5)), draw(st.integers(1, 2)), draw(st.integers(2, 3))
    padding, least = draw(st.integers(0, 2)), K + (size - 1) * stride
    H, W = (max(draw(sides), least - 2 * padding) for _ in range(2))
    C, F = draw(st.sampled_from([1, 1, 3, 9])), draw(st.sampled_from([1, 4, 6, 8, 13, 17]))
    return Geometry(H, W, C, K, K, F, stride, padding), size


def results(g, size, N, dtype, floor):
    """Return input arrays, and what the fused kernels wrote over poisoned memory."""
    x, weight, bias, d_map = arrays(g, N, dtype)
    out = np.full((N, g.output[0] // size, g.output[1] // size, g.F), np.nan, dtype)
    switches = np.full(out.shape, 255, np.uint8)
    convolve_pool(x, weight, bias, g, size, floor, out, switches)
    d = np.ascontiguousarray(d_map[:, : out.shape[1], : out.shape[2]])
    d_x, d_weight, d_bias = (np.full_like(a, np.nan) for a in (x, weight, bias))
    pooled_weight_gradient(x, d, out, switches, g, size, floor, d_weight, d_bias)
    pooled_input_gradient(d, out, switches, weight, g, size, floor, d_x)
    return (x, weight, bias, d), (out, switches, d_x, d_weight, d_bias)


@pytest.mark.skipif(JIT_DISABLED, reason="the order of sums is that of the compiled tile")
@given(any_geometry(), st.integers(1, 9), st.sampled_from([0.0, -np.inf]))
@example((Geometry(12, 12, 20, 5, 5, 50, 1, 0), 2), 3, 0.0)  # whose table of weights is large
@settings(max_examples=20, deadline=None)
def test_fused_equals_one_after_the_other(drawn, N, floor):
    (g, size), dtype = drawn, np.float32  # float64 is for the contract of the layers
    (x, weight, bias, d), (out, switches, *gradients) = results(g, size, N, dtype, floor)
    full = np.empty((N, *g.output, g.F), dtype)
    direct.convolve(x, weight, bias, full, g, floor)
    expected, expected_switches = np.empty_like(out), np.empty_like(switches)
    pooling.max_pool(full, expected, expected_switches, size, size)
    np.testing.assert_array_equal(out, expected)  # the same bits
    np.testing.assert_array_equal(switches, expected_switches)

    d = np.where(out > floor, d, 0)
    d_map = max_pool_gradient(d, switches, full.shape, size, size)
    exact = (
        twin.input_gradient(x, d_map, weight, g),
        *twin.weight_gradient(x, d_map, weight, g),
    )
    window, winners = g.KH * g.KW * g.F, d[..., 0].size
    for found, truth, count in zip(gradients, exact, (window, winners, winners), strict=True):
        bound = 8 * np.finfo(dtype).eps * count**0.5 * (1 + count**0.5 / 8)
        assert abs(found - truth).max() <= bound


def test_where_winograd_multiplies_less_it_is_taken():
    g = Geometry(16, 14, 64, 3, 3, 64, 1, 1)
    assert winograd.pays(g, 16)
    (x, weight, bias, _), (out, switches, *gradients) = results(g, 2, 16, np.float32, 0.0)
    full = np.empty((16, *g.output, g.F), np.float32)
    winograd.convolve(x, weight, bias, full, g, 0.0)
    expected = np.empty_like(out)
    pooling.max_pool(full, expected, switches, 2, 2)
    np.testing.assert_array_equal(out, expected)
    assert all(np.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("channels", [1, 2])
def test_nan_and_infinity_pass_the_maximum(channels):
    g = Geometry(6, 6, channels, 3, 3, 2, 1, 1)
    x, weight = np.zeros((1, 6, 6, channels), np.float32), np.ones((3, 3, channels, 2), np.float32)
    x[0, 0, 0, 0], x[0, 5, 5, 0] = np.nan, np.inf
    out, switches = np.empty((1, 3, 3, 2), np.float32), np.empty((1, 3, 3, 2), np.uint8)
    convolve_pool(x, weight, np.zeros(2, np.float32), g, 2, 0.0, out, switches)
    assert np.isnan(out[0, 0, 0]).all()
    assert np.isinf(out[0, 2, 2]).all()
    assert (out[0, 1, 1] == 0).all()
