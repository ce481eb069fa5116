"""Smooth activation functions, elementwise over flat arrays; their derivatives need the input.

A gradient kernel writes d_x = d_output f'(x). What takes long to tell of x is told once: a slope
kernel writes f(x) and f'(x).
"""

from math import pi, sqrt

from rosenblatt.kernels.core.chunks import in_chunks
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.core.elementary import sigmoid as sigmoid_of
from rosenblatt.kernels.core.elementary import tanh as tanh_of
from rosenblatt.kernels.core.normal import normal

DENSITY = 1 / sqrt(2 * pi)  # of the standard normal distribution, at 0
CUBIC, SCALE = 0.044715, sqrt(2 / pi)  # Hendrycks & Gimpel 2016, section 2


@in_chunks(3)
def slope_gradient(slope, d_output, d_x):
    """Write d_output slope."""
    for i in range(slope.size):
        d_x[i] = d_output[i] * slope[i]


@in_chunks(2)
def silu(x, out):
    """Write x / (1 + e^-x)."""
    for i in range(x.size):
        out[i] = x[i] * sigmoid_of(x[i])


@in_chunks(3)
def silu_gradient(x, d_output, d_x):
    one = x.dtype.type(1)
    for i in range(x.size):
        s = sigmoid_of(x[i])
        d_x[i] = d_output[i] * (s + x[i] * s * (one - s))


@in_chunks(2)
def gelu(x, out):
    """Write x P(X < x) of a standard normal X."""
    for i in range(x.size):
        share, _ = normal(x[i])
        out[i] = x[i] * share


@in_chunks(3)
def gelu_slope(x, out, slope):
    density = x.dtype.type(DENSITY)
    for i in range(x.size):
        share, e = normal(x[i])
        out[i] = x[i] * share
        slope[i] = share + x[i] * density * e


@in_chunks(2)
def gelu_tanh(x, out):
    """Write the approximation of gelu by tanh."""
    half, one = x.dtype.type(0.5), x.dtype.type(1)
    cubic, scale = x.dtype.type(CUBIC), x.dtype.type(SCALE)
    for i in range(x.size):
        v = x[i]
        out[i] = half * v * (one + tanh_of(scale * (v + cubic * v * v * v)))


@in_chunks(3)
def gelu_tanh_slope(x, out, slope):
    half, one, three = x.dtype.type(0.5), x.dtype.type(1), x.dtype.type(3)
    cubic, scale = x.dtype.type(CUBIC), x.dtype.type(SCALE)
    for i in range(x.size):
        v = x[i]
        t = tanh_of(scale * (v + cubic * v * v * v))
        out[i] = half * v * (one + t)
        inner = scale * (one + three * cubic * v * v)
        slope[i] = half * (one + t + v * (one - t * t) * inner)


@in_chunks(2)
def elu(x, out, amount):
    """Write x where x > 0, else amount (e^x - 1); amount has the type of x."""
    one = x.dtype.type(1)
    for i in range(x.size):
        out[i] = x[i] if x[i] > 0 else amount * (exp(x[i]) - one)


@in_chunks(3)
def elu_gradient(x, d_output, d_x, amount):
    for i in range(x.size):
        d_x[i] = d_output[i] if x[i] > 0 else d_output[i] * amount * exp(x[i])


@in_chunks(2)
def softplus(x, out):
    """Write log(1 + e^x)."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        out[i] = (x[i] if x[i] > 0 else zero) + log(one + exp(-abs(x[i])))


@in_chunks(3)
def softplus_gradient(x, d_output, d_x):
    for i in range(x.size):
        d_x[i] = d_output[i] * sigmoid_of(x[i])


@in_chunks(2)
def hard_sigmoid(x, out, slope, offset):
    """Write slope x + offset, cut off at 0 and 1; both have the type of x."""
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        y = x[i] * slope + offset
        y = zero if y < zero else y
        out[i] = one if y > one else y


@in_chunks(3)
def hard_sigmoid_gradient(x, d_output, d_x, slope, offset):
    zero, one = x.dtype.type(0), x.dtype.type(1)
    for i in range(x.size):
        y = x[i] * slope + offset
        d_x[i] = d_output[i] * slope if zero < y < one else zero
