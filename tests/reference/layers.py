"""Slow, transparent twins of the layers' kernels: plain loops and NumPy's float64."""

import math

import numpy as np


def windows(x, size, stride):
    """Yield ((n, y, p, c), window [size, size]) over x [N, H, W, C]."""
    N, H, W, C = x.shape
    for n in range(N):
        for y in range((H - size) // stride + 1):
            for p in range((W - size) // stride + 1):
                for c in range(C):
                    top, left = y * stride, p * stride
                    yield (n, y, p, c), x[n, top : top + size, left : left + size, c]


def pooled_shape(shape, size, stride):
    N, H, W, C = shape
    return N, (H - size) // stride + 1, (W - size) // stride + 1, C


def max_pool(x, size, stride):
    """Return the maxima and where they are: of equal ones that of the first column, then row."""
    out = np.empty(pooled_shape(x.shape, size, stride), x.dtype)
    switches = np.empty(out.shape, np.uint8)
    for place, window in windows(x, size, stride):
        column, row = divmod(int(window.T.argmax()), size)
        out[place], switches[place] = window[row, column], row * size + column
    return out, switches


def max_pool_gradient(d_out, switches, shape, size, stride):
    d_x = np.zeros(shape, d_out.dtype)
    for (n, y, p, c), d in np.ndenumerate(d_out):
        row, column = divmod(int(switches[n, y, p, c]), size)
        d_x[n, y * stride + row, p * stride + column, c] += d
    return d_x


def average_pool(x, size, stride):
    out = np.empty(pooled_shape(x.shape, size, stride), x.dtype)
    for place, window in windows(x, size, stride):
        out[place] = window.mean()
    return out


def average_pool_gradient(d_out, shape, size, stride):
    d_x = np.zeros(shape, d_out.dtype)
    for (n, y, p, c), d in np.ndenumerate(d_out):
        top, left = y * stride, p * stride
        d_x[n, top : top + size, left : left + size, c] += d / size**2
    return d_x


def im2col(x, size, stride, padding):
    """Return the windows as rows [N, HO WO, KH KW C], for a kernel of size (KH, KW)."""
    N, H, W, C = x.shape
    KH, KW = size
    padded = np.zeros((N, H + 2 * padding, W + 2 * padding, C), x.dtype)
    padded[:, padding : padding + H, padding : padding + W] = x
    HO, WO = (H + 2 * padding - KH) // stride + 1, (W + 2 * padding - KW) // stride + 1
    rows = [
        padded[:, y * stride : y * stride + KH, p * stride : p * stride + KW].reshape(N, -1)
        for y in range(HO)
        for p in range(WO)
    ]
    return np.stack(rows, axis=1)


def softmax(logits):
    """Return probabilities [N, K], in Python's floats."""
    rows = []
    for row in logits.astype(float).tolist():
        weights = [math.exp(z - max(row)) for z in row]
        rows.append([w / math.fsum(weights) for w in weights])
    return np.array(rows)


def cross_entropy(logits, targets):
    """Return each row's -sum t log p, in Python's floats."""
    losses = []
    for row, target in zip(logits.astype(float).tolist(), targets.tolist(), strict=True):
        highest = max(row)
        partition = highest + math.log(math.fsum(math.exp(z - highest) for z in row))
        losses.append(math.fsum(t * (partition - z) for t, z in zip(target, row, strict=True)))
    return np.array(losses)


def sgd(value, gradient, velocity, settings, nesterov):
    """Return (value, velocity) after a step, number by number."""
    rate, momentum, decay, scale = settings
    values, velocities = [], []
    for w, g, v in zip(value.tolist(), gradient.tolist(), velocity.tolist(), strict=True):
        step = rate * (scale * g + decay * w)
        v = momentum * v - step
        velocities.append(v)
        values.append(w + (momentum * v - step if nesterov else v))
    return np.array(values), np.array(velocities)
