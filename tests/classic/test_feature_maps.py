"""Explicit feature spaces against the kernels that they stand for."""

import numpy as np
import pytest

from rosenblatt.classic import Nystrom, RandomFourier
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian, Linear

X = np.random.default_rng(0).random((60, 3)).astype(np.float32)


def test_nystrom_is_exact_where_the_landmarks_span_everything():
    kernel = Gaussian(0.5)
    whole = Nystrom(kernel, components=60).fit(X).transform
    np.testing.assert_allclose(whole(X) @ whole(X).T, kernel(X), atol=2e-3)
    line = Nystrom("linear", components=10).fit(X).transform
    assert line(X).shape == (60, 3)
    np.testing.assert_allclose(line(X) @ line(X).T, Linear()(X), atol=1e-3)


def test_nystrom_is_exact_between_landmarks_and_gains_by_more():
    kernel = Gaussian(5.0)
    errors = []
    for components in (5, 20, 50):
        learned = Nystrom(kernel, components=components).fit(X)
        embed, landmarks = learned.transform, learned.support_vectors_
        marks = embed(landmarks)
        np.testing.assert_allclose(marks @ marks.T, kernel(landmarks), atol=2e-3)
        errors.append(np.abs(embed(X) @ embed(X).T - kernel(X)).mean())
    assert errors[0] > errors[1] > errors[2]


def test_random_waves_have_the_kernel_as_their_mean():
    wanted = Gaussian(2.0)(X)
    errors = []
    for components in (100, 10_000):
        features = RandomFourier(2.0, components, seed=1).fit_transform(X)
        errors.append(np.abs(features @ features.T - wanted).max())
    # The error of a mean of K bounded terms; Hoeffding's bound for 1770 pairs at once.
    assert errors[1] < np.sqrt(2 * np.log(2 * 1770 / 1e-3) / 5000)
    assert errors[1] < errors[0]


def test_nystrom_takes_a_gram_matrix_and_all_rows_where_there_are_few():
    gram = Gaussian(0.5)(X)
    found = Nystrom("precomputed", components=20).fit_transform(gram)
    other = Nystrom(Gaussian(0.5), components=20).fit_transform(X)
    np.testing.assert_allclose(found @ found.T, other @ other.T, atol=1e-3)
    assert len(Nystrom(components=61).fit(X).support_) == 60


def test_what_gives_no_features_is_refused():
    with pytest.raises(UserError, match="must be even"):
        RandomFourier(components=7).fit(X)
    with pytest.raises(UserError, match="all landmarks are 0"):
        Nystrom("linear").fit(np.zeros((4, 2)))
    with pytest.raises(UserError, match="lower gamma"):
        RandomFourier(1e20).fit_transform(X)
