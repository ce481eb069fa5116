"""The inner loops of k-means: which centre is nearest, and the sum of what is near to each."""

import numpy as np
from numba import prange

from rosenblatt.kernels.jit import kernel, parallel_kernel


@kernel
def _nearest(row, halves):
    best, most = 0, -np.inf
    for k in range(row.size):
        score = np.float64(row[k]) - halves[k]
        if score > most:
            best, most = k, score
    return best


@parallel_kernel
def nearest(block, halves, out):
    """Write to out [N] the k of the largest block[n, k] - halves[k].

    block [N, K]: products of rows and centres; halves [K]: half the squared lengths of the centres,
    for then it is the nearest centre; the first of equals.
    """
    for n in prange(block.shape[0]):
        out[n] = _nearest(block[n], halves)


@kernel
def add_to_centres(x, labels, sums, counts):
    """Add the rows of x [N, D] to sums [K, D] (float64) by their labels, in order; count them."""
    for n in range(x.shape[0]):
        row, total = x[n], sums[labels[n]]
        for d in range(row.size):
            total[d] += row[d]
        counts[labels[n]] += 1
