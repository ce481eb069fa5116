"""Metrics of the probabilities of classes.

truth [N] is places of K classes, probabilities [N, K] from 0 to 1 whose rows add up to 1, weights
[N] of rows or None. All raise UserError for other arrays.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import check_count, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.metrics.base import check_classes, check_weights, mean, metric

LEAST = 1e-15  # a probability that is said to be 0 costs as much as this
SLACK = 1e-3  # of sums of rows: files have few digits


@metric("log loss", "probabilities", "Good 1952, section 5; p at least 1e-15", greater=False)
def log_loss(truth: Any, probabilities: Any, weights: Any = None) -> float:
    """Return the mean of -log p of the true class; p is taken as at least 1e-15."""
    truth, p, weights = _checked(truth, probabilities, weights)
    return -mean(log(np.maximum(p[np.arange(len(truth)), truth], LEAST)), weights)


@metric(
    "Brier score", "probabilities", "Brier 1950, equation 2; of two classes the half", greater=False
)
def brier(truth: Any, probabilities: Any, weights: Any = None) -> float:
    """Return the mean squared distance of p from the truth; of two classes that of one of them."""
    truth, p, weights = _checked(truth, probabilities, weights)
    distances = np.square(p - np.eye(p.shape[1])[truth])
    return mean(distances[:, 1] if p.shape[1] == 2 else distances.sum(1), weights)


def _checked(truth: Any, p: Any, weights: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    truth = check_classes(truth, "truth")
    p = check_numbers(p, "N K", "probabilities", np.float64)
    check_count(p, len(truth), "rows of probabilities", "labels")
    if truth.max() >= p.shape[1]:
        raise UserError(f"class {truth.max()} has no probability: there are {p.shape[1]} columns.")
    off = np.flatnonzero((p.min(1) < 0) | (np.abs(p.sum(1) - 1) > SLACK))
    if len(off):
        raise UserError(
            f"row {off[0] + 1} of the probabilities is not a distribution: numbers from 0 that add "
            "up to 1; give predict_proba's, not logits."
        )
    return truth, p, check_weights(weights, len(truth))
