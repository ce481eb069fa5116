"""Scales against what they promise of the numbers that they give."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.features.whitening import ZCA, normalise_contrast


def cloud(count, columns, seed=0):
    rng = np.random.default_rng(seed)
    return (rng.random((count, columns)) @ rng.random((columns, columns)) + 3).astype(np.float32)


@settings(max_examples=20, deadline=None)
@given(st.floats(0.1, 100), st.floats(-100, 100), st.integers(0, 10**6))
def test_contrast_minds_neither_light_nor_gain(gain, light, seed):
    x = cloud(4, 30, seed)
    found = normalise_contrast(x, 0)
    np.testing.assert_allclose(found.mean(1), 0, atol=1e-3)
    np.testing.assert_allclose(found.std(1), 1, rtol=1e-3)
    np.testing.assert_allclose(normalise_contrast(gain * x + light, 0), found, atol=2e-2)


def test_a_flat_row_stays_flat():
    for value in (7, 1000.1, 1e-20):
        np.testing.assert_array_equal(normalise_contrast(np.full((1, 9), value), 1e-8), 0)


def test_whitened_columns_are_uncorrelated():
    x = cloud(500, 6)
    whiten = ZCA.fit(x, 1e-9)
    covariance = np.cov(whiten(x).astype(np.float64).T, bias=True)
    np.testing.assert_allclose(covariance, np.eye(6), atol=1e-3)
    np.testing.assert_allclose(whiten.matrix, whiten.matrix.T, atol=1e-3)


def test_epsilon_keeps_faint_directions_faint():
    rng = np.random.default_rng(0)
    x = rng.random((500, 3)) * [100, 100, 1e-3]
    assert ZCA.fit(x, 1.0)(x).std(0)[2] < 1e-2
