import math

import numpy as np
import pytest

from rosenblatt.kernels.core.chunks import CHUNK
from rosenblatt.kernels.neural import optimisers
from tests.reference.neural import optimisers as reference

SIZES = [0, 1, CHUNK + 3]


def arrays(size, count):
    rng = np.random.default_rng(2)
    return [rng.random(size).astype(np.float32) for _ in range(count)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("nesterov", [False, True])
def test_sgd_equals_its_twin(size, nesterov):
    value, gradient, velocity = arrays(size, 3)
    numbers = np.float32([0.1, 0.9, 0.01, 0.5])
    expected = reference.sgd(value, gradient, velocity, numbers, nesterov)
    optimisers.sgd(value, gradient, velocity, numbers, nesterov)
    np.testing.assert_allclose([value, velocity], expected, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_adam_equals_its_equations(size):
    value, gradient, mean, square = arrays(size, 4)
    rate, beta1, beta2, epsilon, decay, scale = numbers = 0.1, 0.9, 0.99, 1e-3, 0.01, 0.5
    expected = []
    for w, g, m, s in zip(*map(np.ndarray.tolist, (value, gradient, mean, square)), strict=True):
        m = beta1 * m + (1 - beta1) * scale * g
        s = beta2 * s + (1 - beta2) * (scale * g) ** 2
        expected.append((w - rate * m / (math.sqrt(s) + epsilon) - decay * w, m, s))
    optimisers.adam(value, gradient, mean, square, np.float32(numbers))
    expected = np.reshape(expected, (size, 3)).T
    np.testing.assert_allclose([value, mean, square], expected, atol=1e-6)


@pytest.mark.parametrize("size", SIZES)
def test_an_average_approaches_the_value(size):
    average, value = arrays(size, 2)
    expected = 0.75 * average + 0.25 * value
    optimisers.approach(average, value, np.float32(0.25))
    np.testing.assert_allclose(average, expected, atol=1e-6)
