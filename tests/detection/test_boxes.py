"""Overlap, suppression and corrections against their twins; average precision by hand."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.detection.boxes import (
    area,
    check_boxes,
    clip,
    correct,
    corrections,
    enlarge,
    non_maximum_suppression,
    overlap,
)
from rosenblatt.detection.precision import (
    Detections,
    average_precision,
    coverage,
    precision_recall,
)
from rosenblatt.errors import UserError
from tests.reference.vision import boxes as reference


def boxes(count, seed, side=12):
    corners = np.sort(np.random.default_rng(seed).integers(0, side, (count, 2, 2)), axis=1)
    corners[:, 1] += 1
    return corners.reshape(count, 4)


@given(st.integers(1, 5), st.integers(1, 5), st.integers(0, 99))
@settings(max_examples=15, deadline=None)
def test_overlap_equals_counting_pixels(first, second, seed):
    a, b = boxes(first, seed), boxes(second, seed + 1)
    expected = [[reference.overlap(one, other) for other in b] for one in a]
    np.testing.assert_allclose(overlap(a, b), expected, rtol=1e-12)


@given(st.integers(0, 12), st.sampled_from([0.0, 0.3, 0.5, 1.0]), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_suppression_equals_its_twin(count, threshold, seed):
    found = boxes(count, seed, 6)
    scores = np.random.default_rng(seed).integers(0, 4, count) / 4  # many are equal
    expected = reference.non_maximum_suppression(found.tolist(), scores, threshold)
    assert non_maximum_suppression(found, scores, threshold).tolist() == expected


def test_corrections_lead_to_the_truth():
    first, second = boxes(20, 0, 30), boxes(20, 1, 30)
    np.testing.assert_allclose(correct(first, corrections(first, second)), second, atol=1e-9)
    np.testing.assert_allclose(correct(first, np.zeros((20, 4))), first, atol=1e-12)
    # By hand: a box of 10 x 20 moved by a tenth down and twice as wide.
    step = corrections(np.array([[0, 0, 10, 20]]), np.array([[1, -10, 11, 30]]))
    np.testing.assert_allclose(step, [[0.1, 0, 0, np.log(2)]], atol=1e-12)


def test_boxes_grow_on_all_sides_as_far_as_the_image_goes():
    boxes = np.array([[10.0, 20, 14, 28], [0, 2, 20, 22]])
    assert enlarge(boxes, 0.25, (20, 40)).tolist() == [[9, 18, 15, 30], [0, 0, 20, 27]]


def test_areas_and_cuts():
    np.testing.assert_array_equal(area(np.array([[1, 2, 4, 7], [3, 3, 3, 9]])), [15, 0])
    cut = clip(np.array([[-3.0, 2.0, 50.0, 99.0]]), (10, 20))
    np.testing.assert_array_equal(cut, [[0, 2, 10, 20]])


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([[0, 0, 5]], "rows of top"),
        ([[0, 0, 5, 5], [3, 1, 3, 4]], "box 2 is empty"),
        ([[0, 0, 5, 11]], r"box 1 \(0, 0, 5, 11\) lies outside of the image of 10 x 10"),
        ([[-1, 0, 5, 5]], "outside"),
        ([[0, 0, float("nan"), 5]], "empty"),
    ],
)
def test_boxes_that_cannot_be_are_refused(rows, message):
    with pytest.raises(UserError, match=f"here.png: .*{message}"):
        check_boxes(np.array(rows), (10, 10), "here.png")


def by_hand():
    """Three true boxes in two images; found, best first: right, wrong, right, a double, wrong."""
    truth = [np.array([[0, 0, 10, 10], [20, 20, 30, 30]]), np.array([[0, 0, 10, 10]])]
    first = np.array([[0, 0, 10, 10], [50, 50, 60, 60], [0, 0, 10, 11]])
    second = np.array([[0, 1, 10, 10], [40, 40, 50, 50]])
    found = [
        Detections(first, np.array([0.9, 0.8, 0.6])),
        Detections(second, np.array([0.7, 0.5])),
    ]
    return found, truth


def test_average_precision_by_hand():
    curve = precision_recall(*by_hand())
    assert curve.hits.tolist() == [True, False, True, False, False]
    np.testing.assert_allclose(curve.recall, [1 / 3, 1 / 3, 2 / 3, 2 / 3, 2 / 3])
    np.testing.assert_allclose(curve.precision, [1, 1 / 2, 2 / 3, 2 / 4, 2 / 5])
    # Area: a third at precision 1, a third at 2/3. Eleven points: 0 to 0.3 at 1, 0.4 to 0.6 at 2/3.
    assert average_precision(curve) == pytest.approx(1 / 3 + 2 / 9)
    assert average_precision(curve, points=True) == pytest.approx((4 * 1 + 3 * 2 / 3) / 11)


def test_perfect_and_empty_detections():
    _, truth = by_hand()
    perfect = [Detections(t, np.ones(len(t))) for t in truth]
    for points in (False, True):
        assert average_precision(precision_recall(perfect, truth), points) == pytest.approx(1)
        none = [Detections(np.zeros((0, 4)), np.zeros(0)) for _ in truth]
        assert average_precision(precision_recall(none, truth), points) == 0
    with pytest.raises(UserError, match="no image has a true box"):
        precision_recall(perfect[:1], [np.zeros((0, 4))])


def test_coverage_counts_true_boxes():
    windows = [np.array([[0, 0, 10, 10], [20, 20, 30, 25]]), np.zeros((0, 4))]
    share, mean = coverage(windows, by_hand()[1], 0.6)
    assert (share, mean) == (pytest.approx(1 / 3), pytest.approx(0.5))
