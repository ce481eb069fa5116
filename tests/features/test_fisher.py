"""Mixtures and Fisher vectors against likelihoods and their derivatives."""

import numpy as np

from rosenblatt.features.fisher import Mixture, fisher_vectors


def cloud(count, seed=0):
    rng = np.random.default_rng(seed)
    noise = rng.random((count, 3)) + rng.random((count, 3)) - 1
    return (3 * np.eye(3)[np.arange(count) % 3] + noise).astype(np.float32)


def log_density(x, weights, means, deviations):
    """Return the log density of each row, in float64."""
    z = (x[:, None].astype(np.float64) - means) / deviations
    parts = np.log(weights) - 0.5 * (z**2 + np.log(2 * np.pi * deviations**2)).sum(2)
    return np.logaddexp.reduce(parts, 1)


def test_expectation_maximisation_never_loses_likelihood_and_finds_the_clouds():
    x = cloud(600)
    mixture, history = Mixture.fit(x, 3, np.random.default_rng(3))
    assert np.all(np.diff(history) > -1e-4)
    order = mixture.means.argmax(1).argsort()
    np.testing.assert_allclose(mixture.means[order], 3 * np.eye(3), atol=0.1)
    np.testing.assert_allclose(mixture.weights, 1 / 3, atol=0.02)
    np.testing.assert_allclose(mixture.variances, 1 / 6, atol=0.06)
    shares, found = mixture.shares(x)
    wanted = log_density(x, mixture.weights, mixture.means, np.sqrt(mixture.variances))
    np.testing.assert_allclose(found, wanted, atol=1e-3)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-5)


def test_fisher_vectors_are_scaled_derivatives_of_the_log_likelihood():
    mixture, _ = Mixture.fit(cloud(300), 2, np.random.default_rng(0), rounds=3)
    x, step = cloud(20, 1), 1e-5
    deviations = np.sqrt(mixture.variances)
    gradient = np.zeros((2, 2, 3))
    for k in range(2):
        for d in range(3):
            for part in range(2):
                moved = [mixture.means.copy(), deviations.copy()]
                values = []
                for sign in (1, -1):
                    moved[part][k, d] += sign * step
                    values.append(log_density(x, mixture.weights, *moved).mean())
                    moved[part][k, d] -= sign * step
                slope = (values[0] - values[1]) / (2 * step)
                information = np.sqrt((1 + part) * mixture.weights[k]) / deviations[k, d]
                gradient[part, k, d] = slope / information
    wanted = np.sign(gradient) * np.sqrt(np.abs(gradient))
    found = fisher_vectors(mixture, x[None])[0].reshape(2, 2, 3)
    np.testing.assert_allclose(found, wanted / np.linalg.norm(wanted), atol=5e-3)


def test_fisher_vectors_have_length_1():
    mixture, _ = Mixture.fit(cloud(300), 2, np.random.default_rng(0), rounds=2)
    sets = cloud(40).reshape(4, 10, 3)
    np.testing.assert_allclose(np.linalg.norm(fisher_vectors(mixture, sets), axis=1), 1, rtol=1e-5)
