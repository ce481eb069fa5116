"""The inner loops of k-means: which centre is nearest, and the sum of what is near to each."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import squared_distance
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.sums import sum_of_squares

UNIT = 2.0**-24  # the rounding of a float32


@kernel
def _nearest(row, halves, x, centres, longest):
    best, most = 0, -np.inf
    for k in range(row.size):
        score = np.float64(row[k]) - halves[k]
        if score > most:
            best, most = k, score
    doubt = 2.0 * UNIT * x.size * np.sqrt(sum_of_squares(x)) * longest
    least = np.inf
    for k in range(row.size):
        if not np.float64(row[k]) - halves[k] < most - doubt:
            distance = squared_distance(x, centres[k])
            if distance < least:
                best, least = k, distance
    return best


@parallel_kernel
def nearest(block, halves, x, centres, longest, out):
    """Write to out [N] the number of the nearest of the centres [K, D] to each row of x [N, D].

    block [N, K]: products of rows and centres; halves [K]: half the squared lengths of the centres,
    for the nearest has the largest block[n, k] - halves[k]; longest: the largest length. Those that
    rounding might have put behind are compared by their differences; the first of equals is taken.
    """
    for n in prange(block.shape[0]):
        out[n] = _nearest(block[n], halves, x[n], centres, longest)


@kernel
def add_to_centres(x, labels, sums, counts):
    """Add the rows of x [N, D] to sums [K, D] (float64) by their labels, in order; count them."""
    for n in range(x.shape[0]):
        row, total = x[n], sums[labels[n]]
        for d in range(row.size):
            total[d] += row[d]
        counts[labels[n]] += 1
