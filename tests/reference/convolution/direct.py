"""Convolution and its gradients, tap by tap, in float64."""

import numpy as np


def _taps(weight, output, stride):
    """Yield ((ky, kx), the pixels of the padded input that the tap sees, a slice)."""
    for ky, kx in np.ndindex(weight.shape[:2]):
        rows = slice(ky, ky + stride * (output[0] - 1) + 1, stride)
        columns = slice(kx, kx + stride * (output[1] - 1) + 1, stride)
        yield (ky, kx), (slice(None), rows, columns)


def _padded(x, padding):
    return np.pad(x.astype(np.float64), ((0, 0), (padding,) * 2, (padding,) * 2, (0, 0)))


def convolve(x, weight, bias, stride, padding):
    """Return out[n, y, x, f] = bias[f] + sum over taps and channels."""
    x = _padded(x, padding)
    output = [(x.shape[1 + i] - weight.shape[i]) // stride + 1 for i in range(2)]
    out = np.zeros((len(x), *output, weight.shape[3])) + bias
    for tap, pixels in _taps(weight, output, stride):
        out += np.einsum("nyxc,cf->nyxf", x[pixels], weight[tap].astype(np.float64))
    return out


def weight_gradient(x, d_output, weight, stride, padding):
    """Return the gradients to weight and bias of sum(out * d_output)."""
    x, d = _padded(x, padding), d_output.astype(np.float64)
    d_weight = np.zeros(weight.shape)
    for tap, pixels in _taps(weight, d.shape[1:3], stride):
        d_weight[tap] = np.einsum("nyxc,nyxf->cf", x[pixels], d)
    return d_weight, d.sum((0, 1, 2))


def input_gradient(x, d_output, weight, stride, padding):
    """Return the gradient to x of sum(out * d_output)."""
    d_x, d = np.zeros_like(_padded(x, padding)), d_output.astype(np.float64)
    for tap, pixels in _taps(weight, d.shape[1:3], stride):
        d_x[pixels] += np.einsum("nyxf,cf->nyxc", d, weight[tap].astype(np.float64))
    return d_x[:, padding : padding + x.shape[1], padding : padding + x.shape[2]]
