"""Folds: every row in one, classes spread, neighbours together where asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.data.folds import block_folds, stratified_folds
from rosenblatt.errors import UserError

labels_and_folds = st.lists(st.integers(0, 4), min_size=2, max_size=60).flatmap(
    lambda labels: st.tuples(st.just(np.array(labels)), st.integers(2, len(labels)))
)


@settings(max_examples=25, deadline=None)
@given(labels_and_folds, st.integers(0, 9))
def test_classes_are_spread_evenly(drawn, seed):
    labels, folds = drawn
    fold = stratified_folds(labels, folds, np.random.default_rng(seed))
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.sum() == len(labels)
    assert sizes.max() - sizes.min() <= 1
    for label in set(labels):
        counts = np.bincount(fold[labels == label], minlength=folds)
        assert counts.max() - counts.min() <= 1


def test_the_draw_follows_the_generator():
    labels = np.arange(40) % 4
    draws = [stratified_folds(labels, 5, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(draws[0], draws[1])
    assert not np.array_equal(draws[0], draws[2])


def test_blocks_keep_neighbours_together():
    assert block_folds(7, 3).tolist() == [0, 0, 0, 1, 1, 2, 2]


@pytest.mark.parametrize("folds", [1, 5])
def test_impossible_numbers_of_folds_are_refused(folds):
    with pytest.raises(UserError, match="folds"):
        stratified_folds(np.zeros(4, int), folds, np.random.default_rng(0))
