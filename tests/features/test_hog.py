"""Histograms of oriented gradients against their slow twin, and against what they must ignore."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features.hog import HOG
from tests.reference.vision import hog as reference


def images(*shape, seed=0):
    return np.random.default_rng(seed).random(shape, dtype=np.float32)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 13), st.integers(6, 13), st.booleans())
def test_equals_the_slow_twin(seed, height, width, signed):
    image = images(height, width, seed=seed)
    found = HOG(cells=(3,), bins=8, signed=signed)(image[None, :, :, None])[0]
    cells = reference.histograms(image, height // 3, width // 3, 8, signed)
    np.testing.assert_allclose(found, reference.normalised(cells), atol=2e-5)


def test_brightness_and_contrast_do_not_matter():
    batch = images(3, 16, 16, 3)
    np.testing.assert_allclose(HOG()(batch), HOG()(100 + 50 * batch), atol=1e-3)


def test_the_sign_of_an_edge_matters_where_asked_for():
    batch = images(2, 16, 16, 1)
    np.testing.assert_allclose(HOG()(batch), HOG()(1 - batch), atol=1e-5)
    assert np.abs(HOG(signed=True)(batch) - HOG(signed=True)(1 - batch)).max() > 0.01


def test_a_mirror_image_has_mirrored_directions():
    batch = images(1, 8, 8, 1)
    plain = HOG(cells=(4,), bins=8, signed=True)(batch).reshape(2, 2, 8)
    mirrored = HOG(cells=(4,), bins=8, signed=True)(batch[:, :, ::-1]).reshape(2, 2, 8)
    np.testing.assert_allclose(mirrored[:, ::-1, (4 - np.arange(8)) % 8], plain, atol=1e-5)


def test_grey_in_three_channels_is_grey():
    batch = images(2, 16, 16, 1)
    np.testing.assert_array_equal(HOG()(batch), HOG()(np.repeat(batch, 3, 3)))


def test_sizes_stand_one_after_another_and_blank_is_finite():
    batch = np.zeros((1, 16, 16, 1))
    both = HOG(cells=(4, 8))(batch)
    assert both.shape == (1, 9 * 36 + 36)
    np.testing.assert_array_equal(both, 0)


@pytest.mark.parametrize("make", [lambda: HOG(cells=()), lambda: HOG(bins=0)])
def test_impossible_settings_are_refused(make):
    with pytest.raises(UserError, match="it must be"):
        make()


def test_cells_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="do not fit in 8 x 8"):
        HOG(cells=(8,))(np.zeros((1, 8, 8, 1)))
