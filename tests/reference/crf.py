"""Mean field in a dense conditional random field, pixel by pixel, in float64."""

import numpy as np


def softmax(logits):
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return powers / powers.sum(-1, keepdims=True)


def mean_field(unary, image, settings, weights, compatibility, iterations):
    """Return logits [H, W, K] after so many steps; settings = (reach, contrast, smoothness)."""
    reach, contrast, smoothness = settings
    H, W, K = unary.shape
    pixels = [(y, x) for y in range(H) for x in range(W)]
    logits = unary
    for _ in range(iterations):
        q, following = softmax(logits), np.empty_like(unary)
        for i in pixels:
            heard, sums = np.zeros((2, K)), np.zeros(2)
            for j in pixels:
                if i == j:
                    continue
                apart = (i[0] - j[0]) ** 2 + (i[1] - j[1]) ** 2
                colours = ((image[i] - image[j]) ** 2).sum()
                near = (
                    np.exp(-apart / (2 * reach**2) - colours / (2 * contrast**2)),
                    np.exp(-apart / (2 * smoothness**2)),
                )
                for f in range(2):
                    heard[f] += near[f] * q[j]
                    sums[f] += near[f]
            agreed = (weights * heard / sums[:, None]).sum(0)
            following[i] = unary[i] + agreed @ compatibility
        logits = following
    return logits
