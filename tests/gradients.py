"""The one check of gradients: backward against central differences, in float64."""

from collections.abc import Callable

import numpy as np

STEP, ABSOLUTE, RELATIVE = 1e-6, 1e-5, 1e-3  # the tolerances of PyTorch's gradcheck


def numeric_gradient(function: Callable[[], float], array: np.ndarray) -> np.ndarray:
    """Return d function / d array by central differences, changing the array in place."""
    assert array.dtype == np.float64
    gradient = np.empty_like(array)
    for index in np.ndindex(array.shape):
        value = array[index]
        array[index] = value + STEP
        above = function()
        array[index] = value - STEP
        below = function()
        array[index] = value
        gradient[index] = (above - below) / (2 * STEP)
    return gradient


def assert_gradient(function: Callable[[], float], array: np.ndarray, gradient: np.ndarray) -> None:
    """Check a gradient of `function`, which reads `array`."""
    expected = numeric_gradient(function, array)
    np.testing.assert_allclose(gradient, expected, rtol=RELATIVE, atol=ABSOLUTE)
