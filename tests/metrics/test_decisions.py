"""Cuts are the best there are, found by trying all; and what needs none has none."""

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS
from rosenblatt.metrics.decisions import (
    answer,
    answer_held,
    classes_held,
    cuts_for,
    decide,
)


def some(classes, rows, seed):
    rng = np.random.default_rng(seed)
    truth = np.r_[np.arange(classes), rng.integers(0, classes, rows)]
    votes = rng.random((len(truth), classes)) + 0.6 * np.eye(classes)[truth]
    return truth, np.round(votes / votes.sum(1, keepdims=True), 2)


@pytest.mark.parametrize("name", ["f1", "macro_f1", "matthews", "balanced_accuracy"])
@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), rows=st.integers(1, 40))
@example(seed=4690, rows=1)  # all of one class is best
def test_no_threshold_is_better(name, seed, rows):
    metric = METRICS[name]
    truth, votes = some(2, rows, seed)
    cuts = cuts_for(metric, truth, votes)
    found = metric(truth, decide(votes, cuts))
    shares = votes[:, 1] / votes.sum(1)
    every = [(shares >= low).astype(int) for low in [*np.unique(shares), 2]]
    assert found >= max(metric(truth, said) for said in every) - 1e-9
    assert found >= metric(truth, (shares >= 0.5).astype(int)) - 1e-9


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_roundings_beat_plain_ones_and_no_single_move_beats_them(seed):
    metric = METRICS["quadratic_kappa"]
    truth, votes = some(4, 25, seed)
    cuts = cuts_for(metric, truth, votes)
    assert list(cuts) == sorted(cuts)
    found = metric(truth, decide(votes, cuts))
    assert found >= metric(truth, decide(votes, (0.5, 1.5, 2.5))) - 1e-9
    places = np.sort(votes @ np.arange(4) / votes.sum(1))
    for edge in (places[1:] + places[:-1]) / 2:
        for cut in range(3):
            moved = (*cuts[:cut], edge, *cuts[cut + 1 :])
            if list(moved) == sorted(moved):
                assert metric(truth, decide(votes, moved)) <= found + 1e-9


def test_a_rare_class_gets_a_lower_threshold():
    rng = np.random.default_rng(0)
    shares = rng.random(50_000) ** 6
    truth = (rng.random(50_000) < shares).astype(int)
    votes = np.column_stack([1 - shares, shares])
    metric = METRICS["f1"]
    [threshold] = cuts_for(metric, truth, votes)
    best = max(metric(truth, (shares >= t).astype(int)) for t in np.linspace(0.1, 0.6, 51))
    found = metric(truth, decide(votes, (threshold,)))
    assert threshold == pytest.approx(found / 2, abs=0.05)  # Lipton et al. 2014, theorem 1
    assert found > best - 2e-3


def test_what_the_most_votes_decide_has_no_cuts():
    truth, votes = some(3, 20, 0)
    for name in ("accuracy", "log_loss", "macro_f1"):
        assert cuts_for(METRICS[name], truth, votes) is None
    np.testing.assert_array_equal(decide(votes), votes.argmax(1))


def test_votes_that_do_not_fit_are_refused():
    with pytest.raises(UserError, match="no vote"):
        cuts_for(METRICS["f1"], [0, 2], np.ones((2, 2)))
    with pytest.raises(UserError, match="3 rows of votes for 2 labels"):
        cuts_for(METRICS["f1"], [0, 1], np.ones((3, 2)))


def test_no_row_decides_its_own_answer():
    """Cuts of a fold are those of all others: other labels in it change nothing in it."""
    truth, votes = some(2, 60, 3)
    fold = np.arange(len(truth)) % 3
    metric = METRICS["f1"]
    found = answer_held(metric, truth, votes, fold)
    for k in range(3):
        other = np.where(fold == k, 1 - truth, truth)
        again = answer_held(metric, other, votes, fold)
        np.testing.assert_array_equal(again[fold == k], found[fold == k])


def test_votes_become_what_the_metric_wants():
    votes = np.array([[1.0, 3.0], [2.0, 0.0]])
    np.testing.assert_array_equal(answer(METRICS["auc"], votes), [0.75, 0])
    np.testing.assert_array_equal(answer(METRICS["log_loss"], votes), [[0.25, 0.75], [1, 0]])
    np.testing.assert_array_equal(answer(METRICS["f1"], votes, (0.8,)), [0, 0])


def test_classes_are_said_by_the_cuts_of_a_metric_that_has_them():
    rng = np.random.default_rng(2)
    truth = (rng.random(400) < 0.1).astype(np.int64)  # so rare that one half is no good cut
    share = np.clip(0.1 + 0.15 * truth + 0.05 * rng.standard_normal(400), 0, 1)
    votes, fold = np.stack([1 - share, share], 1), np.arange(400) % 5
    by_cut = classes_held(METRICS["f1"], truth, votes, fold)
    assert METRICS["f1"](truth, by_cut) > 0.7
    assert by_cut.sum() > votes.argmax(1).sum() == 0
    for name in ("auc", "log_loss", "accuracy"):
        assert (classes_held(METRICS[name], truth, votes, fold) == votes.argmax(1)).all()
