"""Activation functions and their derivatives, elementwise over flat arrays, one pass over memory.

A gradient kernel writes d_x = d_output f'(x), with the derivative told from the output alone.
"""

from numba import prange

from rosenblatt.kernels.core.chunks import CHUNK, chunk_count
from rosenblatt.kernels.core.elementary import sigmoid as sigmoid_of
from rosenblatt.kernels.core.elementary import tanh as tanh_of
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _relu(x, out):
    for i in range(x.size):
        out[i] = 0 if x[i] < 0 else x[i]


@kernel
def _relu_gradient(output, d_output, d_x):
    for i in range(output.size):
        d_x[i] = d_output[i] if output[i] > 0 else 0


@kernel
def _leaky_relu(x, out, slope):
    for i in range(x.size):
        out[i] = x[i] * slope if x[i] < 0 else x[i]


@kernel
def _leaky_relu_gradient(output, d_output, d_x, slope):
    for i in range(output.size):
        d_x[i] = d_output[i] if output[i] > 0 else d_output[i] * slope


@kernel
def _sigmoid(x, out):
    for i in range(x.size):
        out[i] = sigmoid_of(x[i])


@kernel
def _sigmoid_gradient(output, d_output, d_x):
    one = output.dtype.type(1)
    for i in range(output.size):
        d_x[i] = d_output[i] * (output[i] * (one - output[i]))


@kernel
def _tanh(x, out):
    for i in range(x.size):
        out[i] = tanh_of(x[i])


@kernel
def _tanh_gradient(output, d_output, d_x):
    one = output.dtype.type(1)
    for i in range(output.size):
        d_x[i] = d_output[i] * (one - output[i] * output[i])


@parallel_kernel
def relu(x, out):
    """Write max(x, 0); NaN passes."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _relu(x[i:j], out[i:j])


@parallel_kernel
def relu_gradient(output, d_output, d_x):
    """Write d_output where the output is above 0, else 0."""
    for chunk in prange(chunk_count(output.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _relu_gradient(output[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def leaky_relu(x, out, slope):
    """Write x where x >= 0, else slope x; slope has the type of x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _leaky_relu(x[i:j], out[i:j], slope)


@parallel_kernel
def leaky_relu_gradient(output, d_output, d_x, slope):
    """Write the gradient; at 0 the derivative is `slope`."""
    for chunk in prange(chunk_count(output.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _leaky_relu_gradient(output[i:j], d_output[i:j], d_x[i:j], slope)


@parallel_kernel
def sigmoid(x, out):
    """Write 1 / (1 + e^-x)."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _sigmoid(x[i:j], out[i:j])


@parallel_kernel
def sigmoid_gradient(output, d_output, d_x):
    """Write d_output s (1 - s)."""
    for chunk in prange(chunk_count(output.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _sigmoid_gradient(output[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def tanh(x, out):
    """Write the hyperbolic tangent."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _tanh(x[i:j], out[i:j])


@parallel_kernel
def tanh_gradient(output, d_output, d_x):
    """Write d_output (1 - t^2)."""
    for chunk in prange(chunk_count(output.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _tanh_gradient(output[i:j], d_output[i:j], d_x[i:j])
