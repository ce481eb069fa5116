import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

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
