"""Scaled dot-product attention of all heads of all samples (Vaswani et al. 2017, equation 1).

query [N, T, heads A], keys [N, S, heads A], values [N, S, heads D]: each head has A (or D) columns
side by side. bias [N or 1, heads or 1, T or 1, S], or without element, is added to the scores; -inf
hides a key. In causal attention a query sees no key after its own step.

    share = softmax(scale query keys^T + bias),  out = share values

A row that hides all keys has shares of zero. A head of a sample is one task; its products run in
the register tile.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.direct import correlate
from rosenblatt.kernels.convolution.geometry import Tables
from rosenblatt.kernels.core.copying import Block
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.core.gemm import arithmetic_table, pack_panel, panel_width
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.tile import NARROW, NARROW_ROWS


@kernel
def _table(count, stride):
    return arithmetic_table(np.empty(count + NARROW_ROWS, np.intp), count, stride)


@kernel
def _packed(b, first, stride, transposed, shape):
    """Return a matrix of shape (depth, columns) within the flat b, packed for the tile.

    Rows begin `stride` apart; of a transposed one, columns do.
    """
    depth, columns = shape
    packed = np.empty(depth * (columns + NARROW), b.dtype)
    j = at = 0
    while j < columns:
        width, size = panel_width(columns, j)
        source = Block(b, first + (j * stride if transposed else j), stride)
        pack_panel(source, transposed, depth, width, packed, at)
        at += depth * size
        j += width
    return packed


@kernel
def _multiply(a, rows, terms, packed, columns, out):
    """Write a product; rows and terms = (count, stride) of the flat a, out = (flat, first, stride).

    A transposed a has its terms further apart than its rows.
    """
    flat, first, stride = out
    tables = Tables(_table(*terms), _table(*rows), _table(rows[0], stride))
    zeros = np.zeros(columns, a.dtype)
    correlate(a, tables, packed, zeros, a.dtype.type(-np.inf), first, flat)


@kernel
def _exp_all(x):
    for i in range(x.size):
        x[i] = exp(x[i])


@kernel
def _softmax(scores, bias, scale, causal, n, h):
    """Turn the products of a head [T, S] into shares, in place."""
    hidden, zero = scores.dtype.type(-np.inf), scores.dtype.type(0)
    for t in range(scores.shape[0]):
        row, highest = scores[t], hidden
        for s in range(row.size):
            row[s] *= scale
        if bias.size:
            added = bias[n % bias.shape[0], h % bias.shape[1], t % bias.shape[2]]
            for s in range(row.size):
                row[s] += added[s]
        if causal:
            row[t + 1 :] = hidden
        for s in range(row.size):
            highest = max(highest, row[s])
        for s in range(row.size):
            row[s] = hidden if row[s] == hidden else row[s] - highest
    _exp_all(scores.reshape(-1))
    for t in range(scores.shape[0]):
        row, total = scores[t], zero
        for s in range(row.size):
            total += row[s]
        for s in range(row.size):
            row[s] = row[s] if total == 0 else row[s] / total


@kernel
def _attend_head(arrays, bias, settings, n, h, outputs):
    query, keys, values = arrays
    heads, scale, causal = settings
    out, shares = outputs
    (_, T, W), (_, S, WD) = query.shape, values.shape
    A, D = W // heads, WD // heads
    share = shares[n, h]
    packed = _packed(keys.reshape(-1), n * S * W + h * A, W, True, (A, S))
    first = query.reshape(-1)[n * T * W + h * A :]
    _multiply(first, (T, W), (A, 1), packed, S, (share.reshape(-1), 0, S))
    _softmax(share, bias, scale, causal, n, h)
    packed = _packed(values.reshape(-1), n * S * WD + h * D, WD, False, (S, D))
    target = (out.reshape(-1), n * T * WD + h * D, WD)
    _multiply(share.reshape(-1), (T, S), (S, 1), packed, D, target)


@parallel_kernel
def attend(arrays, bias, settings, outputs):
    """Write outputs = (out [N, T, heads D], shares [N, heads, T, S]).

    arrays = (query, keys, values); settings = (heads, scale, causal).
    """
    heads = settings[0]
    for task in prange(outputs[0].shape[0] * heads):
        one = np.intp(task)
        _attend_head(arrays, bias, settings, one // heads, one % heads, outputs)


@kernel
def _score_gradient(share, scale, d_share):
    """Turn the gradient to the shares, in place, into that to the products, and return it scaled.

    d_score = share (d_share - sum of share d_share).
    """
    scaled = np.empty_like(share)
    for t in range(share.shape[0]):
        row, d_row, out = share[t], d_share[t], scaled[t]
        mean = row.dtype.type(0)
        for s in range(row.size):
            mean += row[s] * d_row[s]
        for s in range(row.size):
            d_row[s] = row[s] * (d_row[s] - mean)
        for s in range(row.size):
            out[s] = d_row[s] * scale
    return scaled


@kernel
def _gradient_head(d_out, arrays, shares, settings, n, h, outputs):
    query, keys, values = arrays
    heads, scale, _ = settings
    d_query, d_keys, d_values, d_scores = outputs
    (_, T, W), (_, S, WD) = query.shape, values.shape
    A, D = W // heads, WD // heads
    share, d_score = shares[n, h], d_scores[n, h]
    at_query, at_keys = n * T * W + h * A, n * S * W + h * A
    at_out, at_values = n * T * WD + h * D, n * S * WD + h * D

    packed = _packed(d_out.reshape(-1), at_out, WD, False, (T, D))
    target = (d_values.reshape(-1), at_values, WD)
    _multiply(share.reshape(-1), (S, 1), (T, S), packed, D, target)
    packed = _packed(values.reshape(-1), at_values, WD, True, (D, S))
    first = d_out.reshape(-1)[at_out:]
    _multiply(first, (T, WD), (D, 1), packed, S, (d_score.reshape(-1), 0, S))
    scaled = _score_gradient(share, scale, d_score).reshape(-1)
    packed = _packed(keys.reshape(-1), at_keys, W, False, (S, A))
    _multiply(scaled, (T, S), (S, 1), packed, A, (d_query.reshape(-1), at_query, W))
    packed = _packed(query.reshape(-1), at_query, W, False, (T, A))
    _multiply(scaled, (S, 1), (T, S), packed, A, (d_keys.reshape(-1), at_keys, W))


@parallel_kernel
def attend_gradient(d_out, arrays, shares, settings, outputs):
    """Write outputs = (d_query, d_keys, d_values, d_scores [N, heads, T, S]), the last to the
    sums of products and bias."""
    heads = settings[0]
    for task in prange(d_out.shape[0] * heads):
        one = np.intp(task)
        _gradient_head(d_out, arrays, shares, settings, one // heads, one % heads, outputs)
