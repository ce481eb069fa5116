"""Pooling and its gradients, window by window."""

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
