"""Losses and their first two derivatives, rounded to whole numbers; leaf values; scores.

Friedman (2001, Greedy function approximation, section 4) fits each tree to the gradients of the
loss; Chen & Guestrin (2016, equation 5) set a leaf to -G / (H + l2).
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import exp, log, sigmoid
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.trees.histogram import BLOCK

SQUARED, LOGISTIC, SOFTMAX = 0, 1, 2
ROWS = 2048  # of a block whose derivatives are found together
BITS = 62  # of a sum of whole numbers


@kernel
def _shares(scores, low, out):
    """Write the softmax of n columns of scores [K, N], from `low` on, to out [K, n]."""
    K, n = out.shape
    most, total = scores[0, low : low + n].copy(), np.zeros(n)
    for k in range(1, K):
        for i in range(n):
            most[i] = max(most[i], scores[k, low + i])
    for k in range(K):
        for i in range(n):
            out[k, i] = exp(scores[k, low + i] - most[i])
            total[i] += out[k, i]
    for k in range(K):
        for i in range(n):
            out[k, i] /= total[i]


@kernel
def _of_squares(scores, targets, weights, out_g, out_h):
    for i in range(weights.size):
        out_g[i] = weights[i] * (scores[i] - targets[i])
        out_h[i] = weights[i]


@kernel
def _of_two(scores, targets, weights, out_g, out_h):
    for i in range(weights.size):
        q = sigmoid(scores[i])
        out_g[i] = weights[i] * (q - targets[i])
        out_h[i] = weights[i] * q * (1.0 - q)


@kernel
def _of_one_of(k, shares, targets, weights, out_g, out_h):
    K = shares.shape[0]
    for i in range(weights.size):
        q = shares[k, i]
        out_g[i] = weights[i] * (q - (1.0 if targets[i] == k else 0.0))
        out_h[i] = weights[i] * q * (1.0 - q) * K / (K - 1)


@kernel
def _largest(values):
    """Return the largest of |values| [n] float32, whose bits are ordered as they are."""
    bits, most = values.view(np.int32), np.int32(0)
    for i in range(bits.size):
        most = max(most, np.int32(bits[i] & 0x7FFFFFFF))
    found = np.int32(most)  # a name of one value, as `view` wants
    return found.view(np.float32)


@parallel_kernel
def derivatives(kind, scores, targets, weights, out_g, out_h, out_largest):
    """Write the derivatives of the loss by scores [K, N] to out_g, out_h [K, N] float32.

    kind: SQUARED, half the squared error of targets [K, N]; LOGISTIC, of targets [1, N], 0 or 1;
    SOFTMAX, of classes [1, N], with the factor K / (K - 1) on h (Friedman 2001, algorithm 6).
    weights [N]. out_largest [B, K, 2]: |g| and h at most, of blocks of ROWS rows.
    """
    K, N = scores.shape
    for block in prange(out_largest.shape[0]):
        low, high = block * ROWS, min(N, (block + 1) * ROWS)
        w, shares = weights[low:high], np.empty((K, high - low))
        if kind == SOFTMAX:
            _shares(scores, low, shares)
        for k in range(K):
            g, h = out_g[k, low:high], out_h[k, low:high]
            asked = targets[k if kind == SQUARED else 0, low:high]
            if kind == SQUARED:
                _of_squares(scores[k, low:high], asked, w, g, h)
            elif kind == LOGISTIC:
                _of_two(scores[k, low:high], asked, w, g, h)
            else:
                _of_one_of(k, shares, asked, w, g, h)
            out_largest[block, k, 0], out_largest[block, k, 1] = _largest(g), _largest(h)


@parallel_kernel
def pack(g, h, shift, factors, out):
    """Write the nearest whole numbers of g and h [N], times the two factors, packed, to out [N]."""
    for block in prange((out.size + BLOCK - 1) // BLOCK):
        for i in range(block * BLOCK, min(out.size, (block + 1) * BLOCK)):
            gradient = np.int64(np.floor(np.float64(g[i]) * factors[0] + 0.5))
            out[i] = (gradient << shift) + np.int64(np.floor(np.float64(h[i]) * factors[1] + 0.5))


@kernel
def _whole_sums(g, h, rows, largest):
    """Return the sums of g and h of rows, rounded to whole numbers of BITS bits: in any order."""
    bits = BITS
    size = g.size
    while size > 0:
        size >>= 1
        bits -= 1
    of_g, of_h = np.float64(np.int64(1) << bits) / largest
    G = H = np.int64(0)
    for k in range(rows.size):
        G += np.int64(np.floor(np.float64(g[rows[k]]) * of_g + 0.5))
        H += np.int64(np.floor(np.float64(h[rows[k]]) * of_h + 0.5))
    return np.float64(G) / of_g, np.float64(H) / of_h


@parallel_kernel
def add_leaves(rows, bounds, derivative, largest, shrinkage, out_values, out_scores):
    """Write each leaf's value to out_values [L], and add it to out_scores [N] of its rows.

    rows [N] int32 by leaf, bounds [count, 2]; derivative: (g, h), [N] float32, and largest: |g| and
    h at most; shrinkage: (learning rate, l2).
    """
    for leaf in prange(bounds.shape[0]):
        mine = rows[bounds[leaf, 0] : bounds[leaf, 1]]
        g, h = _whole_sums(derivative[0], derivative[1], mine, largest)
        value = -shrinkage[0] * g / (h + shrinkage[1]) if h > 0 else 0.0
        out_values[leaf] = value
        for k in range(mine.size):
            out_scores[mine[k]] += value


@kernel
def _row_loss(kind, scores, targets, i, p):
    loss = 0.0
    if kind == SQUARED:
        for k in range(scores.shape[0]):
            apart = scores[k, i] - targets[k, i]
            loss += 0.5 * apart * apart
        return loss
    if kind == LOGISTIC:
        score = scores[0, i] if targets[0, i] == 0.0 else -scores[0, i]
        return max(score, 0.0) + log(1.0 + exp(-abs(score)))
    _shares(scores, i, p)
    return -log(max(p[np.int64(targets[0, i]), 0], 1e-300))


@kernel
def mean_loss(kind, scores, targets, weights):
    """Return the mean loss of rows of scores [K, N] by their weights [N], added in order."""
    p = np.empty((scores.shape[0], 1))
    loss = total = 0.0
    for i in range(scores.shape[1]):
        if weights[i] > 0:
            loss += weights[i] * _row_loss(kind, scores, targets, i, p)
            total += weights[i]
    return loss / total
