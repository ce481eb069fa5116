"""Sums of gradients by bin, and rows shared out by a split.

Gradient and second derivative of a row are whole numbers in one int64, g << shift | h, and one
addition adds both. Whole numbers add without rounding: the order of the rows, blocks and threads
change no bit, and parent less child is the other child exactly.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel

BLOCK = 1 << 14  # rows
WIDE = 1 << 13  # rows times words below which a parallel region costs more than it saves
BYTE = np.uint32(255)
ONE = np.uint64(1)


@inlined_kernel
def unpack(packed, scale):
    """Return the sum of gradients and that of second derivatives, float64."""
    hessian = packed & ((np.int64(1) << scale.shift) - 1)
    gradient = np.float64(packed >> scale.shift) * scale.gradient
    return gradient, np.float64(hessian) * scale.hessian


@kernel
def _accumulate(word, rows, packed, first, second, third, fourth):
    for k in range(rows.size):
        i = np.uint32(rows[k])  # without a sign, no index is taken from the end
        sums, codes = packed[i], word[i]
        first[codes & BYTE] += sums
        second[(codes >> np.uint32(8)) & BYTE] += sums
        third[(codes >> np.uint32(16)) & BYTE] += sums
        fourth[codes >> np.uint32(24)] += sums


@kernel
def _word_histogram(words, rows, packed, start, group, out):
    at = start[4 * group : 4 * group + 5]
    out[at[0] : at[4]] = 0
    first, second = out[at[0] : at[1]], out[at[1] : at[2]]
    third, fourth = out[at[2] : at[3]], out[at[3] : at[4]]
    _accumulate(words[group], rows, packed, first, second, third, fourth)


@parallel_kernel
def _wide_histogram(words, rows, packed, start, part, out):
    groups, n = words.shape[0], rows.size
    blocks = min(part.shape[0], (n + BLOCK - 1) // BLOCK)
    step = (n + blocks - 1) // blocks
    for task in prange(groups * blocks):
        block = task // groups
        some = rows[block * step : (block + 1) * step]
        _word_histogram(words, some, packed, start, task % groups, part[block])
    for group in prange(groups):
        for k in range(start[4 * group], start[4 * group + 4]):
            total = part[0, k]
            for block in range(1, blocks):
                total += part[block, k]
            out[k] = total


@kernel
def histogram(words, rows, packed, start, part, wide, out):
    """Write the sums of packed [N] int64 of some rows by code to out [S].

    words [C / 4, N] uint32; rows [n] int32; start [C + 1]: where a column's codes begin in out;
    part [B, S]: room for blocks of rows; wide: whether threads may share the work.
    """
    if wide and rows.size * words.shape[0] > WIDE:
        _wide_histogram(words, rows, packed, start, part, out)
    else:
        for group in range(words.shape[0]):
            _word_histogram(words, rows, packed, start, group, out)


@kernel
def _divide(word, shift, goes_left, rows, left, right):
    """Write the rows of a code that goes left to `left`, others to `right`; return how many."""
    lefts = rights = np.uint64(0)
    for k in range(rows.size):
        i = rows[k]
        goes = np.uint64(goes_left[(word[np.uint32(i)] >> shift) & BYTE])
        left[lefts] = i  # both are written, one of them to be written over: no branch
        right[rights] = i
        lefts += goes
        rights += ONE - goes
    return np.int64(lefts)


@parallel_kernel
def _wide_divide(word, shift, goes_left, rows, spare):
    n = rows.size
    blocks = (n + BLOCK - 1) // BLOCK
    ends, lefts = np.zeros(blocks + 1, np.int64), np.empty((blocks, BLOCK + 1), np.int32)
    for b in prange(blocks):
        low = b * BLOCK
        some = rows[low : low + BLOCK]
        ends[b + 1] = _divide(word, shift, goes_left, some, lefts[b], spare[low:])
    for b in range(blocks):
        ends[b + 1] += ends[b]
    for b in prange(blocks):
        low, size, left = b * BLOCK, min(BLOCK, n - b * BLOCK), ends[b + 1] - ends[b]
        assign(rows[ends[b] : ends[b + 1]], lefts[b])
        assign(lefts[b, : size - left], spare[low:])
    for b in prange(blocks):
        size, at = min(BLOCK, n - b * BLOCK), ends[blocks] + b * BLOCK - ends[b]
        right = size - (ends[b + 1] - ends[b])
        assign(rows[at : at + right], lefts[b])
    return ends[blocks]


@kernel
def divide(word, shift, goes_left, rows, spare, wide):
    """Put the rows [n] that go left before the others, both in their order; return how many go.

    word [N] uint32; shift: of the column's byte; goes_left [256] int64: 1 or 0 by code; spare:
    room for n + 1 rows.
    """
    if wide and rows.size > 2 * BLOCK:
        return _wide_divide(word, shift, goes_left, rows, spare)
    left = _divide(word, shift, goes_left, rows, rows, spare)
    assign(rows[left:], spare)
    return left
