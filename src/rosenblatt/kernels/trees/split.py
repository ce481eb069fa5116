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
    that one must have, of rows between two cuts, and of categories on one side at most. tries:
    features that are asked at a node, drawn for each (Breiman 2001); 0 for all that may be.
    """

    leaves: int
    l2: float
    rows: float
    hessian: float
    category_l2: float
    category_rows: float
    category_step: float
    most_categories: int
    tries: int


class Node(NamedTuple):
    """The packed sums of a node's rows, their number, and the features that may be asked, use [D]
    bool."""

    sums: int
    rows: int
    use: np.ndarray


class Found(NamedTuple):
    """The best split of each feature: gain [D], sums on the left [D] int64, mask [D, 4] uint64 of
    bins, which is written for categories and for the best of all; cut [D, 2] int64: of numbers, the
    last bin on the left, and 1 where the missing go left, too."""

    gain: np.ndarray
    left: np.ndarray
    mask: np.ndarray
    cut: np.ndarray


class Limits(NamedTuple):
    """l2: penalty on leaf values; least: of a side's second derivatives; step: of those between two
    cuts."""

    l2: float
    least: float
    step: float


class Occupied(NamedTuple):
    """The places of a line of sums that are not 0, what they hold, and how many they are."""

    places: np.ndarray
    sums: np.ndarray
    n: int


@inlined_kernel
def in_mask(mask, place):
    """Return whether bit `place` of 256 is set, as 1 or 0."""
    return np.int64((mask[place >> 6] >> np.uint64(place & 63)) & ONE)


@inlined_kernel
def add_to_mask(mask, place):
    """Set bit `place` of 256."""
    mask[place >> 6] |= ONE << np.uint64(place & 63)


@inlined_kernel
def _occupied(line, low, high, out_places, out_sums):
    """Write the places of line[low:high] that are not 0, and what they hold; return how many."""
    n = np.uint64(0)  # without a sign, no index is taken from the end
    for k in range(high - low):
        held = line[np.uint64(low + k)]
        out_places[n], out_sums[n] = k, held  # written over where that is 0: no branch
        n += np.uint64(held != 0)
    return np.int64(n)


@inlined_kernel
def _bins_alone(code, held, n, place_of, feature, room, bins, out_places, out_sums):
    """Write the bins of a feature that are not 0, and their sums, as _occupied.

    code, held [n]: of its column, which others share; place_of [D, 256]: the bin of each code;
    room: for the bins, and how many there are.
    """
    for k in range(bins):
        room[k] = 0
    for k in range(n):
        room[place_of[np.uint64(feature), np.uint64(code[k])]] += held[k]
    return _occupied(room, 0, bins, out_places, out_sums)


@inlined_kernel
def _empty_lines():
    a, b, c = np.empty(CODES, np.int64), np.empty(CODES, np.int64), np.empty(CODES, np.int64)
    return a, b, c, np.empty(CODES, np.int64), np.empty(CODES, np.int64)


@inlined_kernel
def _scan(sums, n, start, total, scale, limits, best):
    """Return (gain, place, left sums) of the best cut after one of n sums in order; place -1: none.

    start: of what is on the left already; total: of all; best: what is to be beaten.
    """
    l2, least, step = limits.l2, limits.least, limits.step
    G, H = unpack(total, scale)
    place, left, kept = -1, start, start
    last = unpack(start, scale)[1]
    for k in range(n):
        left += sums[k]
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
def _cut_numbers(sums, n, missing, total, scale, limits, best):
    """Return (gain, place, side, left sums) of the best cut of n sums in order; place -1: none.

    missing: whether the last is of rows whose number is missing; they go to side 0, right, or 1.
    """
    if not missing:
        best, place, left = _scan(sums, n, 0, total, scale, limits, best)
        return best, place, 0, left
    best, place, left = _scan(sums, n - 1, 0, total, scale, limits, best)
    best, other, kept = _scan(sums, n - 1, sums[n - 1], total, scale, limits, best)
    return (best, other, 1, kept) if other >= 0 else (best, place, 0, left)


@kernel
def _by_ratio(sums, n, scale, least, smooth, out_order):
    """Write which of n categories have enough rows, by G / (H + smooth); return how many."""
    ratio = np.empty(CODES)
    m = 0
    for k in range(n):
        g, h = unpack(sums[k], scale)
        if h >= least:
            ratio[k] = g / (h + smooth)
            at = m
            while at > 0 and ratio[out_order[at - 1]] > ratio[k]:
                out_order[at] = out_order[at - 1]
                at -= 1
            out_order[at] = k
            m += 1
    return m


@kernel
def _split_categories(categories, node, scale, rules, limits, best, out_mask):
    """Return (gain, left sums) of the best set of categories, from either end of their order.

    categories: Occupied.
    """
    places, held, n = categories.places, categories.sums, categories.n
    each = unpack(node.sums, scale)[1] / node.rows
    limits = Limits(limits.l2 + rules.category_l2, limits.least, rules.category_step * each)
    order, sums = np.empty(CODES, np.int64), np.empty(CODES, np.int64)
    n = _by_ratio(held, n, scale, rules.category_rows * each, rules.category_rows, order)
    left = node.sums
    ends = min(n, rules.most_categories, (n + 1) // 2)
    for side in range(2):
        for k in range(n):
            sums[k] = held[order[k] if side == 0 else order[n - 1 - k]]
        gain, place, kept = _scan(sums, ends, 0, node.sums, scale, limits, best)
        if place >= 0:
            best, left = gain, kept
            out_mask[:] = 0
            for k in range(place + 1):
                add_to_mask(out_mask, places[order[k] if side == 0 else order[n - 1 - k]])
    return best, left


@kernel
def _search(columns, low, high, sums, node, scale, rules, out_found):
    """Search the features of the columns low ... high - 1.

    A field of a tuple is named once, before the loop, and no array is sliced in it: each time, its
    references would be counted, which takes longer than a search of few bins.
    """
    start, first, member, bins = columns.start, columns.first, columns.member, columns.bins
    place_of, missing, categorical = columns.place, columns.missing, columns.categorical
    use, (gains, lefts, masks, cuts) = node.use, out_found
    room, code, held, place, alone = _empty_lines()
    G, H = unpack(node.sums, scale)
    limits = Limits(rules.l2, max(rules.hessian, rules.rows * H / node.rows), 0.0)
    parent = G * G / (H + rules.l2)
    least = parent + NOISE * parent
    for column in range(low, high):
        shared = first[column + 1] - first[column] > 1
        if shared:
            n = _occupied(sums, start[column], start[column + 1], code, held)
        else:
            n = _occupied(sums, start[column], start[column + 1], place, alone)
        for at in range(first[column], first[column + 1]):
            f = member[at]
            gains[f] = 0.0
            if n < 2 or not use[f]:
                continue
            m = n
            if shared:
                m = _bins_alone(code, held, n, place_of, f, room, bins[f], place, alone)
            if m < 2:
                continue
            if categorical[f]:
                of_all = Occupied(place, alone, m)
                best, lefts[f] = _split_categories(
                    of_all, node, scale, rules, limits, least, masks[f]
                )
            else:
                lost = missing[f] and place[m - 1] == bins[f] - 1
                best, cut, side, lefts[f] = _cut_numbers(
                    alone, m, lost, node.sums, scale, limits, least
                )
                cuts[f, 0], cuts[f, 1] = place[max(cut, 0)], side
            gains[f] = best - parent if best > least else 0.0


@parallel_kernel
def _search_wide(columns, sums, node, scale, rules, out_found):
    for column in prange(columns.start.size - 1):
        _search(columns, column, column + 1, sums, node, scale, rules, out_found)


@kernel
def best_split(sums, columns, node, scale, rules, wide, out_found):
    """Return the feature whose split gains most, and write all features' best to out_found.

    sums [S] int64: packed sums by code; wide: whether threads may share the work.
    """
    if wide and sums.size > WIDE:
        _search_wide(columns, sums, node, scale, rules, out_found)
    else:
        _search(columns, 0, columns.start.size - 1, sums, node, scale, rules, out_found)
    feature = np.argmax(out_found.gain)
    mask = out_found.mask[feature]
    if not columns.categorical[feature]:
        mask[:] = 0
        for k in range(out_found.cut[feature, 0] + 1):
            add_to_mask(mask, k)
        if out_found.cut[feature, 1]:
            add_to_mask(mask, columns.bins[feature] - 1)
    return feature
