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


def mean_field(unary, image, settings, weights, compatibility):
    """Return logits after mean field over unary [H, W, K], all pairs of pixels in plain loops."""
    steps, place, colour, smooth, reach = settings
    H, W, K = unary.shape
    pixels = [(y, x) for y in range(H) for x in range(W)]

    def alike(i, j, m):
        (y, x), (v, u) = i, j
        if i == j or max(abs(y - v), abs(x - u)) > reach:
            return 0.0
        distance = (y - v) ** 2 + (x - u) ** 2
        if m == 1:
            return math.exp(-distance / (2 * smooth**2))
        gap = sum(float(a - b) ** 2 for a, b in zip(image[i], image[j], strict=True))
        return math.exp(-distance / (2 * place**2) - gap / (2 * colour**2))

    logits = unary.copy()
    for _ in range(steps):
        q = np.exp(logits) / np.exp(logits).sum(2, keepdims=True)
        following = unary.copy()
        for i in pixels:
            mixed = np.zeros(K)
            for m in (0, 1):
                shares = [alike(i, j, m) for j in pixels]
                told = sum(s * q[j] for s, j in zip(shares, pixels, strict=True))
                mixed += weights[m] * told / sum(shares)
            following[i] -= mixed @ compatibility
        logits = following
    return logits
