"""One step of each optimiser over flat arrays: value and memory updated in one pass.

`scale` multiplies the gradient first (clipping). The numbers of a step are an array of the dtype of
the values, so that its calls may run again with others (core/capture.py).
"""

from math import sqrt

from numba import prange

from rosenblatt.kernels.core.chunks import CHUNK, chunk_count, in_chunks
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _sgd(value, gradient, velocity, numbers, nesterov):
    rate, momentum, decay, scale = numbers[0], numbers[1], numbers[2], numbers[3]
    for i in range(value.size):
        step = rate * (scale * gradient[i] + decay * value[i])
        v = momentum * velocity[i] - step
        velocity[i] = v
        value[i] += momentum * v - step if nesterov else v


@kernel
def _adam(value, gradient, mean, square, numbers):
    rate, beta1, beta2 = numbers[0], numbers[1], numbers[2]
    epsilon, decay, scale = numbers[3], numbers[4], numbers[5]
    one = value.dtype.type(1)
    for i in range(value.size):
        g = scale * gradient[i]
        m = beta1 * mean[i] + (one - beta1) * g
        s = beta2 * square[i] + (one - beta2) * g * g
        mean[i] = m
        square[i] = s
        value[i] -= rate * m / (sqrt(s) + epsilon) + decay * value[i]


@parallel_kernel
def sgd(value, gradient, velocity, numbers, nesterov):
    """Apply v = momentum v - rate (scale g + decay w), then w += v (Polyak 1964).

    numbers: rate, momentum, decay, scale.

    Nesterov's form looks ahead: w += momentum v - rate g (Sutskever et al. 2013, equations 3-4, in
    the variables of Bengio et al. 2013, equation 7).
    """
    for chunk in prange(chunk_count(value.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _sgd(value[i:j], gradient[i:j], velocity[i:j], numbers, nesterov)


@parallel_kernel
def adam(value, gradient, mean, square, numbers):
    """Apply w -= rate m / (sqrt(s) + epsilon) + decay w, m and s running means of g and g^2.

    numbers: rate, beta1, beta2, epsilon, decay, scale; the caller has put the corrections for the
    start into rate and epsilon (Kingma & Ba 2015, end of section 2).
    """
    for chunk in prange(chunk_count(value.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _adam(value[i:j], gradient[i:j], mean[i:j], square[i:j], numbers)


@in_chunks(2)
def approach(average, value, weight):
    """Move a running average towards the value: average += weight (value - average)."""
    for i in range(value.size):
        average[i] += weight * (value[i] - average[i])
