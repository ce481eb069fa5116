"""Sums by code, and rows shared out: against NumPy, serial and wide."""

import numpy as np
import pytest

from rosenblatt.kernels.trees.histogram import BLOCK, divide, histogram
from tests.kernels.trees.cases import table


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("count", [1, 70, 2 * BLOCK + 5])
def test_sums_by_code(count, wide):
    _, _, words, columns, _, _, packed = table(2, count)
    rows = np.flatnonzero(np.arange(count) % 3 < 2).astype(np.int32)
    out = np.full(columns.start[-1], 7)
    part = np.empty((4, out.size), np.int64)
    histogram(words, rows, packed, columns.start, part, wide, out)
    codes = np.ascontiguousarray(words.T).view(np.uint8)[rows]
    for column, (low, high) in enumerate(zip(columns.start, columns.start[1:], strict=False)):
        wanted = np.zeros(high - low, np.int64)
        np.add.at(wanted, codes[:, column], packed[rows])
        np.testing.assert_array_equal(out[low:high], wanted)


@pytest.mark.parametrize("wide", [False, True])
@pytest.mark.parametrize("count", [1, 100, 2 * BLOCK + 1, 3 * BLOCK])
def test_rows_keep_their_order_on_either_side(count, wide):
    rng = np.random.default_rng(count)
    word = rng.integers(0, 2**32, count, dtype=np.uint32)
    rows, goes = rng.permutation(count).astype(np.int32), rng.integers(0, 2, 256)
    left = goes[(word[rows] >> np.uint32(8)) & 255] == 1
    wanted = np.concatenate([rows[left], rows[~left]])
    assert divide(word, np.uint32(8), goes, rows, np.empty(count + 1, np.int32), wide) == left.sum()
    np.testing.assert_array_equal(rows, wanted)
