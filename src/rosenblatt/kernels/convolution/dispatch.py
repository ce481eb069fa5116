"""Convolution, alone or below a maximum, and its gradients: which method runs is decided here.

Arrays: x [N, H, W, C], weight [KH, KW, C, F], bias [F], output [N, HO, WO, F], C-contiguous and of
one floating dtype. As in every network, "convolution" is cross-correlation: kernels are not flipped
(Goodfellow et al. 2016, equation 9.6). With groups, weight is [KH, KW, C / groups, F].
With pooling, output and switches are [N, PH, PW, F] (see pooling.py), for windows `size` x `size`
that lie side by side.

A method is chosen by the shapes alone, so equal shapes always give equal bits. `direct` takes any
geometry of one group, `depthwise` a channel a group, `grouped` any; `winograd` multiplies less
where kernels are 3 x 3 or 5 x 5 and the channels many, for a slightly larger rounding error;
`pooled` never stores the full-size map, and `single_channel` does the same with pixels in the place
of filters.
"""

import numpy as np

from rosenblatt.kernels.convolution import conv_single_channel as single_channel
from rosenblatt.kernels.convolution import depthwise, direct, grouped, pooled, winograd
from rosenblatt.kernels.convolution.geometry import Geometry
from rosenblatt.kernels.convolution.pooled import Maxima, maxima
from rosenblatt.kernels.convolution.pooling import max_pool, max_pool_gradient
from rosenblatt.kernels.core.workspace import workspace
from rosenblatt.kernels.neural.activations import relu_gradient

MAP, SAMPLES = 1 << 20, 16  # elements of full-size maps at a time, for at least so many samples


def _parts(g: Geometry, N):
    """Yield N samples in parts, so that there are few full-size maps at a time."""
    step = max(SAMPLES, MAP // (int(np.prod(g.output)) * g.F))
    return (slice(first, min(first + step, N)) for first in range(0, N, step))


def _full_map(g: Geometry, N, dtype):
    """Return a full-size map, in memory that the next call uses again."""
    shape = (N, *g.output, g.F)
    count = int(np.prod(shape))
    return workspace("map", count, dtype)[:count].reshape(shape)


def _convolve_then_pool(x, weight, bias, g: Geometry, size, floor, out, out_switches):
    run = method(PLAIN, g, len(x)).convolve
    for part in _parts(g, len(x)):
        full = _full_map(g, len(x[part]), x.dtype)
        run(x[part], weight, bias, full, g, floor)
        max_pool(full, out[part], out_switches[part], size, size)


def _spread(found: Maxima, g: Geometry, size):
    """Return the gradient of the full-size map."""
    d, dtype = found.d_output, found.d_output.dtype
    if not np.isnan(found.closed):
        gated = workspace("gated", d.size, dtype)[: d.size]
        relu_gradient(found.output.reshape(-1), d.reshape(-1), gated)
        d = gated.reshape(d.shape)
    d_map = _full_map(g, len(d), dtype)
    max_pool_gradient(d, found.switches, d_map, size, size)
    return d_map


def _spread_weight_gradient(x, found: Maxima, g: Geometry, size, out_d_weight, out_d_bias):
    d_map = _spread(found, g, size)
    convolution_weight_gradient(x, d_map, None, g, out_d_weight, out_d_bias)


def _spread_input_gradient(found: Maxima, weight, g: Geometry, size, out_d_x):
    run = method(PLAIN, g, len(out_d_x)).input_gradient
    for part in _parts(g, len(out_d_x)):
        d, output, switches = (array[part] for array in found[:3])
        d_map = _spread(Maxima(d, output, switches, found.closed), g, size)
        run(d_map, d_map[:0], weight, out_d_x[part], g)


MANY = 64  # channels and filters, from which on dense products are faster than those of winners


def _many_channels(g: Geometry, N) -> bool:
    return g.KH == 3 and min(g.C, g.F) >= MANY and winograd.pays(g, N)


# Of each list the first method whose condition holds, given (geometry, samples, pooling size).
PLAIN = (
    (lambda g, N, _: winograd.pays(g, N), winograd),
    (lambda g, N, _: g.groups == 1, direct),
    (lambda g, N, _: g.groups == g.C, depthwise),
    (lambda g, N, _: True, grouped),
)
POOLED = (
    (lambda g, N, _: winograd.pays(g, N), _convolve_then_pool),
    (lambda g, N, size: single_channel.takes(g, size), single_channel.convolve_pool),
    (lambda g, N, _: g.groups == 1, pooled.convolve_pool),
    (lambda g, N, _: True, _convolve_then_pool),
)
POOLED_WEIGHT_GRADIENT = (
    (lambda g, N, _: _many_channels(g, N), _spread_weight_gradient),
    (lambda g, N, _: pooled.takes_weight_gradient(g), pooled.weight_gradient),
    (lambda g, N, _: True, _spread_weight_gradient),
)
POOLED_INPUT_GRADIENT = (
    (lambda g, N, size: pooled.takes_input_gradient(g, size, pooled.NEAR), pooled.input_gradient),
    (lambda g, N, _: winograd.pays(g, N), _spread_input_gradient),
    (lambda g, N, size: pooled.takes_input_gradient(g, size, pooled.FAR), pooled.input_gradient),
    (lambda g, N, _: True, _spread_input_gradient),
)


def method(methods, g: Geometry, N, size=1):
    """Return the method of one of the lists that N samples take."""
    return next(found for holds, found in methods if holds(g, N, size))


def convolve(x, weight, bias, g: Geometry, floor, out):
    """Write out = max(floor, x * weight + bias) and return it; floor = 0 is a fused rectifier."""
    method(PLAIN, g, len(x)).convolve(x, weight, bias, out, g, floor)
    return out


def convolution_weight_gradient(x, d_output, output, g: Geometry, out_d_weight, out_d_bias):
    """Write the gradients to weight and bias, sums over all pixels of all samples.

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    """
    gate = d_output[:0] if output is None else output
    run = method(PLAIN, g, len(x)).weight_gradient
    run(x, d_output, gate, out_d_weight, out_d_bias, g)


def convolution_input_gradient(d_output, output, weight, g: Geometry, out_d_x):
    """Write the gradient to x, and return it.

    Where `output` is given, d_output first passes the fused rectifier (zero where output <= 0).
    """
    gate = d_output[:0] if output is None else output
    method(PLAIN, g, len(out_d_x)).input_gradient(d_output, gate, weight, out_d_x, g)
    return out_d_x


def convolve_pool(x, weight, bias, g: Geometry, size, floor, out, out_switches):
    """Write out = max over windows of max(floor, x * weight + bias), and where it was found."""
    run = method(POOLED, g, len(x), size)
    run(x, weight, bias, g, size, floor, out, out_switches)


def pooled_weight_gradient(
    x, d_output, output, switches, g: Geometry, size, floor, out_d_weight, out_d_bias
):
    """Write the gradients to weight and bias of a convolution below a maximum."""
    found = maxima(d_output, output, switches, floor)
    run = method(POOLED_WEIGHT_GRADIENT, g, len(x), size)
    run(x, found, g, size, out_d_weight, out_d_bias)


def pooled_input_gradient(d_output, output, switches, weight, g: Geometry, size, floor, out_d_x):
    """Write the gradient to x of a convolution below a maximum."""
    found = maxima(d_output, output, switches, floor)
    run = method(POOLED_INPUT_GRADIENT, g, len(out_d_x), size)
    run(found, weight, g, size, out_d_x)
