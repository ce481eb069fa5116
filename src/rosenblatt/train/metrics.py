"""Scores of predictions. Counts and ratios of counts, so exact."""

import numpy as np

from rosenblatt.arrays import as_numbers, check_numbers, check_whole
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementary import log
from rosenblatt.kernels.core.sums import sum_of_squares, total
from rosenblatt.ranges import check_value
from rosenblatt.train.losses import CLASSES, as_class_numbers, as_outputs, as_pair


def accuracy(outputs: np.ndarray, targets: np.ndarray, *, ignored: int | None = None) -> float:
    """Return the share of rows whose largest output is the target.

    outputs [..., K]: logits or probabilities; targets: labels [...], those that equal `ignored`
    left out, or weights [..., K], whose largest is the label; rows of zeros are left out.
    Raises UserError where shapes or labels do not fit, an output is no number, or no row is left.
    """
    outputs, targets = as_outputs(outputs), as_numbers(targets, "targets")
    if np.isnan(outputs).any():
        raise UserError("some outputs are no numbers: they have no largest.")
    if targets.shape == outputs.shape:
        labels = np.where(targets.any(-1), targets.argmax(-1), -1).reshape(-1)
    elif targets.shape == outputs.shape[:-1]:
        labels = as_class_numbers(targets, outputs.shape[-1], ignored)
    else:
        raise UserError(f"targets of shape {targets.shape} for outputs of shape {outputs.shape}.")
    counted = int((labels >= 0).sum())
    if counted == 0:
        raise UserError("no row counts: there is no accuracy of nothing.")
    return int((outputs.argmax(-1).reshape(-1) == labels).sum()) / counted


def confusion_matrix(labels: np.ndarray, predictions: np.ndarray, classes: int) -> np.ndarray:
    """Return counts [classes, classes]: row is the true label, column the predicted one.

    labels [N] and predictions [N] are whole numbers from 0. Raises UserError where they are not.
    """
    check_value("classes", classes, CLASSES)
    labels = check_whole(labels, "N", 0, classes - 1, "labels")
    predictions = check_whole(predictions, "N", 0, classes - 1, "predictions")
    if len(labels) != len(predictions):
        raise UserError(f"there are {len(predictions)} predictions for {len(labels)} labels.")
    counts = np.bincount(labels * classes + predictions, minlength=classes * classes)
    return counts.reshape(classes, classes)


def log_loss(probabilities: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean of -log p of the true class; p is taken as at least 1e-15.

    probabilities [N, K] in 0..1, labels [N]. Raises UserError where they are not.
    """
    probabilities = check_numbers(probabilities, "N K", "probabilities", np.float64)
    if probabilities.min() < 0 or probabilities.max() > 1 + 1e-6:
        raise UserError("probabilities are from 0 to 1; give predict_proba's, not logits.")
    labels = check_whole(labels, "N", 0, probabilities.shape[1] - 1, "labels")
    if len(labels) != len(probabilities):
        raise UserError(f"there are {len(labels)} labels for {len(probabilities)} rows.")
    true = probabilities[np.arange(len(labels)), labels]
    return -total(np.array([log(np.float64(max(p, 1e-15))) for p in true])) / len(labels)


def root_mean_squared_error(outputs: np.ndarray, targets: np.ndarray) -> float:
    """Return the root of the mean squared difference of two arrays of one shape.

    Raises UserError as losses.as_pair.
    """
    outputs, targets = as_pair(outputs, targets)
    difference = np.subtract(outputs, targets, dtype=np.float64).reshape(-1)
    return float(np.sqrt(sum_of_squares(difference) / difference.size))
