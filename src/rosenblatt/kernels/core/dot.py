"""Two vectors at a time: their product, their distance, and one added to the other."""

import numpy as np

from rosenblatt.kernels.core.jit import kernel


@kernel
def dot(x, w):
    """Return the sum of x[d] w[d] in float64: eight sums side by side, added up as a tree."""
    a = b = c = d = e = f = g = h = 0.0
    full = x.size // 8 * 8
    for i in range(0, full, 8):
        a += np.float64(x[i]) * w[i]
        b += np.float64(x[i + 1]) * w[i + 1]
        c += np.float64(x[i + 2]) * w[i + 2]
        d += np.float64(x[i + 3]) * w[i + 3]
        e += np.float64(x[i + 4]) * w[i + 4]
        f += np.float64(x[i + 5]) * w[i + 5]
        g += np.float64(x[i + 6]) * w[i + 6]
        h += np.float64(x[i + 7]) * w[i + 7]
    result = ((a + b) + (c + d)) + ((e + f) + (g + h))
    for i in range(full, x.size):
        result += np.float64(x[i]) * w[i]
    return result


@kernel
def squared_distance(x, y):
    """Return the sum of (x[d] - y[d])^2 in float64, differences first, in the order of `dot`."""
    lanes = np.zeros(8)
    full = x.size // 8 * 8
    for i in range(0, full, 8):
        for k in range(8):
            gap = np.float64(x[i + k]) - np.float64(y[i + k])
            lanes[k] += gap * gap
    result = ((lanes[0] + lanes[1]) + (lanes[2] + lanes[3])) + (
        (lanes[4] + lanes[5]) + (lanes[6] + lanes[7])
    )
    for i in range(full, x.size):
        gap = np.float64(x[i]) - np.float64(y[i])
        result += gap * gap
    return result


@kernel
def add_scaled(x, scale, w):
    """Add scale x to w."""
    for d in range(x.size):
        w[d] += scale * x[d]
