"""The transposed convolution: each pixel leaves a stamp."""

import numpy as np


def transposed_convolution(x, weight, stride, padding):
    """Return x [N, H, W, C] spread by weight [K, K, F, C]: each pixel leaves a stamp."""
    N, H, W, _ = x.shape
    K, _, F, _ = weight.shape
    out = np.zeros((N, stride * (H - 1) + K, stride * (W - 1) + K, F))
    for n, y, p in np.ndindex(N, H, W):
        stamp = weight @ x[n, y, p]
        out[n, y * stride : y * stride + K, p * stride : p * stride + K] += stamp
    return out[:, padding : out.shape[1] - padding, padding : out.shape[2] - padding]
