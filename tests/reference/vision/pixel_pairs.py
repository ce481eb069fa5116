"""Mean field over all pairs of pixels, in plain loops."""

import math

import numpy as np


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
