"""Metrics of predicted classes: each a formula of the confusion matrix.

Truth and predictions are places of classes, whole numbers [N] from 0; weights [N] count each row
so many times, None once. All raise UserError for other arrays.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import check_count
from rosenblatt.errors import UserError
from rosenblatt.metrics.base import check_classes, check_weights, metric
from rosenblatt.ranges import Whole, check_value


def confusion_matrix(
    truth: Any, predicted: Any, classes: int | None = None, weights: Any = None
) -> np.ndarray:
    """Return counts [K, K]: row is the true class, column the predicted one.

    int64, or float64 with weights. classes: K, or as many as there are. Raises UserError where
    truth and predictions are not places of K classes, or not as many.
    """
    truth, predicted = check_classes(truth, "truth"), check_classes(predicted, "predictions")
    check_count(predicted, len(truth), "predictions", "rows")
    most = int(max(truth.max(), predicted.max())) + 1
    if classes is None:
        classes = most
    check_value("classes", classes, Whole(1, 4096))
    if most > classes:
        raise UserError(f"class {most - 1} is not one of {classes} classes, 0 to {classes - 1}.")
    counts = np.bincount(
        truth * classes + predicted,
        None if weights is None else check_weights(weights, len(truth)),
        classes * classes,
    )
    return counts.reshape(classes, classes)


@metric("accuracy", "labels", "the share of rows whose class is right")
def accuracy(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the share of rows whose class is right."""
    truth, predicted = check_classes(truth, "truth"), check_classes(predicted, "predictions")
    check_count(predicted, len(truth), "predictions", "rows")
    weights = check_weights(weights, len(truth))
    return float((weights * (truth == predicted)).sum() / weights.sum())


@metric("balanced accuracy", "labels", "Brodersen et al. 2010, equation 7")
def balanced_accuracy(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the mean over the true classes of the share of their rows that is right."""
    counts = confusion_matrix(truth, predicted, None, weights)
    rows = counts.sum(1)
    there = rows > 0
    return float((counts.diagonal()[there] / rows[there]).mean())


@metric("F1", "labels", "van Rijsbergen 1979, chapter 7, with equal weights", two=True)
def f1(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return 2 TP / (2 TP + FP + FN) of class 1 of two.

    Raises UserError where class 1 is neither true nor predicted anywhere.
    """
    counts = _of_two(truth, predicted, weights)
    size = 2 * counts[1, 1] + counts[0, 1] + counts[1, 0]
    if size == 0:
        raise UserError(
            "no row is or was predicted to be of the positive class, so there is no F1; give rows "
            "of both classes, as stratified folds have."
        )
    return float(2 * counts[1, 1] / size)


@metric("F1, mean of classes", "labels", "Yang & Liu 1999, section 4.1: macro-averaged")
def macro_f1(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the mean of the F1 of each class that is true or predicted somewhere."""
    counts = confusion_matrix(truth, predicted, None, weights)
    sizes = counts.sum(0) + counts.sum(1)
    there = sizes > 0
    return float((2 * counts.diagonal()[there] / sizes[there]).mean())


@metric("Matthews' correlation", "labels", "Gorodkin 2004, equation 8", lowest=-1)
def matthews(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the correlation of true and predicted classes; 0 where only one is predicted.

    Raises UserError where only one class is true.
    """
    counts = confusion_matrix(truth, predicted, None, weights).astype(np.float64)
    true, said, size = counts.sum(1), counts.sum(0), counts.sum()
    spread_true, spread_said = size**2 - (true**2).sum(), size**2 - (said**2).sum()
    _need_two((true > 0).sum(), "Matthews' correlation")
    if (said > 0).sum() < 2:
        return 0.0
    together = counts.trace() * size - (true * said).sum()
    return float(together / np.sqrt(spread_true * spread_said))


@metric(
    "quadratic weighted kappa",
    "labels",
    "Cohen 1968, with squared distances of classes",
    lowest=-1,
)
def quadratic_kappa(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return 1 - observed / expected disagreement, squared distances between places of classes.

    Raises UserError where truth and predictions are all one class.
    """
    counts = confusion_matrix(truth, predicted, None, weights).astype(np.float64)
    places = np.arange(len(counts))
    cost = (places[:, None] - places) ** 2.0
    expected = (cost * counts.sum(1)[:, None] * counts.sum(0)).sum()
    if expected == 0:
        _need_two(1, "quadratic weighted kappa")
    return float(1 - (cost * counts).sum() * counts.sum() / expected)


def _of_two(truth: Any, predicted: Any, weights: Any) -> np.ndarray:
    """Return the confusion matrix [2, 2]. Raises UserError where there are more classes."""
    for x, name in ((truth, "truth"), (predicted, "predictions")):
        if check_classes(x, name).max() > 1:
            raise UserError(f"f1 is of two classes, and the {name} has more; take macro_f1.")
    return confusion_matrix(truth, predicted, 2, weights)


def _need_two(classes: int, title: str) -> None:
    if classes < 2:
        raise UserError(
            f"all rows are of one class, so there is no {title}; give rows of both or of several "
            "classes, as stratified folds have."
        )
