"""Folds: every row in one, classes spread, neighbours together where asked."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.data.folds import SPLIT, block_folds, group_folds, stratified_folds, time_folds
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


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 9), min_size=4, max_size=60), st.integers(0, 9))
def test_groups_are_never_torn_and_folds_are_about_even(drawn, seed):
    groups = np.array(drawn)
    folds = min(3, len({*drawn}))
    if folds < 2:
        with pytest.raises(UserError, match="cannot split 1 groups"):
            group_folds(groups, 2, np.random.default_rng(seed))
        return
    fold = group_folds(groups, folds, np.random.default_rng(seed))
    assert all(len({*fold[groups == group]}) == 1 for group in drawn)
    sizes = np.bincount(fold, minlength=folds)
    assert sizes.min() >= 1
    assert sizes.max() - sizes.min() <= np.bincount(groups).max()


def test_groups_of_one_size_are_drawn():
    drawn = [group_folds(np.arange(30) // 2, 5, np.random.default_rng(seed)) for seed in (1, 1, 2)]
    assert np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])


def test_what_comes_last_is_held_out():
    times = np.random.default_rng(0).permutation(40).astype(float)
    fold = time_folds(times, np.arange(100.0, 120), 5)
    assert sorted(times[fold == 0]) == [*range(32, 40)]
    assert fold[np.argsort(times)].tolist() == np.repeat([4, 3, 2, 1, 0], 8).tolist()
    assert {*fold.tolist()} == {0, 1, 2, 3, 4}


def test_the_end_of_each_stretch_before_test_rows_is_held_out():
    days = np.arange(60.0)
    train = days % 30 < 20  # and the last ten of each month are asked for
    fold = time_folds(days[train], days[~train], 5)
    assert days[train][fold == 0].tolist() == [16, 17, 18, 19, 46, 47, 48, 49]
    assert days[train][fold == 1].tolist() == [12, 13, 14, 15, 42, 43, 44, 45]


def test_stretches_of_few_times_leave_no_fold_without_rows():
    times = np.repeat([1.0, 2.0, 5.0, 6.0], 10)
    fold = time_folds(times, np.array([3.0, 9.0]), 5)
    assert [{*fold[times == time]} for time in (1, 2, 5, 6)] == [{1}, {0}, {1}, {0}]


def test_rows_of_one_time_stay_together():
    times = np.repeat([1.0, 2.0, 3.0, 4.0], 10)
    fold = time_folds(times, np.array([9.0]), 2)
    assert [{*fold[times == time]} for time in (1, 2, 3, 4)] == [{1}, {1}, {0}, {0}]


def test_rows_among_test_rows_have_no_end_to_hold_out():
    with pytest.raises(UserError, match="between nearly all training rows"):
        time_folds(np.arange(0.0, 40, 2), np.arange(1.0, 40, 2), 5)


@pytest.mark.parametrize(("text", "known"), [
    ("stratified", True), ("blocks", True), ("group", True), ("group Ticket no", True),
    ("time", True), ("time when", True), ("my/folds.csv", True), ("blocks x", False), ("", False),
    ("grouped", False), ("folds.txt", False),
])  # fmt: skip
def test_ways_to_split_are_known_by_their_first_word(text, known):
    assert SPLIT.holds(text) == known
