import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.neural import normalisation
from rosenblatt.kernels.neural.normalisation import moments


@given(st.integers(1, 5000), st.integers(1, 40), st.integers(-100, 100), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_moments_equal_those_of_float64(M, C, offset, seed):
    x = (np.random.default_rng(seed).random((M, C)) + offset).astype(np.float32)
    mean, variance = np.empty(C, np.float32), np.empty(C, np.float32)
    moments(x, mean, variance)
    np.testing.assert_allclose(mean, x.astype(float).mean(0), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(variance, x.astype(float).var(0), rtol=1e-3, atol=1e-7)


def test_a_large_mean_does_not_swallow_the_variance():
    """The difference of E[x^2] and E[x]^2 would have no right digit here."""
    x = np.float32(10000) + np.random.default_rng(0).random((20000, 3)).astype(np.float32)
    mean, variance = np.empty(3, np.float32), np.empty(3, np.float32)
    moments(x, mean, variance)
    np.testing.assert_allclose(variance, x.astype(float).var(0), rtol=1e-2)


@pytest.mark.parametrize(("M", "C"), [(0, 3), (1, 1), (700, 5)])
def test_rows_and_gradients_equal_their_formulas(M, C):
    rng = np.random.default_rng(M)
    x, d = rng.standard_normal((M, C)), rng.standard_normal((M, C))
    mean, scale, shift, mean_d, mean_dx = rng.standard_normal((5, C))
    variance, inverse = rng.random(C), np.full(C, np.nan)
    normalisation.inverse_deviation(variance, 0.1, inverse)
    np.testing.assert_allclose(inverse, (variance + 0.1) ** -0.5)
    even, out = (x - mean) * inverse, np.full((M, C), np.nan)
    normalisation.normalise(x, mean, inverse, scale, shift, out)
    np.testing.assert_allclose(out, even * scale + shift, atol=1e-12)
    d_scale, d_shift = np.full((2, C), np.nan)
    normalisation.parameter_gradients(x, d, mean, inverse, d_scale, d_shift)
    np.testing.assert_allclose(d_scale, (d * even).sum(0), atol=1e-12)
    np.testing.assert_allclose(d_shift, d.sum(0), atol=1e-12)
    normalisation.input_gradient(x, d, mean, inverse, scale, mean_d, mean_dx, out)
    np.testing.assert_allclose(out, scale * (d - mean_d - even * mean_dx), atol=1e-12)
