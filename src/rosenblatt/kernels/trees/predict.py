"""Rows down the trees: a block of rows is binned once, and stays near while all trees read it."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.trees.bins import encode
from rosenblatt.kernels.trees.split import in_mask

ROWS = 256


@kernel
def _add_tree(codes, feature, child, mask, value, out):
    """Add the value of each row's leaf; codes [D, n] uint8."""
    for i in range(out.size):
        node = np.int64(0)
        while node >= 0:
            code = np.int64(codes[feature[node], i])
            node = np.int64(child[node, 1 - in_mask(mask[node], code)])
        out[i] += value[~node]


@parallel_kernel
def predict(x, bins, used, trees, values, out):
    """Add the trees' values to out [K, N] float64, tree t to row t % K of it.

    x [N, D], NaN: missing; used [D] bool: which features the trees ask; trees: Tree with an axis R
    before; values [R, L] float64.
    """
    K, N = out.shape
    for block in prange((N + ROWS - 1) // ROWS):
        low, high = block * ROWS, min(N, (block + 1) * ROWS)
        codes = np.empty((x.shape[1], high - low), np.uint8)
        for feature in range(x.shape[1]):
            if used[feature]:
                encode(x[low:high], bins, feature, codes[feature])
        for t in range(values.shape[0]):
            some = out[t % K, low:high]
            _add_tree(codes, trees.feature[t], trees.child[t], trees.mask[t], values[t], some)
