"""The one check of gradients: backward against central differences, in float64."""

from collections.abc import Callable

import numpy as np

from rosenblatt.layers.gradients import ABSOLUTE, RELATIVE, numeric_gradient


def assert_gradient(function: Callable[[], float], array: np.ndarray, gradient: np.ndarray) -> None:
    """Check a gradient of `function`, which reads `array`."""
    expected = numeric_gradient(function, array)
    np.testing.assert_allclose(gradient, expected, rtol=RELATIVE, atol=ABSOLUTE)
