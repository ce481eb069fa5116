"""Losses and their first two derivatives, rounded to whole numbers; leaf values; scores.

Friedman (2001, Greedy function approximation, section 4) fits each tree to the gradients of the
loss; Chen & Guestrin (2016, equation 5) set a leaf to -G / (H + l2).
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.trees.histogram import BLOCK

SQUARED, LOGISTIC, SOFTMAX = 0, 1, 2
BITS = 62  # of a sum of whole numbers


@kernel
def _softmax(scores, i, out):
    """Write the probabilities of row i of scores [K, N] to out [K]."""
    most, total = scores[0, i], 0.0
    for k in range(1, out.size):
        most = max(most, scores[k, i])
    for k in range(out.size):
        out[k] = exp(scores[k, i] - most)
        total += out[k]
    for k in range(out.size):
        out[k] /= total


@kernel
def _derivatives(kind, scores, targets, weights, rows, out_g, out_h):
    K = scores.shape[0]
    p = np.empty(K)
    for i in range(rows[0], rows[1]):
        w = weights[i]
        if kind == SQUARED:
            for k in range(K):
                out_g[k, i], out_h[k, i] = w * (scores[k, i] - targets[k, i]), w
        elif kind == LOGISTIC:
            q = 1.0 / (1.0 + exp(-scores[0, i]))
            out_g[0, i], out_h[0, i] = w * (q - targets[0, i]), w * q * (1.0 - q)
        else:
            _softmax(scores, i, p)
            for k in range(K):
                q = p[k]
                out_g[k, i] = w * (q - (1.0 if targets[0, i] == k else 0.0))
                out_h[k, i] = w * q * (1.0 - q) * K / (K - 1)


@parallel_kernel
def derivatives(kind, scores, targets, weights, out_g, out_h, out_largest):
    """Write the derivatives of the loss by scores [K, N] to out_g, out_h [K, N] float32.

    kind: SQUARED, half the squared error of targets [K, N]; LOGISTIC, of targets [1, N], 0 or 1;
    SOFTMAX, of classes [1, N], with the factor K / (K - 1) on h (Friedman 2001, algorithm 6).
    weights [N]. out_largest [B, K, 2]: |g| and h at most, of blocks of rows.
    """
    K, N = scores.shape
    for block in prange(out_largest.shape[0]):
        low, high = block * BLOCK, min(N, (block + 1) * BLOCK)
        _derivatives(kind, scores, targets, weights, (low, high), out_g, out_h)
        for k in range(K):
            g, h = np.float32(0), np.float32(0)
            for i in range(low, high):
                g, h = max(g, abs(out_g[k, i])), max(h, out_h[k, i])
            out_largest[block, k, 0], out_largest[block, k, 1] = g, h


@parallel_kernel
def pack(g, h, shift, factors, out):
    """Write the nearest whole numbers of g and h [N], times the two factors, packed, to out [N]."""
    for block in prange((out.size + BLOCK - 1) // BLOCK):
        for i in range(block * BLOCK, min(out.size, (block + 1) * BLOCK)):
            gradient = np.int64(np.floor(np.float64(g[i]) * factors[0] + 0.5))
            out[i] = (gradient << shift) + np.int64(np.floor(np.float64(h[i]) * factors[1] + 0.5))


@kernel
def _whole_sum(values, rows, largest):
    """Return the sum of values of rows, rounded to whole numbers of BITS bits: in any order."""
    bits = BITS
    size = values.size
    while size > 0:
        size >>= 1
        bits -= 1
    factor = np.float64(np.int64(1) << bits) / largest
    total = np.int64(0)
    for k in range(rows.size):
        total += np.int64(np.floor(np.float64(values[rows[k]]) * factor + 0.5))
    return np.float64(total) / factor


@parallel_kernel
def add_leaves(rows, bounds, derivative, largest, shrinkage, out_values, out_scores):
    """Write each leaf's value to out_values [L], and add it to out_scores [N] of its rows.

    rows [N] int32 by leaf, bounds [count, 2]; derivative: (g, h), [N] float32, and largest: |g| and
    h at most; shrinkage: (learning rate, l2).
    """
    for leaf in prange(bounds.shape[0]):
        mine = rows[bounds[leaf, 0] : bounds[leaf, 1]]
        g = _whole_sum(derivative[0], mine, largest[0])
        h = _whole_sum(derivative[1], mine, largest[1])
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
    _softmax(scores, i, p)
    return -log(max(p[np.int64(targets[0, i])], 1e-300))


@kernel
def mean_loss(kind, scores, targets, weights):
    """Return the mean loss of rows of scores [K, N] by their weights [N], added in order."""
    p = np.empty(scores.shape[0])
    loss = total = 0.0
    for i in range(scores.shape[1]):
        if weights[i] > 0:
            loss += weights[i] * _row_loss(kind, scores, targets, i, p)
            total += weights[i]
    return loss / total
