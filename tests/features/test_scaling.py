"""Scaling: learned on training rows, applied to any."""

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.features.scaling import Scaling


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 17, (20, 3, 4, 5)).astype(np.float32)


def test_unit_divides_by_the_largest_training_value(images):
    scaled = Scaling.fit(images, "unit")(images[:2])
    assert scaled.shape == (2, 4, 5, 3)
    np.testing.assert_allclose(scaled, images[:2].transpose(0, 2, 3, 1) / images.max(), rtol=1e-6)


def test_standardised_channels_have_mean_0_and_variance_1(images):
    images[:, 1] *= 10
    scaled = Scaling.fit(images, "standardise")(images).astype(np.float64)
    np.testing.assert_allclose(scaled.mean((0, 1, 2)), 0, atol=1e-6)
    np.testing.assert_allclose(scaled.var((0, 1, 2)), 1, rtol=1e-5)


def test_a_constant_channel_becomes_zero(images):
    images[:, 2] = 7
    assert not Scaling.fit(images, "standardise")(images)[..., 2].any()


def test_an_unknown_method_is_refused(images):
    with pytest.raises(UserError, match="method = "):
        Scaling.fit(images, "whiten")


def test_the_images_themselves_stay_as_they_are():
    images = np.arange(32, dtype=np.float32).reshape(2, 1, 4, 4)  # one channel: a view would do
    Scaling.fit(images, "unit")(images)
    assert images.max() == 31
