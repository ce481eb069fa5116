"""Slow, transparent twins of the kernels of vision: plain loops in Python."""

import math

import numpy as np


def local_response(x, size, alpha, beta, offset):
    """Return the normalised rows of x [M, C]."""
    out = np.empty(x.shape)
    for m, i in np.ndindex(x.shape):
        near = [x[m, j] for j in range(x.shape[1]) if abs(i - j) <= size // 2]
        out[m, i] = x[m, i] / (offset + alpha * sum(float(v) ** 2 for v in near)) ** beta
    return out


def span(first, last, size):
    begin = min(math.floor(min(max(first, 0), 1) * size), size - 1)
    return begin, max(math.ceil(min(max(last, 0), 1) * size), begin + 1)


def pool_region(x, region, levels):
    """Return the largest numbers of a map x [H, W, C] in each cell of a region, cells first."""
    top, left, bottom, right = region
    (y0, y1), (x0, x1) = span(top, bottom, x.shape[0]), span(left, right, x.shape[1])
    cells = []
    for n in levels:
        for i in range(n):
            for j in range(n):
                above = y0 + math.floor(i * (y1 - y0) / n)
                below = y0 + math.ceil((i + 1) * (y1 - y0) / n)
                before = x0 + math.floor(j * (x1 - x0) / n)
                behind = x0 + math.ceil((j + 1) * (x1 - x0) / n)
                cells.append(x[above:below, before:behind].max((0, 1)))
    return np.array(cells)


def transposed_convolution(x, weight, stride, padding):
    """Return x [N, H, W, C] spread by weight [K, K, F, C]: each pixel leaves a stamp."""
    N, H, W, _ = x.shape
    K, _, F, _ = weight.shape
    out = np.zeros((N, stride * (H - 1) + K, stride * (W - 1) + K, F))
    for n, y, p in np.ndindex(N, H, W):
        stamp = weight @ x[n, y, p]
        out[n, y * stride : y * stride + K, p * stride : p * stride + K] += stamp
    return out[:, padding : out.shape[1] - padding, padding : out.shape[2] - padding]
