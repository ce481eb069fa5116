"""Dictionaries of patches against their definition, written out."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.kmeans import assign, k_means
from rosenblatt.features.patches import PatchDictionary, random_patches
from rosenblatt.features.whitening import normalise_contrast


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


def test_k_means_finds_clouds_far_apart_and_leaves_no_better_centre():
    rng = np.random.default_rng(0)
    truth = 10 * np.array([[0, 0], [1, 0], [0, 1]])
    x = truth[np.arange(90) % 3] + rng.random((90, 2))
    best = min((k_means(x, 3, rng) for _ in range(8)), key=lambda c: _distortion(x, c))
    np.testing.assert_allclose(np.sort(best, 0), np.sort(truth + 0.5, 0), atol=0.2)
    labels = assign(x.astype(np.float32), best)
    for k in range(3):  # each centre is the mean of its rows
        np.testing.assert_allclose(best[k], x[labels == k].mean(0), rtol=1e-5)


def _distortion(x, centres):
    return np.square(x[:, None] - centres).sum(2).min(1).mean()


def test_assign_is_the_nearest_centre():
    x, centres = images(50, 4), images(7, 4, seed=1)
    wanted = np.square(x[:, None] - centres).sum(2).argmin(1)
    np.testing.assert_array_equal(assign(x, centres), wanted)


def test_spherical_centres_have_length_1():
    centres = k_means(images(60, 4), 5, np.random.default_rng(0), spherical=True)
    np.testing.assert_allclose(np.linalg.norm(centres, axis=1), 1, rtol=1e-6)


def test_codes_equal_their_definition():
    batch = images(9, 8, 7, 2)
    learned = PatchDictionary.fit(batch, np.random.default_rng(0), 3, 10, samples=200)
    found = learned(batch).reshape(9, 2, 2, 10)
    for n in (0, 8):
        wanted = np.zeros((2, 2, 10))
        for i in range(6):
            for j in range(5):
                patch = batch[n, i : i + 3, j : j + 3].reshape(1, -1)
                white = learned.whitening(normalise_contrast(patch, learned.offset))
                apart = np.linalg.norm(white - learned.centres, axis=1)
                wanted[i * 2 // 6, j * 2 // 5] += np.maximum(0, apart.mean() - apart)
        np.testing.assert_allclose(found[n], wanted, rtol=1e-3, atol=1e-3)


def test_random_patches_are_patches():
    batch = np.arange(2 * 5 * 6, dtype=np.float32).reshape(2, 5, 6, 1)
    patches = random_patches(batch, 2, 50, np.random.default_rng(0))
    np.testing.assert_array_equal(patches - patches[:, :1], [[0, 1, 6, 7]] * 50)
    with pytest.raises(UserError, match="do not fit in 5 x 6"):
        random_patches(batch, 6, 1, np.random.default_rng(0))
    with pytest.raises(UserError, match="count = 4"):
        k_means(np.eye(3), 4, np.random.default_rng(0))
