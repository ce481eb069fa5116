"""Explicit feature spaces against the kernels that they stand for."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.embedding import Nystrom, RandomFourier
from rosenblatt.features.gram import Gaussian, Linear

X = np.random.default_rng(0).random((60, 3)).astype(np.float32)


def test_nystrom_is_exact_where_the_landmarks_span_everything():
    kernel = Gaussian(0.5)
    whole = Nystrom.fit(kernel, X, 60, np.random.default_rng(0))
    np.testing.assert_allclose(whole(X) @ whole(X).T, kernel(X), atol=2e-3)
    line = Nystrom.fit(Linear(), X, 10, np.random.default_rng(0))
    assert line(X).shape == (60, 3)
    np.testing.assert_allclose(line(X) @ line(X).T, Linear()(X), atol=1e-3)


def test_nystrom_is_exact_between_landmarks_and_gains_by_more():
    kernel = Gaussian(5.0)
    errors = []
    for components in (5, 20, 50):
        embed = Nystrom.fit(kernel, X, components, np.random.default_rng(0))
        marks = embed(embed.landmarks)
        np.testing.assert_allclose(marks @ marks.T, kernel(embed.landmarks), atol=2e-3)
        errors.append(np.abs(embed(X) @ embed(X).T - kernel(X)).mean())
    assert errors[0] > errors[1] > errors[2]


def test_random_waves_have_the_kernel_as_their_mean():
    kernel, wanted = Gaussian(2.0), Gaussian(2.0)(X)
    errors = []
    for components in (100, 10_000):
        features = RandomFourier.make(kernel, 3, components, seed=1)(X)
        errors.append(np.abs(features @ features.T - wanted).max())
    # The error of a mean of K bounded terms; Hoeffding's bound for 1770 pairs at once.
    assert errors[1] < np.sqrt(2 * np.log(2 * 1770 / 1e-3) / 5000)
    assert errors[1] < errors[0]


def test_too_many_landmarks_and_odd_components_are_refused():
    with pytest.raises(UserError, match="components = 61"):
        Nystrom.fit(Linear(), X, 61, np.random.default_rng(0))
    with pytest.raises(UserError, match="must be even"):
        RandomFourier.make(Gaussian(), 3, 7, 0)
