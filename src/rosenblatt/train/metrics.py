"""Scores of predictions. Counts and ratios of counts, so exact."""

import numpy as np

from rosenblatt.kernels.elementary import log
from rosenblatt.kernels.sums import sum_of_squares, total


def accuracy(outputs: np.ndarray, targets: np.ndarray) -> float:
    """Return the share of rows whose largest output is the target.

    outputs [..., K]: logits or probabilities; targets: labels [...], those below 0 left out, or
    weights [..., K], whose largest is the label. 0.0 where no row is left.
    """
    if targets.shape == outputs.shape:
        targets = targets.argmax(-1)
    counted = int((targets >= 0).sum())
    return int((outputs.argmax(-1) == targets).sum()) / max(counted, 1)


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Return counts [classes, classes]: row is the true label, column the predicted one."""
    counts = np.bincount(labels * classes + predictions, minlength=classes * classes)
    return counts.reshape(classes, classes)


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of -log p of the true class; p is taken as at least 1e-15.

    probabilities [N, K], labels [N].
    """
    true = probabilities[np.arange(len(labels)), labels]
    return -total(np.array([log(np.float64(max(p, 1e-15))) for p in true])) / len(labels)


def root_mean_squared_error(outputs: np.ndarray, targets: np.ndarray) -> float:
    """Return the root of the mean squared difference of two arrays of one shape."""
    difference = np.subtract(outputs, targets, dtype=np.float64).reshape(-1)
    return float(np.sqrt(sum_of_squares(difference) / difference.size))
