"""Pairs of pixels of an image: how alike two are, and what all others say to each.

A table [P, S, S] holds, for each of P pixels, one number for each other pixel within `reach` rows
and columns, S = 2 reach + 1; its own place, and places outside of the image, are 0.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _row(image, y, near, alike, out):
    """Write the table of one row of pixels."""
    H, W, C = image.shape
    S = out.shape[1]
    reach = S // 2
    for x in range(W):
        for dy in range(S):
            v = y + dy - reach
            for dx in range(S):
                u = x + dx - reach
                if v < 0 or v >= H or u < 0 or u >= W or (v == y and u == x):
                    out[x, dy, dx] = 0
                    continue
                gap = near * image.dtype.type((v - y) * (v - y) + (u - x) * (u - x))
                for c in range(C):
                    colour = image[y, x, c] - image[v, u, c]
                    gap += alike * colour * colour
                out[x, dy, dx] = exp(-gap)


@kernel
def _told(table, q, y, H, W, out):
    """Write what all others say to the pixels of one row."""
    S, K = table.shape[1], q.shape[1]
    reach = S // 2
    for x in range(W):
        out[x, :] = 0
        for dy in range(max(0, reach - y), min(S, H + reach - y)):
            for dx in range(max(0, reach - x), min(S, W + reach - x)):
                weight = table[x, dy, dx]
                other = (y + dy - reach) * W + x + dx - reach
                for k in range(K):
                    out[x, k] += weight * q[other, k]


@parallel_kernel
def affinities(image, near, alike, out):
    """Write exp(-near |distance|^2 - alike |colour difference|^2) to a table.

    image [H, W, C], out [H W, S, S].
    """
    H, W, _ = image.shape
    for y in prange(H):
        _row(image, y, near, alike, out[y * W : (y + 1) * W])


@parallel_kernel
def messages(table, q, H, W, out):
    """Write sum over others j of table[i, j] q[j] to out [P, K]; q [P, K], P = H W."""
    for y in prange(H):
        rows = slice(y * W, (y + 1) * W)
        _told(table[rows], q, np.int64(y), H, W, out[rows])
