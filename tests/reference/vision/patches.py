"""Weighted averages of pixels, one by one."""

import numpy as np


def averages(images: np.ndarray, down: np.ndarray, across: np.ndarray) -> np.ndarray:
    """Return sum over i, j of down[h, i] across[w, j] images[n, i, j], pixel by pixel."""
    N, H, W, K = images.shape
    out = np.zeros((N, len(down), len(across), K))
    for n, h, w, i, j in np.ndindex(N, len(down), len(across), H, W):
        out[n, h, w] += down[h, i] * across[w, j] * images[n, i, j]
    return out
