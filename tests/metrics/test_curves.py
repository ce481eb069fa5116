"""Curves against loops over every threshold, and against the areas that metrics give."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.metrics import METRICS, confusion_matrix, curves


def some(seed, rows=30):
    rng = np.random.default_rng(seed)
    truth = np.r_[0, 1, rng.integers(0, 2, rows)]
    return truth, rng.integers(0, 9, len(truth)) / 8.0


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32))
def test_every_threshold_is_a_point(seed):
    truth, scores = some(seed)
    roc, pr = [(0.0, 0.0)], []
    for threshold in sorted(set(scores.tolist()), reverse=True):
        taken = [bool(t) for t, s in zip(truth, scores, strict=True) if s >= threshold]
        right, wrong = sum(taken), len(taken) - sum(taken)
        positives = int(truth.sum())
        roc.append((wrong / (len(truth) - positives), right / positives))
        pr.append((right / positives, right / len(taken)))
    np.testing.assert_allclose(np.array(curves.roc_curve(truth, scores)).T, roc, atol=1e-12)
    np.testing.assert_allclose(
        np.array(curves.precision_recall_curve(truth, scores)).T, pr, atol=1e-12
    )
    found = curves.roc_curve(truth, scores)
    assert np.trapezoid(found.y, found.x) == pytest.approx(METRICS["auc"](truth, scores))


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32), bins=st.integers(1, 50))
def test_bins_hold_all_rows_in_the_order_of_their_shares(seed, bins):
    truth, shares = some(seed)
    found = curves.calibration(truth, shares, bins)
    assert found.rows.sum() == len(truth)
    assert found.rows.max() - found.rows.min() <= 1
    assert (np.diff(found.said) >= 0).all()
    assert (found.rows * found.true).sum() == pytest.approx(truth.sum())
    assert (found.rows * found.said).sum() == pytest.approx(shares.sum())


def test_shares_that_are_right_lie_on_the_diagonal():
    rng = np.random.default_rng(0)
    shares = rng.random(100_000)
    found = curves.calibration((rng.random(100_000) < shares).astype(int), shares)
    np.testing.assert_allclose(found.true, found.said, atol=0.02)


def test_a_class_that_nobody_named_has_no_precision():
    counts = confusion_matrix([0, 0, 1, 2], [0, 1, 1, 1], 4)
    found = curves.class_scores(counts)
    np.testing.assert_array_equal(found.precision, [1, 1 / 3, np.nan, np.nan])
    np.testing.assert_array_equal(found.recall, [0.5, 1, 0, np.nan])
    np.testing.assert_array_equal(found.f1, [2 / 3, 0.5, 0, np.nan])
    np.testing.assert_array_equal(found.rows, [2, 1, 1, 0])


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (curves.roc_curve, ([0, 0], [0.1, 0.2])),
        (curves.precision_recall_curve, ([0, 1, 2], [0.1, 0.2, 0.3])),
        (curves.calibration, ([0, 1], [0.1, 1.2])),
        (curves.class_scores, ([[1, 2, 3], [4, 5, 6]],)),
    ],
)
def test_what_is_no_curve_is_refused(call, arguments):
    with pytest.raises(UserError):
        call(*arguments)
