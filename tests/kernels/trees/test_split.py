"""The best split: against every split of the rows."""

import numpy as np
import pytest

from rosenblatt.kernels.trees.histogram import histogram
from rosenblatt.kernels.trees.split import Found, Node, best_split
from tests.kernels.trees.cases import L2, LEAST, RULES, SCALE, table
from tests.reference.trees import grow as trees


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_the_best_split_of_all(seed, wide):
    x, _, words, columns, g, h, packed = table(seed)
    sums = np.empty(columns.start[-1], np.int64)
    rows = np.arange(len(x), dtype=np.int32)
    histogram(words, rows, packed, columns.start, np.empty((1, sums.size), np.int64), False, sums)
    masks, whole = np.zeros((4, 4), np.uint64), np.zeros((4, 2), np.int64)
    found = Found(np.zeros(4), whole[:, 0].copy(), masks, whole)
    node = Node(int(packed.sum()), len(x), np.ones(4, bool))
    feature = best_split(sums, columns, node, SCALE, RULES, wide, found)
    gain, left = trees.best(x, g, h, L2, LEAST)
    assert found.gain[feature] == pytest.approx(gain)
    assert found.left[feature] in (packed[left].sum(), packed[~left].sum())
    node.use[feature] = False
    other = best_split(sums, columns, node, SCALE, RULES, wide, found)
    assert other != feature
    assert found.gain[feature] == 0
