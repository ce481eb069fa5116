"""One step of each optimiser over flat arrays: value and memory updated in one pass.

`scale` multiplies the gradient first (clipping). All scalars have the dtype of the values.
"""

from math import sqrt
from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.chunks import CHUNK, chunk_count, in_chunks
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


class Descent(NamedTuple):
    """The settings of a step of `sgd`."""

    rate: np.floating
    momentum: np.floating
    decay: np.floating
    scale: np.floating


class Moments(NamedTuple):
    """The settings of a step of `adam`; the caller has put the corrections for the start into rate
    and epsilon (Kingma & Ba 2015, end of section 2)."""

    rate: np.floating
    beta1: np.floating
    beta2: np.floating
    epsilon: np.floating
    decay: np.floating
    scale: np.floating


@kernel
def _sgd(value, gradient, velocity, settings, nesterov):
    rate, momentum, decay, scale = settings
    for i in range(value.size):
        step = rate * (scale * gradient[i] + decay * value[i])
        v = momentum * velocity[i] - step
        velocity[i] = v
        value[i] += momentum * v - step if nesterov else v


@kernel
def _adam(value, gradient, mean, square, settings):
    rate, beta1, beta2, epsilon, decay, scale = settings
    one = value.dtype.type(1)
    for i in range(value.size):
        g = scale * gradient[i]
        m = beta1 * mean[i] + (one - beta1) * g
        s = beta2 * square[i] + (one - beta2) * g * g
        mean[i] = m
        square[i] = s
        value[i] -= rate * m / (sqrt(s) + epsilon) + decay * value[i]


@parallel_kernel
def sgd(value, gradient, velocity, settings, nesterov):
    """Apply v = momentum v - rate (scale g + decay w), then w += v (Polyak 1964).

    Nesterov's form looks ahead: w += momentum v - rate g (Sutskever et al. 2013, equations 3-4, in
    the variables of Bengio et al. 2013, equation 7).
    """
    for chunk in prange(chunk_count(value.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _sgd(value[i:j], gradient[i:j], velocity[i:j], settings, nesterov)


@parallel_kernel
def adam(value, gradient, mean, square, settings):
    """Apply w -= rate m / (sqrt(s) + epsilon) + decay w, m and s running means of g and g^2."""
    for chunk in prange(chunk_count(value.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _adam(value[i:j], gradient[i:j], mean[i:j], square[i:j], settings)


@in_chunks(2)
def approach(average, value, weight):
    """Move a running average towards the value: average += weight (value - average)."""
    for i in range(value.size):
        average[i] += weight * (value[i] - average[i])
