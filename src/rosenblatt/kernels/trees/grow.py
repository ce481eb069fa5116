"""One tree, grown leaf by leaf: the leaf whose split gains most is split next (Shi 2007).

Of a split's two halves the smaller is added up, the other is the parent's sums less those.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.core.random import uniform
from rosenblatt.kernels.trees.bins import Columns
from rosenblatt.kernels.trees.histogram import divide, histogram
from rosenblatt.kernels.trees.split import (
    CODES,
    Found,
    Node,
    Rules,
    Scale,
    add_to_mask,
    best_split,
    in_mask,
)


class Tree(NamedTuple):
    """A tree of M nodes at most: masks of bins, and where rows go on.

    feature [M] int32; child [M, 2] int16: left and right, a node or ~leaf; mask [M, 4] uint64: the
    bins that go left. A node's children come after it. All child = -1 is a tree of one leaf.
    """

    feature: np.ndarray
    child: np.ndarray
    mask: np.ndarray


class Task(NamedTuple):
    """What a tree is grown from: words [C / 4, N] uint32, Columns, Rules, the features that may be
    asked, use [D] bool, and the key of its random numbers."""

    words: np.ndarray
    columns: Columns
    rules: Rules
    use: np.ndarray
    key: int


class Each(NamedTuple):
    """What differs among K trees: as Scale and Task, gradient, hessian [K], use [K, D], key [K]."""

    shift: int
    gradient: np.ndarray
    hessian: np.ndarray
    use: np.ndarray
    key: np.ndarray


class Room(NamedTuple):
    """Where a tree is grown: pool [L, S] and part [B, S] int64 for sums, rows [N] int32 by leaf,
    spare [N + 1] int32, and bounds [L, 2] int64, where each leaf's rows begin and end. A pool of
    two holds the sums of the latest leaves alone: both halves of a split are added up."""

    pool: np.ndarray
    part: np.ndarray
    rows: np.ndarray
    spare: np.ndarray
    bounds: np.ndarray


class Leaves(NamedTuple):
    """Leaves while a tree grows, [L] each: packed sums, best gain, feature, mask [L, 4], sums on
    the left, place (node and side) [L, 2] in the tree, and slot in the pool."""

    sums: np.ndarray
    gain: np.ndarray
    feature: np.ndarray
    mask: np.ndarray
    left: np.ndarray
    place: np.ndarray
    slot: np.ndarray


@kernel
def _new_leaves(count):
    whole = np.zeros((5, count), np.int64)
    mask, place = np.zeros((count, 4), np.uint64), np.full((count, 2), -1)
    return Leaves(whole[0], np.zeros(count), whole[1], mask, whole[2], place, whole[3])


@kernel
def _drawn(use, tries, key, place):
    """Return [D] bool, `tries` of the features in use, drawn for a place (two whole numbers)."""
    some, out = np.flatnonzero(use), np.zeros_like(use)
    for k in range(min(tries, some.size)):
        at = k + np.int64(uniform(key, place[0], place[1], k, 0) * (some.size - k))
        some[k], some[at] = some[at], some[k]
        out[some[k]] = True
    return out


@kernel
def _search(leaf, task, room, scale, wide, leaves, found):
    """Keep the best split of a leaf."""
    rows = room.bounds[leaf, 1] - room.bounds[leaf, 0]
    leaves.gain[leaf] = 0.0
    if rows < 2 * task.rules.rows:
        return
    sums, tries, use = room.pool[leaves.slot[leaf]], task.rules.tries, task.use
    if tries > 0:
        use = _drawn(use, tries, task.key, room.bounds[leaf])
    node = Node(leaves.sums[leaf], rows, use)
    feature = best_split(sums, task.columns, node, scale, task.rules, wide, found)
    if tries > 0 and found.gain[feature] <= 0.0:  # none of those drawn tells rows apart
        node = Node(leaves.sums[leaf], rows, task.use)
        feature = best_split(sums, task.columns, node, scale, task.rules, wide, found)
    leaves.gain[leaf], leaves.feature[leaf] = found.gain[feature], feature
    leaves.mask[leaf], leaves.left[leaf] = found.mask[feature], found.left[feature]


@kernel
def _split_rows(leaf, new, task, room, wide, feature, mask):
    """Put the rows of a leaf that go left first, the others become those of leaf `new`.

    Missing numbers where none was seen go with the more rows: written to the mask.
    """
    columns, low, high = task.columns, room.bounds[leaf, 0], room.bounds[leaf, 1]
    column, places = columns.column[feature], columns.place[feature]
    goes_left = np.empty(CODES, np.int64)
    for code in range(CODES):
        goes_left[code] = in_mask(mask, places[code])
    word, shift = task.words[column >> 2], np.uint32(8 * (column & 3))
    left = divide(word, shift, goes_left, room.rows[low:high], room.spare, wide)
    if not columns.missing[feature] and 2 * left > high - low:
        add_to_mask(mask, columns.bins[feature])
    room.bounds[leaf, 1] = room.bounds[new, 0] = low + left
    room.bounds[new, 1] = high


@kernel
def _add_up(leaf, new, task, room, packed, wide, leaves):
    """Add up the smaller half, the larger keeps the parent's sums less those."""
    if room.pool.shape[0] < task.rules.leaves:
        for slot in range(2):
            one = new if slot else leaf
            leaves.slot[one] = slot
            rows = room.rows[room.bounds[one, 0] : room.bounds[one, 1]]
            start = task.columns.start
            histogram(task.words, rows, packed, start, room.part, wide, room.pool[slot])
        return
    small, large = leaf, new
    if room.bounds[leaf, 1] - room.bounds[leaf, 0] > room.bounds[new, 1] - room.bounds[new, 0]:
        small, large = new, leaf
    slot = leaves.slot[leaf]
    leaves.slot[large], leaves.slot[small] = slot, new
    rows = room.rows[room.bounds[small, 0] : room.bounds[small, 1]]
    sums, rest = room.pool[new], room.pool[slot]
    histogram(task.words, rows, packed, task.columns.start, room.part, wide, sums)
    for k in range(sums.size):
        rest[k] -= sums[k]


@kernel
def _split(leaf, new, task, room, wide, leaves, out_tree):
    """Split a leaf: a node of the tree, whose right leaf is `new`."""
    node, feature = new - 1, leaves.feature[leaf]
    out_tree.feature[node] = feature
    _split_rows(leaf, new, task, room, wide, feature, leaves.mask[leaf])
    out_tree.mask[node] = leaves.mask[leaf]
    out_tree.child[node, 0], out_tree.child[node, 1] = ~leaf, ~new
    parent, side = leaves.place[leaf]
    if parent >= 0:
        out_tree.child[parent, side] = node
    leaves.place[leaf, 0], leaves.place[leaf, 1] = node, 0
    leaves.place[new, 0], leaves.place[new, 1] = node, 1
    left = leaves.left[leaf]
    leaves.sums[new] = leaves.sums[leaf] - left
    leaves.sums[leaf] = left


@kernel
def _all_rows(packed, out_rows):
    """Write the numbers of all rows to out_rows [N]; return the sum of packed [N]."""
    total = packed[0]
    out_rows[0] = 0
    for i in range(1, packed.size):
        out_rows[i] = i
        total += packed[i]
    return total


@kernel
def grow(task, packed, scale, room, wide, out_tree):
    """Grow a tree to out_tree (child -1 before) on rows of packed sums [N]; return its leaves.

    room.rows holds the rows in order of leaves then, room.bounds where each leaf's are. wide:
    whether threads may share the work of a node.
    """
    features = task.use.size
    leaves, n = _new_leaves(room.bounds.shape[0]), room.rows.size
    masks, cuts = np.zeros((features, 4), np.uint64), np.zeros((features, 2), np.int64)
    found = Found(np.zeros(features), np.zeros(features, np.int64), masks, cuts)
    leaves.sums[0] = _all_rows(packed, room.rows)
    room.bounds[0, 0], room.bounds[0, 1] = 0, n
    start = task.columns.start
    histogram(task.words, room.rows, packed, start, room.part, wide, room.pool[0])
    _search(0, task, room, scale, wide, leaves, found)
    count = 1
    while count < task.rules.leaves:
        leaf = np.argmax(leaves.gain[:count])
        if leaves.gain[leaf] <= 0:
            break
        _split(leaf, count, task, room, wide, leaves, out_tree)
        count += 1
        if count < task.rules.leaves:  # else nobody asks for them
            _add_up(leaf, count - 1, task, room, packed, wide, leaves)
            _search(leaf, task, room, scale, wide, leaves, found)
            _search(count - 1, task, room, scale, wide, leaves, found)
    return count


@parallel_kernel
def grow_each(words, columns, rules, each, packed, rooms, out_trees, out_counts):
    """Grow a tree for each of K packed [K, N]: a thread grows a whole tree.

    each: Each; rooms and out_trees: with an axis K before.
    """
    for k in prange(packed.shape[0]):
        task = Task(words, columns, rules, each.use[k], each.key[k])
        room = Room(rooms.pool[k], rooms.part[k], rooms.rows[k], rooms.spare[k], rooms.bounds[k])
        tree = Tree(out_trees.feature[k], out_trees.child[k], out_trees.mask[k])
        scale = Scale(each.shift, each.gradient[k], each.hessian[k])
        out_counts[k] = grow(task, packed[k], scale, room, False, tree)
