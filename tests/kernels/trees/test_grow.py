"""A tree: against one that tries every split, with the same rows in its leaves."""

import numpy as np
import pytest

from rosenblatt.classic.rounds import _room
from rosenblatt.kernels.trees.grow import Each, Room, Task, Tree, grow, grow_each
from tests.kernels.trees.cases import L2, LEAST, RULES, SCALE, table
from tests.reference.trees import grow as trees


@pytest.mark.parametrize("kept", [2, RULES.leaves])
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_leaves_hold_the_rows_of_the_tree_by_trying_everything(seed, each, kept):
    x, _, words, columns, g, h, packed = table(seed)
    rooms, leaves = _room(2, len(x), RULES.leaves, kept, columns), RULES.leaves
    tree = Tree(
        np.zeros((2, leaves - 1), np.int32),
        np.full((2, leaves - 1, 2), -1, np.int16),
        np.zeros((2, leaves - 1, 4), np.uint64),
    )
    room, one = Room(*(part[1] for part in rooms)), Tree(*(part[1] for part in tree))
    if each:
        counts, factors = np.zeros(2, np.int64), np.full(2, SCALE.gradient)
        keys = np.zeros(2, np.uint64)
        use = np.ones((2, 4), bool)
        scales = Each(SCALE.shift, factors, np.full(2, SCALE.hessian), use, keys)
        both = np.stack([packed, packed])
        grow_each(words, columns, RULES, scales, both, rooms, tree, counts)
        np.testing.assert_array_equal(*tree.mask)
        count = counts[1]
    else:
        task = Task(words, columns, RULES, np.ones(4, bool), np.uint64(0))
        count = grow(task, packed, SCALE, room, True, one)
    found = [room.rows[low:high].tolist() for low, high in room.bounds[:count]]
    wanted = trees.tree(x, g, h, leaves, L2, LEAST)
    assert sorted(map(sorted, found)) == sorted(rows.tolist() for rows in wanted)
    assert (one.child[: count - 1] != -1).any()
