"""The best split of a node: each feature's histogram is scanned for the cut of largest gain.

With the sums G of gradients and H of second derivatives, and l2 the penalty, a split gains
G_L^2 / (H_L + l2) + G_R^2 / (H_R + l2) - G^2 / (H + l2), twice the fall of the loss (Chen &
Guestrin 2016, equation 7). Rows whose number is missing go to the side where they gain more (their
section 3.4). Categories are put in the order of G / H first, in which the best of all partitions is
a cut (Fisher 1958; Ke et al. 2017).
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import inlined_kernel, kernel, parallel_kernel
from rosenblatt.kernels.trees.histogram import unpack

CODES = 256
WIDE = 1 << 14  # codes below which a parallel region costs more than it saves
NOISE = 1e-12  # of the node's own term: less gain is rounding
ONE = np.uint64(1)


class Scale(NamedTuple):
    """What whole numbers stand for: g << shift | h is (g x gradient, h x hessian)."""

    shift: int
    gradient: float
    hessian: float


class Rules(NamedTuple):
    """What a split must keep to.

    leaves: at most, of a tree. l2: penalty on leaf values. rows, hessian: at least, on each side;
    rows are counted by their second derivatives. For categories: further l2, the number of rows
    that one must have, of rows between two cuts, and of categories on one side at most.
    """

    leaves: int
    l2: float
    rows: float
    hessian: float
    category_l2: float
    category_rows: float
    category_step: float
    most_categories: int


class Node(NamedTuple):
    """The packed sums of a node's rows, and their number."""

    sums: int
    rows: int


class Found(NamedTuple):
    """The best split of each feature: gain [D], mask [D, 4] uint64 of bins, left sums [D] int64."""

    gain: np.ndarray
    mask: np.ndarray
    left: np.ndarray


@inlined_kernel
def in_mask(mask, place):
    """Return whether bit `place` of 256 is set, as 1 or 0."""
    return np.int64((mask[place >> 6] >> np.uint64(place & 63)) & ONE)


@inlined_kernel
def add_to_mask(mask, place):
    """Set bit `place` of 256."""
    mask[place >> 6] |= ONE << np.uint64(place & 63)


@kernel
def _scan(line, start, node, scale, limits, best):
    """Return (gain, place, left sums) of the best cut after a place of the line; place -1: none.

    line [n] int64: packed sums in order; start: of what is on the left already; limits: (l2, the
    least second derivative of a side, and between two cuts); best: what is to be beaten.
    """
    l2, least, step = limits
    G, H = unpack(node.sums, scale)
    place, left, kept = -1, start, start
    last = unpack(start, scale)[1]
    for k in range(line.size):
        if line[k] == 0:
            continue
        left += line[k]
        g, h = unpack(left, scale)
        if h < least or h - last < step:
            continue
        if H - h < least:
            break
        last = h
        a, b, d = h + l2, H - h + l2, G - g
        top, bottom = g * g * b + d * d * a, a * b
        if top > best * bottom:  # no division where there is no gain
            best, place, kept = top / bottom, k, left
    return best, place, kept


@kernel
def _split_numbers(line, lost, node, scale, limits, best, out_mask):
    """Return (gain, left sums) of the best cut, the rows of sums `lost`, missing, on either side.

    line [n] int64: the bins' sums, then `lost` where that is a bin.
    """
    zero = lost - lost
    bins = line.size - 1
    ends = bins + 1 if lost == zero else bins  # without missing rows the last bin is one of numbers
    gain, place, left = _scan(line[:ends], zero, node, scale, limits, best)
    side = 0
    if lost != zero:
        other, at, sums = _scan(line[:bins], lost, node, scale, limits, gain)
        if at >= 0:
            gain, place, left, side = other, at, sums, 1
    if place >= 0:
        for k in range(place + 1):
            add_to_mask(out_mask, k)
        if side:
            add_to_mask(out_mask, bins)
    return gain, left


@kernel
def _by_ratio(line, scale, least, smooth, out_order):
    """Write the categories of enough rows to out_order by G / (H + smooth); return how many."""
    ratio = np.empty(CODES)
    n = 0
    for k in range(line.size):
        g, h = unpack(line[k], scale)
        if h >= least:
            ratio[k] = g / (h + smooth)
            at = n
            while at > 0 and ratio[out_order[at - 1]] > ratio[k]:
                out_order[at] = out_order[at - 1]
                at -= 1
            out_order[at] = k
            n += 1
    return n


@kernel
def _split_categories(line, node, scale, rules, limits, best, out_mask):
    """Return (gain, left sums) of the best set of categories, from either end of their order."""
    each = unpack(node.sums, scale)[1] / node.rows
    limits = (limits[0] + rules.category_l2, limits[1], rules.category_step * each)
    order, sums = np.empty(CODES, np.int64), np.empty(CODES, np.int64)
    n = _by_ratio(line, scale, rules.category_rows * each, rules.category_rows, order)
    left = line[0] - line[0]
    for side in range(2):
        for k in range(n):
            sums[k] = line[order[k] if side == 0 else order[n - 1 - k]]
        ends = min(n, rules.most_categories, (n + 1) // 2)
        gain, place, kept = _scan(sums[:ends], left - left, node, scale, limits, best)
        if place >= 0:
            best, left = gain, kept
            out_mask[:] = 0
            for k in range(place + 1):
                add_to_mask(out_mask, order[k] if side == 0 else order[n - 1 - k])
    return best, left


@kernel
def _split_feature(line, kind, node, scale, rules, out_mask):
    """Return (gain, left sums) of the best split by one feature; gain 0: none.

    line [n] int64: sums by bin; kind: (whether it is of categories, whether the last bin is of
    missing numbers).
    """
    categorical, missing = kind
    G, H = unpack(node.sums, scale)
    limits = (rules.l2, max(rules.hessian, rules.rows * H / node.rows), 0.0)
    parent = G * G / (H + rules.l2)
    least = parent + NOISE * parent
    out_mask[:] = 0
    if categorical:
        best, left = _split_categories(line, node, scale, rules, limits, least, out_mask)
    else:
        lost = line[line.size - 1] if missing else line[0] - line[0]
        best, left = _split_numbers(line, lost, node, scale, limits, least, out_mask)
    return (best - parent if best > least else 0.0), left


@kernel
def _search_column(sums, column, columns, node, scale, rules, out_found):
    """Search all features of a column: add up the others, search one, add that one up, go on."""
    line = sums[columns.start[column] : columns.start[column + 1]]
    first, end = columns.first[column], columns.first[column + 1]
    alone = np.empty(CODES, np.int64)
    if end - first > 1:
        line = line.copy()
    for place in range(first, end):
        f = columns.member[place]
        stride, bins = columns.stride[f], columns.bins[f]
        out_found.gain[f] = 0.0
        if columns.use[f]:
            for k in range(bins):
                total = line[k * stride]
                for j in range(k * stride + 1, (k + 1) * stride):
                    total += line[j]
                alone[k] = total
            kind = (columns.categorical[f], columns.missing[f])
            gain, left = _split_feature(alone[:bins], kind, node, scale, rules, out_found.mask[f])
            out_found.gain[f], out_found.left[f] = gain, left
        for k in range(1, bins if place + 1 < end else 0):
            for j in range(stride):
                line[j] += line[k * stride + j]


@parallel_kernel
def _search_wide(sums, columns, node, scale, rules, out_found):
    for column in prange(columns.start.size - 1):
        _search_column(sums, column, columns, node, scale, rules, out_found)


@kernel
def best_split(sums, columns, node, scale, rules, wide, out_found):
    """Return the feature whose split gains most, and write all features' best to out_found.

    sums [S] int64: packed sums by code; wide: whether threads may share the work.
    """
    if wide and sums.size > WIDE:
        _search_wide(sums, columns, node, scale, rules, out_found)
    else:
        for column in range(columns.start.size - 1):
            _search_column(sums, column, columns, node, scale, rules, out_found)
    return np.argmax(out_found.gain)
