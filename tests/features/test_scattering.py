"""Scattering against what the theory promises of it."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.scattering import Scattering, filters


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@pytest.mark.parametrize("scales", [1, 2, 3])
def test_filters_keep_the_bound_of_littlewood_and_paley_and_have_no_mean(scales):
    low, waves = filters((32, 24), scales, 4)
    mirrored = np.roll(waves[..., ::-1, ::-1], 1, (-2, -1))
    energy = low.astype("f8") ** 2 + 0.5 * (waves**2 + mirrored**2).sum((0, 1))
    assert energy.max() <= 1 + 1e-5
    assert energy.min() > 0.05  # every frequency gets through
    np.testing.assert_allclose(waves[..., 0, 0], 0, atol=1e-6)
    np.testing.assert_allclose(low[0, 0], 1, rtol=1e-6)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_takes_no_two_images_further_apart(seed):
    x, y = images(1, 16, 16, 1, seed=seed), images(1, 16, 16, 1, seed=seed + 1)
    scatter = Scattering(2, 4)
    # Sampling every 4 pixels of 16 keeps a sixteenth of the energy of an average.
    apart = 4 * np.linalg.norm(scatter(x) - scatter(y))
    assert apart <= np.linalg.norm(x - y) * 1.01


def test_a_constant_has_nothing_but_its_mean():
    found = Scattering(2, 4)(np.full((1, 16, 16, 2), 0.7)).reshape(-1, 2, 4, 4)
    assert found.shape[0] == 1 + 2 * 4 + 16
    np.testing.assert_allclose(found[0], 0.7, rtol=1e-5)
    np.testing.assert_allclose(found[1:], 0, atol=1e-5)


def test_a_shift_by_the_largest_scale_shifts_the_coefficients():
    batch = images(2, 16, 16, 1)
    plain = Scattering(2, 4)(batch).reshape(2, -1, 4, 4)
    moved = Scattering(2, 4)(np.roll(batch, (4, -8), (1, 2))).reshape(2, -1, 4, 4)
    np.testing.assert_allclose(moved, np.roll(plain, (1, -2), (2, 3)), atol=1e-5)


def test_a_small_shift_changes_less_than_it_changes_the_pixels():
    grid = np.arange(16)
    batch = np.exp(-0.1 * ((grid[:, None] - 8) ** 2 + (grid - 7) ** 2))[None, :, :, None]
    moved = np.roll(batch, 1, 2)
    scatter = Scattering(3, 4)
    change = np.linalg.norm(scatter(moved) - scatter(batch)) / np.linalg.norm(scatter(batch))
    assert change < 0.5 * np.linalg.norm(moved - batch) / np.linalg.norm(batch)


def test_a_turned_image_has_turned_first_coefficients():
    batch = images(1, 16, 16, 1)
    plain = Scattering(2, 4)(batch).reshape(-1, 4, 4)[1:9].reshape(2, 4, 4, 4).mean((2, 3))
    turned = np.rot90(batch, axes=(1, 2))
    found = Scattering(2, 4)(turned).reshape(-1, 4, 4)[1:9].reshape(2, 4, 4, 4).mean((2, 3))
    np.testing.assert_allclose(found, np.roll(plain, 2, 1), rtol=0.02)


def test_sides_are_padded_and_batches_joined():
    batch = images(40, 7, 10, 1)
    found = Scattering(2, 2)(batch)
    assert found.shape == (40, (1 + 4 + 4) * 2 * 3)
    np.testing.assert_allclose(found[35:], Scattering(2, 2)(batch[35:]), atol=1e-5)


def test_impossible_settings_are_refused():
    with pytest.raises(UserError, match="must be a whole"):
        Scattering(scales=0)
