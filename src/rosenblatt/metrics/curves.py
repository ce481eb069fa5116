"""Curves behind the metrics: what a threshold costs and gains, and whether shares can be believed.

truth [N] is 0 or 1, scores [N] finite numbers; UserError for other arrays, and where a class is
missing.
"""

from typing import Any, NamedTuple

import numpy as np

from rosenblatt.arrays import check_count, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.metrics.base import check_classes
from rosenblatt.metrics.scores import by_score
from rosenblatt.ranges import Whole, check_value


class Curve(NamedTuple):
    """Points of a curve, x [n] and y [n] float64."""

    x: np.ndarray
    y: np.ndarray


class Calibration(NamedTuple):
    """Bins of rows: the mean share that was said, the share that was true, how many rows."""

    said: np.ndarray
    true: np.ndarray
    rows: np.ndarray


class ClassScores(NamedTuple):
    """What each of K classes scored, [K] float64: NaN where a ratio is of nothing; rows: of it."""

    precision: np.ndarray
    recall: np.ndarray
    f1: np.ndarray
    rows: np.ndarray


def roc_curve(truth: Any, scores: Any) -> Curve:
    """Return false against true positive rates as the threshold falls (Fawcett 2006, algorithm 1).

    From (0, 0) to (1, 1), one point for each different score; the area below is `auc`.
    """
    negatives, positives = by_score(truth, scores, None, "ROC curve")
    rates = [np.cumsum(part) / part.sum() for part in (negatives, positives)]
    return Curve(*(np.concatenate([[0.0], rate]) for rate in rates))


def precision_recall_curve(truth: Any, scores: Any) -> Curve:
    """Return recall against precision as the threshold falls, one point for each different score.

    Davis & Goadrich 2006, section 2. The last has recall 1.
    """
    negatives, positives = by_score(truth, scores, None, "precision-recall curve")
    found, taken = np.cumsum(positives), np.cumsum(positives + negatives)
    return Curve(found / positives.sum(), found / taken)


def calibration(truth: Any, shares: Any, bins: int = 10) -> Calibration:
    """Return how often what was said to have a share of being true was (DeGroot & Fienberg 1983).

    truth [N] is 0 or 1, shares [N] from 0 to 1. The rows are ordered by their share and cut into as
    many bins of equal size, fewer where there are fewer rows. Raises UserError for other arrays.
    """
    truth = check_classes(truth, "truth", two=True)
    shares = check_numbers(shares, "N", "shares", np.float64)
    check_count(shares, len(truth), "shares", "rows")
    if shares.min() < 0 or shares.max() > 1:
        raise UserError("shares: each lies between 0 and 1; divide the votes by their sum.")
    check_value("bins", bins, Whole(1, 1000))
    parts = np.array_split(np.argsort(shares, kind="stable"), min(bins, len(truth)))
    said, true = (np.array([x[part].mean() for part in parts]) for x in (shares, truth))
    return Calibration(said, true, np.array([len(part) for part in parts]))


def class_scores(counts: Any) -> ClassScores:
    """Return precision, recall and F1 of each class from a confusion matrix [K, K], true by row.

    van Rijsbergen 1979, chapter 7. Raises UserError where it is none.
    """
    counts = check_numbers(counts, "K K", "confusion matrix", np.float64)
    if counts.shape[0] != counts.shape[1] or counts.min() < 0:
        raise UserError("a confusion matrix is square and counts rows: none is below 0.")
    right, rows, said = counts.diagonal(), counts.sum(1), counts.sum(0)
    ratios = ((right, said), (right, rows), (2 * right, rows + said))
    precision, recall, f1 = (
        np.where(of > 0, part / np.where(of > 0, of, 1), np.nan) for part, of in ratios
    )
    return ClassScores(precision, recall, f1, rows)
