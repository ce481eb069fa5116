"""Metrics of an order: scores of the second of two classes, whatever their scale.

truth [N] is 0 or 1, scores [N] finite numbers, weights [N] of rows or None. All raise UserError for
other arrays, and where a class is missing.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import check_count, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.metrics.base import check_classes, check_weights, metric


@metric("AUC", "scores", "Mann & Whitney 1947; Hanley & McNeil 1982, equation 1", two=True)
def auc(truth: Any, scores: Any, weights: Any = None) -> float:
    """Return the chance that a row of class 1 has a higher score than one of 0, ties half."""
    negatives, positives = by_score(truth, scores, weights, "AUC")
    above = np.cumsum(positives) - positives
    return float((negatives * (above + positives / 2)).sum() / (negatives.sum() * positives.sum()))


@metric("average precision", "scores", "Manning et al. 2008, section 8.4", two=True)
def average_precision(truth: Any, scores: Any, weights: Any = None) -> float:
    """Return the mean precision at the scores of the rows of class 1, equal scores together."""
    negatives, positives = by_score(truth, scores, weights, "average precision")
    found, taken = np.cumsum(positives), np.cumsum(positives + negatives)
    there = positives > 0
    return float((positives[there] * found[there] / taken[there]).sum() / positives.sum())


def by_score(truth: Any, scores: Any, weights: Any, title: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the weights of class 0 and of class 1 at each different score, the highest first."""
    truth = check_classes(truth, "truth")
    if truth.max() > 1:
        raise UserError(f"{title} is of two classes, and there are more; take log_loss.")
    scores = check_numbers(scores, "N", "scores", np.float64)
    check_count(scores, len(truth), "scores", "rows")
    weights = check_weights(weights, len(truth))
    _, place = np.unique(-scores, return_inverse=True)
    sums = [np.bincount(place, weights * (truth == k)) for k in (0, 1)]
    if not (sums[0].any() and sums[1].any()):
        raise UserError(
            f"all rows are of one class, so there is no {title}; give rows of both, as stratified "
            "folds have."
        )
    return sums[0], sums[1]
