"""Transforms, averages and elementwise functions against their definitions."""

import math

import numpy as np
import pytest

from rosenblatt.kernels.core import elementwise
from rosenblatt.kernels.core.fourier import transform, transform_back
from rosenblatt.kernels.vision.patches import averages
from tests.reference.core import linear_algebra as reference
from tests.reference.vision import patches as twin


@pytest.mark.parametrize(("H", "W"), [(1, 1), (4, 6), (5, 3)])
def test_transform_equals_its_definition_and_goes_back(H, W):
    images = np.random.default_rng(0).random((2, H, W))
    found = transform(images)
    for image, spectrum in zip(images, found, strict=True):
        wanted = reference.fourier(image).T
        np.testing.assert_allclose(spectrum[..., 0] + 1j * spectrum[..., 1], wanted, atol=1e-12)
    again = transform_back(found)
    np.testing.assert_allclose(again[..., 0], images, atol=1e-13)
    np.testing.assert_allclose(again[..., 1], 0, atol=1e-13)


def test_a_complex_spectrum_goes_back_to_a_complex_image():
    spectrum = np.random.default_rng(1).random((1, 6, 4, 2))
    found = transform_back(spectrum)
    wanted = np.fft.ifft2((spectrum[0, ..., 0] + 1j * spectrum[0, ..., 1]).T)
    np.testing.assert_allclose(found[0, ..., 0] + 1j * found[0, ..., 1], wanted, atol=1e-13)


def test_averages_equal_their_definition():
    rng = np.random.default_rng(0)
    images, down, across = rng.random((2, 5, 4, 3)), rng.random((2, 5)), rng.random((3, 4))
    down[0, 1:] = 0
    out = np.empty((2, 2, 3, 3))
    averages(images, down, across, out)
    np.testing.assert_allclose(out, twin.averages(images, down, across), rtol=1e-13)


@pytest.mark.parametrize(
    ("function", "scalar"),
    [
        (elementwise.exp, math.exp),
        (elementwise.cos, math.cos),
        (elementwise.sin, math.sin),
        (elementwise.log, lambda x: math.log(x) if x > 0 else math.nan),
        (elementwise.sigmoid, lambda x: 1 / (1 + math.exp(-x))),
    ],
)
@pytest.mark.parametrize(("dtype", "within"), [(np.float32, 1e-6), (np.float64, 1e-14)])
def test_functions_of_whole_arrays(function, scalar, dtype, within):
    x = np.linspace(-3, 3, 26).astype(dtype).reshape(2, 13)
    found = function(x)
    assert found.dtype == dtype
    assert found.shape == x.shape
    wanted = np.vectorize(scalar)(x.astype(np.float64))
    np.testing.assert_allclose(found, wanted, rtol=within, atol=within)
    np.testing.assert_array_equal(function(x.T), found.T)


def test_whole_numbers_become_float64():
    found = elementwise.exp(np.array([0, 1]))
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, [1, math.e], rtol=1e-15)
