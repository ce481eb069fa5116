"""Convolution in groups: the filters of each see the channels of their group alone.

Krizhevsky et al. 2012, section 3.2. A group's channels are copied side by side, and convolved as
`direct.py` does it.
"""

import numpy as np

from rosenblatt.kernels.convolution import direct
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.core.capture import do


def _parts(g: Geometry):
    """Yield the channels and the filters of each group, as slices, and its geometry."""
    C, F = g.C // g.groups, g.F // g.groups
    for i in range(g.groups):
        channels, filters = slice(i * C, (i + 1) * C), slice(i * F, (i + 1) * F)
        yield channels, filters, g._replace(C=C, F=F, groups=1)


def _copied(array, part):
    some = array[..., part]
    copy = np.empty(some.shape, array.dtype)
    do(np.copyto, copy, some)
    return copy


def convolve(x, weight, bias, out, g: Geometry, floor):
    """Write out = max(floor, x * weight + bias)."""
    for channels, filters, part in _parts(g):
        result = np.empty((*out.shape[:3], part.F), x.dtype)
        weights = _copied(weight, filters)
        direct.convolve(_copied(x, channels), weights, bias[filters], result, part, floor)
        do(np.copyto, out[..., filters], result)


def weight_gradient(x, d_output, gate, d_weight, d_bias, g: Geometry):
    """Write the gradients to weight and bias."""
    for channels, filters, part in _parts(g):
        result = np.empty((*d_weight.shape[:3], part.F), x.dtype)
        direct.weight_gradient(
            _copied(x, channels), _copied(d_output, filters), _copied(gate, filters), result,
            d_bias[filters], part,
        )  # fmt: skip
        do(np.copyto, d_weight[..., filters], result)


def input_gradient(d_output, gate, weight, d_x, g: Geometry):
    """Write the gradient to x."""
    for channels, filters, part in _parts(g):
        result = np.empty((*d_x.shape[:3], part.C), d_x.dtype)
        d, closed = _copied(d_output, filters), _copied(gate, filters)
        direct.input_gradient(d, closed, _copied(weight, filters), result, part)
        do(np.copyto, d_x[..., channels], result)
