"""Scaled dot-product attention of all heads of all samples (Vaswani et al. 2017, equation 1).

query [N, T, heads A], keys [N, S, heads A], values [N, S, heads D]: each head has A (or D) columns
side by side. bias [N or 1, heads or 1, T or 1, S], or without element, is added to the scores; -inf
hides a key. In causal attention a query sees no key after its own step.

    share = softmax(scale query keys^T + bias),  out = share values

A row that hides all keys has shares of zero. A head of a sample is one task; its products run in
the register tile.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.convolution.direct import correlate
from rosenblatt.kernels.convolution.geometry import Tables
from rosenblatt.kernels.core.copying import Block
from rosenblatt.kernels.core.dot import dot_unwidened
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.core.gemm import arithmetic_table, pack_panel, panel_width
from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel
from rosenblatt.kernels.core.lanes import in_turn, lanewise
from rosenblatt.kernels.core.tile import NARROW, NARROW_ROWS
from rosenblatt.kernels.core.vectors import LANES

_keep_largest = lanewise(lambda x: [x], joined="largest")
_add_values = lanewise(lambda x: [x])


class Gradients(NamedTuple):
    """d_query, d_keys, d_values: as what they are of; d_scores [N, heads, T, S]: to the sums of
    products and bias."""

    d_query: np.ndarray
    d_keys: np.ndarray
    d_values: np.ndarray
    d_scores: np.ndarray


@kernel
def _table(count, stride):
    return arithmetic_table(np.empty(count + NARROW_ROWS, np.intp), count, stride)


@kernel
def _packed(b, transposed, depth, columns):
    """Return the Block b, or its transpose, depth x columns numbers, packed for the tile."""
    packed = np.empty(depth * (columns + NARROW), b.array.dtype)
    j = at = 0
    while j < columns:
        width, size = panel_width(columns, j)
        source = Block(b.array, b.first + (j * b.stride if transposed else j), b.stride)
        pack_panel(source, transposed, depth, width, packed, at)
        at += depth * size
        j += width
    return packed


@kernel
def _multiply(a, transposed, rows, terms, packed, columns, out):
    """Write the product of the Block a, or its transpose, rows x terms, and `packed` to a Block."""
    row, term = (1, a.stride) if transposed else (a.stride, 1)
    tables = Tables(_table(terms, term), _table(rows, row), _table(rows, out.stride))
    zeros, lowest = np.zeros(columns, a.array.dtype), a.array.dtype.type(-np.inf)
    correlate(a.array[a.first :], tables, packed, zeros, lowest, out.first, out.array)


@inlined_kernel
def _head(x, n, h, heads):
    """Return the Block of a head's columns of one sample of x [N, T, D]."""
    _, T, D = x.shape
    return Block(x.reshape(-1), n * T * D + h * (D // heads), D)


@kernel
def _highest(row):
    (lanes,) = _keep_largest((row,), (), (row.dtype.type(-np.inf),))
    highest = lanes[0]
    for lane in lanes[1:]:
        highest = max(highest, lane)
    for s in range(row.size // LANES * LANES, row.size):
        highest = max(highest, row[s])
    return highest


@kernel
def _sum(row):
    (lanes,) = _add_values((row,), (), (row.dtype.type(0),))
    total = in_turn(lanes)
    for s in range(row.size // LANES * LANES, row.size):
        total += row[s]
    return total


@kernel
def _exp_all(x):
    for i in range(x.size):
        x[i] = exp(x[i])


@kernel
def _softmax(scores, bias, scale, causal, n, h):
    """Turn the products of a head [T, S] into shares, in place."""
    hidden = scores.dtype.type(-np.inf)
    for t in range(scores.shape[0]):
        row = scores[t]
        for s in range(row.size):
            row[s] *= scale
        if bias.size:
            added = bias[n % bias.shape[0], h % bias.shape[1], t % bias.shape[2]]
            for s in range(row.size):
                row[s] += added[s]
        if causal:
            row[t + 1 :] = hidden
        highest = _highest(row)
        for s in range(row.size):
            row[s] = hidden if row[s] == hidden else row[s] - highest
    _exp_all(scores.reshape(-1))
    for t in range(scores.shape[0]):
        row = scores[t]
        total = _sum(row)
        for s in range(row.size):
            row[s] = row[s] if total == 0 else row[s] / total


@kernel
def _attend_head(task, query, keys, values, bias, scale, causal, out, out_shares):
    heads, T, S = out_shares.shape[1:]
    n, h = task // heads, task % heads
    A, D, share = query.shape[2] // heads, values.shape[2] // heads, out_shares[n, h]
    shares = Block(share.reshape(-1), 0, S)
    packed = _packed(_head(keys, n, h, heads), True, A, S)
    _multiply(_head(query, n, h, heads), False, T, A, packed, S, shares)
    _softmax(share, bias, scale, causal, n, h)
    packed = _packed(_head(values, n, h, heads), False, S, D)
    _multiply(shares, False, T, S, packed, D, _head(out, n, h, heads))


@parallel_kernel
def attend(query, keys, values, bias, scale, causal, out, out_shares):
    """Write out [N, T, heads D] and out_shares [N, heads, T, S]."""
    for task in prange(out_shares.shape[0] * out_shares.shape[1]):
        one = np.intp(task)
        _attend_head(one, query, keys, values, bias, scale, causal, out, out_shares)


@kernel
def _score_gradient(share, scale, d_share):
    """Turn the gradient to the shares, in place, into that to the products, and return it scaled.

    d_score = share (d_share - sum of share d_share).
    """
    scaled = np.empty_like(share)
    for t in range(share.shape[0]):
        row, d_row, out = share[t], d_share[t], scaled[t]
        mean = dot_unwidened(row, d_row)
        for s in range(row.size):
            d_row[s] = row[s] * (d_row[s] - mean)
        for s in range(row.size):
            out[s] = d_row[s] * scale
    return scaled


@kernel
def _gradient_head(task, d_out, query, keys, values, shares, scale, out_gradients):
    heads, T, S = shares.shape[1:]
    n, h = task // heads, task % heads
    A, D, d_score = query.shape[2] // heads, values.shape[2] // heads, out_gradients.d_scores[n, h]
    share = Block(shares[n, h].reshape(-1), 0, S)

    d_head = _head(d_out, n, h, heads)
    target = _head(out_gradients.d_values, n, h, heads)
    _multiply(share, True, S, T, _packed(d_head, False, T, D), D, target)
    packed = _packed(_head(values, n, h, heads), True, D, S)
    _multiply(d_head, False, T, D, packed, S, Block(d_score.reshape(-1), 0, S))
    scaled = Block(_score_gradient(shares[n, h], scale, d_score).reshape(-1), 0, S)
    packed = _packed(_head(keys, n, h, heads), False, S, A)
    _multiply(scaled, False, T, S, packed, A, _head(out_gradients.d_query, n, h, heads))
    packed = _packed(_head(query, n, h, heads), False, T, A)
    _multiply(scaled, True, S, T, packed, A, _head(out_gradients.d_keys, n, h, heads))


@parallel_kernel
def attend_gradient(d_out, query, keys, values, shares, scale, out_gradients):
    """Write the Gradients of what attend was given, all contiguous."""
    for task in prange(shares.shape[0] * shares.shape[1]):
        _gradient_head(np.intp(task), d_out, query, keys, values, shares, scale, out_gradients)
