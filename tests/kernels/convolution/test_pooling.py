import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.convolution import pooling
from tests.reference.convolution import pooling as reference

shapes = st.tuples(*[st.integers(1, high) for high in (3, 7, 7, 5)])


def images(shape, seed):
    """Return images of few different values, so that maxima are often tied."""
    return np.random.default_rng(seed).integers(-2, 3, shape).astype(np.float32)


@given(shapes, st.integers(1, 3), st.integers(1, 4), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_pooling_equals_its_naive_twin(shape, size, stride, seed):
    size = min(size, *shape[1:3])
    x = images(shape, seed)
    expected, expected_switches = reference.max_pool(x, size, stride)
    out, switches = np.full_like(expected, np.nan), np.full_like(expected_switches, 255)
    pooling.max_pool(x, out, switches, size, stride)
    np.testing.assert_array_equal(out, expected)
    np.testing.assert_array_equal(switches, expected_switches)
    d_out = images(out.shape, seed + 1)
    d_x = np.full_like(x, np.nan)
    pooling.max_pool_gradient(d_out, switches, d_x, size, stride)
    expected = reference.max_pool_gradient(d_out, switches, x.shape, size, stride)
    np.testing.assert_array_equal(d_x, expected)
    pooling.average_pool(x, out, size, stride)
    np.testing.assert_allclose(out, reference.average_pool(x, size, stride), atol=1e-6)
    pooling.average_pool_gradient(d_out, d_x, size, stride)
    expected = reference.average_pool_gradient(d_out, x.shape, size, stride)
    np.testing.assert_allclose(d_x, expected, atol=1e-6)


@given(shapes, st.integers(0, 99))
@settings(max_examples=10, deadline=None)
def test_global_average_equals_the_mean_over_pixels(shape, seed):
    x = images(shape, seed).reshape(shape[0], -1, shape[3])
    out, d_x = np.empty((shape[0], shape[3]), np.float32), np.empty_like(x)
    pooling.global_average(x, out)
    np.testing.assert_allclose(out, x.mean(1), atol=1e-6)
    pooling.global_average_gradient(out, d_x)
    np.testing.assert_allclose(d_x, np.broadcast_to(out[:, None] / x.shape[1], x.shape), atol=1e-6)


@pytest.mark.parametrize("place", range(4))
def test_nan_is_the_largest(place):
    x = np.arange(4, dtype=np.float32)
    x[place] = np.nan
    out, switches = np.empty((1, 1, 1, 1), np.float32), np.empty((1, 1, 1, 1), np.uint8)
    pooling.max_pool(x.reshape(1, 2, 2, 1), out, switches, 2, 2)
    assert np.isnan(out[0, 0, 0, 0])
    assert switches[0, 0, 0, 0] == place
