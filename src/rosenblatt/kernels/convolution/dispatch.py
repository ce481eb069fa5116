"""Convolution and its two gradients: which of the two methods takes which.

Arrays: x [N, H, W, C], weight [KH, KW, C, F], bias [F], output [N, HO, WO, F], C-contiguous and of
one floating dtype. As in every network, "convolution" is cross-correlation: kernels are not flipped
(Goodfellow et al. 2016, equation 9.6). Stride and padding are the same for rows and columns.

`direct` takes any geometry; `winograd` multiplies less where kernels are 3 x 3 or 5 x 5 and the
channels many, for a slightly larger rounding error. The choice depends on the shapes alone, so
equal shapes always give equal bits.
"""

import numpy as np

from rosenblatt.kernels.convolution import direct, winograd
from rosenblatt.kernels.convolution.geometry import Geometry, geometry


def _method(g: Geometry, N: int):
    return winograd if winograd.pays(g, N) else direct


def convolve(x, weight, bias, out, stride=1, padding=0, floor=-np.inf):
    """Write out = max(floor, x * weight + bias) and return it; floor = 0 is a fused rectifier."""
    g = geometry(x.shape, weight.shape, stride, padding)
    _method(g, len(x)).convolve(x, weight, bias, out, g, floor)
    return out


def convolution_weight_gradient(x, d_output, output, d_weight, d_bias, stride=1, padding=0):
    """Write the gradients to weight and bias, sums over all pixels of all samples.

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    """
    g = geometry(x.shape, d_weight.shape, stride, padding)
    gate = d_output[:0] if output is None else output
    _method(g, len(x)).weight_gradient(x, d_output, gate, d_weight, d_bias, g)


def convolution_input_gradient(d_output, output, weight, d_x, stride=1, padding=0):
    """Write the gradient to x, and return it.

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    """
    g = geometry(d_x.shape, weight.shape, stride, padding)
    gate = d_output[:0] if output is None else output
    _method(g, len(d_x)).input_gradient(d_output, gate, weight, d_x, g)
    return d_x
