"""Columns in pieces: against a loop, and what every column must keep."""

from itertools import pairwise

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from rosenblatt.features.pieces import Pieces, many_values


def by_hand(x: np.ndarray, new: np.ndarray, number: int) -> np.ndarray:
    found = []
    for d in range(x.shape[1]):
        known = sorted(x[:, d].tolist())
        if len({*known}) <= 10:
            continue
        ends = sorted({known[(len(known) - 1) * k // number] for k in range(number + 1)})
        for low, high in pairwise(ends):
            way = [min(max((v - low) / (high - low), 0), 1) for v in new[:, d].tolist()]
            found.append([2 * one - 1 for one in way])
    return np.array(found).T


def test_pieces_are_those_of_a_loop():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(90, 4)).astype(np.float32)
    x[:, 1] = np.round(x[:, 1] * 2)  # of few values, and quantiles that fall together
    x[:, 2] = np.where(x[:, 2] > 0, x[:, 2], 0)
    new = np.vstack([x[:20], 9 * rng.normal(size=(20, 4)).astype(np.float32)])
    pieces = Pieces.cut(x, many_values(x), 8)
    assert many_values(x) == [0, 2, 3]
    np.testing.assert_allclose(pieces(new), by_hand(x, new, 8), atol=1e-5)
    assert pieces(new).dtype == np.float32


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_more_of_a_number_is_more_of_its_pieces(seed, number):
    x = np.random.default_rng(seed).gumbel(size=(30, 1)).astype(np.float32)
    rows = Pieces.cut(x, many_values(x), number)(np.sort(x, 0))
    assert (np.diff(rows, axis=0) >= 0).all()
    assert (np.diff(rows.sum(1)) > 0).any()
    assert rows.min() == -1
    assert rows.max() == 1


def test_columns_of_few_values_have_none():
    x = np.repeat(np.arange(5, dtype=np.float32), 4)[:, None]
    assert Pieces.cut(x, many_values(x), 16)(x).shape == (20, 0)
