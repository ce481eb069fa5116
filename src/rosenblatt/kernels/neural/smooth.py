"""Smooth activation functions, elementwise over flat arrays; their derivatives need the input.

A gradient kernel writes d_x = d_output f'(x).
"""

from math import pi, sqrt

from numba import prange

from rosenblatt.kernels.core.chunks import CHUNK, chunk_count
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.core.elementary import sigmoid as sigmoid_of
from rosenblatt.kernels.core.elementary import tanh as tanh_of
from rosenblatt.kernels.core.error_function import erfc
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

ROOT_HALF = sqrt(0.5)
DENSITY = 1 / sqrt(2 * pi)  # of the standard normal distribution, at 0
CUBIC, SCALE = 0.044715, sqrt(2 / pi)  # Hendrycks & Gimpel 2016, section 2


@kernel
def _silu(x, out):
    for i in range(x.size):
        out[i] = x[i] * sigmoid_of(x[i])


@kernel
def _silu_gradient(x, d_output, d_x):
    one = x.dtype.type(1)
    for i in range(x.size):
        s = sigmoid_of(x[i])
        d_x[i] = d_output[i] * (s + x[i] * s * (one - s))


@kernel
def _gelu(x, out):
    half, root = x.dtype.type(0.5), x.dtype.type(-ROOT_HALF)
    for i in range(x.size):
        out[i] = x[i] * (half * erfc(x[i] * root))


@kernel
def _gelu_gradient(x, d_output, d_x):
    half, root, density = x.dtype.type(0.5), x.dtype.type(-ROOT_HALF), x.dtype.type(DENSITY)
    for i in range(x.size):
        slope = half * erfc(x[i] * root) + x[i] * density * exp(-half * x[i] * x[i])
        d_x[i] = d_output[i] * slope


@kernel
def _gelu_tanh(x, out):
    half, one = x.dtype.type(0.5), x.dtype.type(1)
    cubic, scale = x.dtype.type(CUBIC), x.dtype.type(SCALE)
    for i in range(x.size):
        v = x[i]
        out[i] = half * v * (one + tanh_of(scale * (v + cubic * v * v * v)))


@kernel
def _gelu_tanh_gradient(x, d_output, d_x):
    half, one, three = x.dtype.type(0.5), x.dtype.type(1), x.dtype.type(3)
    cubic, scale = x.dtype.type(CUBIC), x.dtype.type(SCALE)
    for i in range(x.size):
        v = x[i]
        t = tanh_of(scale * (v + cubic * v * v * v))
        inner = scale * (one + three * cubic * v * v)
        d_x[i] = d_output[i] * half * (one + t + v * (one - t * t) * inner)


@kernel
def _elu(x, out, amount):
    one = x.dtype.type(1)
    for i in range(x.size):
        out[i] = x[i] if x[i] > 0 else amount * (exp(x[i]) - one)


@kernel
def _elu_gradient(x, d_output, d_x, amount):
    for i in range(x.size):
        d_x[i] = d_output[i] if x[i] > 0 else d_output[i] * amount * exp(x[i])


@kernel
def _softplus(x, out):
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        out[i] = (x[i] if x[i] > 0 else zero) + log(one + exp(-abs(x[i])))


@kernel
def _softplus_gradient(x, d_output, d_x):
    for i in range(x.size):
        d_x[i] = d_output[i] * sigmoid_of(x[i])


@kernel
def _hard_sigmoid(x, out, slope, offset):
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        y = x[i] * slope + offset
        y = zero if y < zero else y
        out[i] = one if y > one else y


@kernel
def _hard_sigmoid_gradient(x, d_output, d_x, slope, offset):
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        y = x[i] * slope + offset
        d_x[i] = d_output[i] * slope if zero < y < one else zero


@parallel_kernel
def silu(x, out):
    """Write x / (1 + e^-x)."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _silu(x[i:j], out[i:j])


@parallel_kernel
def silu_gradient(x, d_output, d_x):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _silu_gradient(x[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def gelu(x, out):
    """Write x P(X < x) of a standard normal X."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _gelu(x[i:j], out[i:j])


@parallel_kernel
def gelu_gradient(x, d_output, d_x):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _gelu_gradient(x[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def gelu_tanh(x, out):
    """Write the approximation of gelu by tanh."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _gelu_tanh(x[i:j], out[i:j])


@parallel_kernel
def gelu_tanh_gradient(x, d_output, d_x):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _gelu_tanh_gradient(x[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def elu(x, out, amount):
    """Write x where x > 0, else amount (e^x - 1); amount has the type of x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _elu(x[i:j], out[i:j], amount)


@parallel_kernel
def elu_gradient(x, d_output, d_x, amount):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _elu_gradient(x[i:j], d_output[i:j], d_x[i:j], amount)


@parallel_kernel
def softplus(x, out):
    """Write log(1 + e^x)."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _softplus(x[i:j], out[i:j])


@parallel_kernel
def softplus_gradient(x, d_output, d_x):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _softplus_gradient(x[i:j], d_output[i:j], d_x[i:j])


@parallel_kernel
def hard_sigmoid(x, out, slope, offset):
    """Write slope x + offset, cut off at 0 and 1; both have the type of x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _hard_sigmoid(x[i:j], out[i:j], slope, offset)


@parallel_kernel
def hard_sigmoid_gradient(x, d_output, d_x, slope, offset):
    """Write d_output times the derivative at x."""
    for chunk in prange(chunk_count(x.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        _hard_sigmoid_gradient(x[i:j], d_output[i:j], d_x[i:j], slope, offset)
