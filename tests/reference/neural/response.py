"""Local response normalisation, number by number."""

import numpy as np


def local_response(x, size, alpha, beta, offset):
    """Return the normalised rows of x [M, C]."""
    out = np.empty(x.shape)
    for m, i in np.ndindex(x.shape):
        near = [x[m, j] for j in range(x.shape[1]) if abs(i - j) <= size // 2]
        out[m, i] = x[m, i] / (offset + alpha * sum(float(v) ** 2 for v in near)) ** beta
    return out
