"""Numbers to bins: against NumPy's search."""

import numpy as np
import pytest

from rosenblatt.kernels.trees.bins import Bins, encode, encode_words
from tests.kernels.trees.cases import table


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("count", [0, 1, 2, 5, 254])
def test_a_bin_is_the_number_of_cuts_below(count, dtype):
    rng = np.random.default_rng(count)
    cuts = np.sort(rng.integers(-300, 300, count)).astype(float)
    x = np.append(rng.integers(-310, 310, 500), [cuts[0] if count else 0]).astype(dtype)[:, None]
    x[3] = np.nan
    out = np.empty(len(x), np.uint8)
    encode(x, Bins(cuts, np.array([0, count]), np.zeros(1, bool)), 0, out)
    wanted = np.where(np.isnan(x[:, 0]), count + 1, np.searchsorted(cuts, x[:, 0], "left"))
    np.testing.assert_array_equal(out, wanted)


def test_categories_are_found_or_are_others():
    known = np.array([1.0, 4.0, 9.0])
    x = np.array([[1.0], [4.0], [9.0], [0.0], [5.0], [10.0], [np.nan]])
    out = np.empty(7, np.uint8)
    encode(x, Bins(known, np.array([0, 3]), np.ones(1, bool)), 0, out)
    assert out.tolist() == [0, 1, 2, 3, 3, 3, 4]


def test_words_hold_the_bins_of_all_features():
    x, bins, _, columns, *_ = table(1, 9000)
    words = np.empty(((len(columns.start) - 1) // 4, len(x)), np.uint32)
    encode_words(x, bins, columns, words)
    bytes_, one = np.ascontiguousarray(words.T).view(np.uint8), np.empty(len(x), np.uint8)
    for f in range(4):
        encode(x, bins, f, one)
        code = bytes_[:, columns.column[f]] // columns.stride[f] % columns.bins[f]
        np.testing.assert_array_equal(code, one)
