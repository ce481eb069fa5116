"""Activation functions and their derivatives, elementwise over flat arrays, one pass over memory.

A gradient kernel writes d_x = d_output f'(x), with the derivative told from the output alone.
"""

from rosenblatt.kernels.core.chunks import in_chunks
from rosenblatt.kernels.core.elementary import sigmoid as sigmoid_of
from rosenblatt.kernels.core.elementary import tanh as tanh_of


@in_chunks(2)
def relu(x, out):
    """Write max(x, 0); NaN passes."""
    for i in range(x.size):
        out[i] = 0 if x[i] < 0 else x[i]


@in_chunks(3)
def relu_gradient(output, d_output, d_x):
    """Write d_output where the output is above 0, else 0."""
    for i in range(output.size):
        d_x[i] = d_output[i] if output[i] > 0 else 0


@in_chunks(2)
def leaky_relu(x, out, slope):
    """Write x where x >= 0, else slope x; slope has the type of x."""
    for i in range(x.size):
        out[i] = x[i] * slope if x[i] < 0 else x[i]


@in_chunks(3)
def leaky_relu_gradient(output, d_output, d_x, slope):
    """Write the gradient; at 0 the derivative is `slope`."""
    for i in range(output.size):
        d_x[i] = d_output[i] if output[i] > 0 else d_output[i] * slope


@in_chunks(2)
def sigmoid(x, out):
    """Write 1 / (1 + e^-x)."""
    for i in range(x.size):
        out[i] = sigmoid_of(x[i])


@in_chunks(3)
def sigmoid_gradient(output, d_output, d_x):
    """Write d_output s (1 - s)."""
    one = output.dtype.type(1)
    for i in range(output.size):
        d_x[i] = d_output[i] * (output[i] * (one - output[i]))


@in_chunks(2)
def tanh(x, out):
    """Write the hyperbolic tangent."""
    for i in range(x.size):
        out[i] = tanh_of(x[i])


@in_chunks(3)
def tanh_gradient(output, d_output, d_x):
    """Write d_output (1 - t^2)."""
    one = output.dtype.type(1)
    for i in range(output.size):
        d_x[i] = d_output[i] * (one - output[i] * output[i])
