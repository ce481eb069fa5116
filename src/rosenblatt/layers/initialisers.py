"""Starting weights whose variance keeps signals from fading or growing through the layers.

Each initialiser maps (shape, rng) to a float32 array. The last axis of `shape` counts the outputs;
all others together count the terms of one sum. Without a generator the weights are zeros.
"""

from collections.abc import Callable
from math import sqrt

import numpy as np

from rosenblatt.kernels.core.random import fill_normal

Initialiser = Callable[[tuple[int, ...], "np.random.Generator | None"], np.ndarray]


def _fans(shape: tuple[int, ...]) -> tuple[int, int]:
    """Return the terms of one output's sum, and the sums one input takes part in."""
    terms = int(np.prod(shape[:-1], dtype=np.int64))
    return terms, terms // shape[-2] * shape[-1]


def _uniform(shape, rng, variance: float) -> np.ndarray:
    """Return numbers uniform in +-sqrt(3 variance): from rng.random, exact on every computer."""
    if rng is None:
        return np.zeros(shape, np.float32)
    limit = sqrt(3.0 * variance)
    return ((2.0 * rng.random(shape) - 1.0) * limit).astype(np.float32)


def he_uniform(shape, rng) -> np.ndarray:
    """Return weights of variance 2 / fan-in, for rectifiers (He et al. 2015, equation 10)."""
    return _uniform(shape, rng, 2.0 / _fans(shape)[0])


def glorot_uniform(shape, rng) -> np.ndarray:
    """Return weights of variance 2 / (fan-in + fan-out) (Glorot & Bengio 2010, equation 16)."""
    return _uniform(shape, rng, 2.0 / sum(_fans(shape)))


def he_normal(shape, rng) -> np.ndarray:
    """Return normal weights of variance 2 / fan-in (He et al. 2015, equation 10)."""
    weight = np.zeros(shape, np.float32)
    if rng is not None:
        fill_normal(np.uint64(rng.integers(2**63)), 0, 0, 0, weight.reshape(-1))
        weight *= np.float32(sqrt(2.0 / _fans(shape)[0]))
    return weight


INITIALISERS: dict[str, Initialiser] = {
    function.__name__: function for function in (he_uniform, he_normal, glorot_uniform)
}
