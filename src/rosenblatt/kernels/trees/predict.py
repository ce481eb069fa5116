"""Rows down the trees: a block of rows is binned once, and stays near while all trees read it."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel
from rosenblatt.kernels.trees.bins import encode

ROWS = 256
ONE, TWO, THREE, SIX, LAST = (np.uint64(k) for k in (1, 2, 3, 6, 63))


@inlined_kernel
def _next(node, i, codes, feature, child, mask):
    """Return where row i goes on from a node, itself where that is a leaf."""
    at = np.uint64(max(node, 0))  # without a sign, no index is taken from the end
    code = np.uint64(codes[np.uint64(feature[at]), i])
    right = ONE - ((mask[at, code >> SIX] >> (code & LAST)) & ONE)
    return np.int64(child[at, right]) if node >= 0 else node


@kernel
def _add_tree(codes, feature, child, mask, value, out):
    """Add the value of each row's leaf; codes [D, n] uint8, n a multiple of 4.

    Four rows walk side by side: each waits for its numbers while the others go on.
    """
    for i in range(0, out.size, 4):
        k = np.uint64(i)
        first = second = third = fourth = np.int64(0)
        while first >= 0 or second >= 0 or third >= 0 or fourth >= 0:
            first = _next(first, k, codes, feature, child, mask)
            second = _next(second, k + ONE, codes, feature, child, mask)
            third = _next(third, k + TWO, codes, feature, child, mask)
            fourth = _next(fourth, k + THREE, codes, feature, child, mask)
        out[k] += value[np.uint64(~first)]
        out[k + ONE] += value[np.uint64(~second)]
        out[k + TWO] += value[np.uint64(~third)]
        out[k + THREE] += value[np.uint64(~fourth)]


@parallel_kernel
def predict(x, bins, used, trees, values, out):
    """Add the trees' values to out [K, N] float64, tree t to row t % K of it.

    x [N, D], NaN: missing; used [D] bool: which features the trees ask; trees: Tree with an axis R
    before; values [R, L] float64.
    """
    K, N = out.shape
    for block in prange((N + ROWS - 1) // ROWS):
        low, high = block * ROWS, min(N, (block + 1) * ROWS)
        size = (high - low + 3) // 4 * 4
        codes, sums = np.zeros((x.shape[1], size), np.uint8), np.zeros(size)
        for feature in range(x.shape[1]):
            if used[feature]:
                encode(x[low:high], bins, feature, codes[feature, : high - low])
        for k in range(K):
            assign(sums[: high - low], out[k, low:])
            for t in range(k, values.shape[0], K):
                _add_tree(codes, trees.feature[t], trees.child[t], trees.mask[t], values[t], sums)
            assign(out[k, low:high], sums)
