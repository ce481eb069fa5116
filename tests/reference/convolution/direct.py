"""Convolution and its gradients, tap by tap, in float64."""

import numpy as np


def _both(value):
    return (value, value) if isinstance(value, int) else tuple(value)


def _padded(x, padding):
    rows, columns = map(_both, _both(padding))
    return np.pad(x.astype(np.float64), ((0, 0), rows, columns, (0, 0)))


def _seen(x, weight, output, g):
    """Yield (tap, channels, filters, the pixels of padded x [N, HO, WO, C / groups], a view)."""
    (down, across), (dy, dx) = _both(g.stride), _both(g.dilation)
    C, F = x.shape[3] // g.groups, weight.shape[3] // g.groups
    for ky, kx in np.ndindex(weight.shape[:2]):
        for group in range(g.groups):
            rows = slice(ky * dy, ky * dy + down * (output[0] - 1) + 1, down)
            columns = slice(kx * dx, kx * dx + across * (output[1] - 1) + 1, across)
            filters = slice(group * F, (group + 1) * F)
            pixels = x[:, rows, columns, group * C : (group + 1) * C]
            yield (ky, kx, slice(None), filters), filters, pixels


def convolve(x, weight, bias, g):
    """Return out[n, y, x, f] = bias[f] + sum over taps and channels of the filter's group."""
    x = _padded(x, g.padding)
    strides, dilations = _both(g.stride), _both(g.dilation)
    output = [
        (x.shape[1 + i] - dilations[i] * (weight.shape[i] - 1) - 1) // strides[i] + 1
        for i in range(2)
    ]
    out = np.zeros((len(x), *output, weight.shape[3])) + bias
    for tap, filters, pixels in _seen(x, weight, output, g):
        out[..., filters] += np.einsum("nyxc,cf->nyxf", pixels, weight[tap].astype(np.float64))
    return out


def weight_gradient(x, d_output, weight, g):
    """Return the gradients to weight and bias of sum(out * d_output)."""
    x, d = _padded(x, g.padding), d_output.astype(np.float64)
    d_weight = np.zeros(weight.shape)
    for tap, filters, pixels in _seen(x, weight, d.shape[1:3], g):
        d_weight[tap] = np.einsum("nyxc,nyxf->cf", pixels, d[..., filters])
    return d_weight, d.sum((0, 1, 2))


def input_gradient(x, d_output, weight, g):
    """Return the gradient to x of sum(out * d_output)."""
    d_x, d = np.zeros_like(_padded(x, g.padding)), d_output.astype(np.float64)
    for tap, filters, pixels in _seen(d_x, weight, d.shape[1:3], g):
        pixels += np.einsum("nyxf,cf->nyxc", d[..., filters], weight[tap].astype(np.float64))
    (top, _), (left, _) = map(_both, _both(g.padding))
    return d_x[:, top : top + x.shape[1], left : left + x.shape[2]]
