"""Windows of a padded image as rows."""

import numpy as np


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
