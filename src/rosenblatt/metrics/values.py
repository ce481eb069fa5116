"""Metrics of predicted values.

truth and predicted [N] or [N, T] are finite numbers; of T targets the mean is taken of what each
gives alone. weights [N] of rows, or None. All raise UserError for other arrays.
"""

from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.metrics.base import LARGEST, check_weights, mean, metric


@metric("RMSE", "values", "the root of the mean squared error", greater=False)
def rmse(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the root of the mean squared error."""
    truth, predicted, weights = _checked(truth, predicted, weights)
    return _mean([np.sqrt(error) for error in _squares(truth - predicted, weights)])


@metric("RMSLE", "values", "Kaggle; the RMSE of log(1 + y)", greater=False, log=True)
def rmsle(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the root of the mean squared error of log(1 + y).

    Raises UserError where a number is below 0.
    """
    truth, predicted, weights = _checked(truth, predicted, weights)
    for x, name in ((truth, "true values"), (predicted, "predictions")):
        if x.min() < 0:
            raise UserError(
                f"{name} below 0, down to {x.min():.6g}, have no RMSLE; raise them to 0, or take "
                "rmse."
            )
    return rmse(log(1 + truth), log(1 + predicted), weights)


@metric("MAE", "values", "the mean absolute error", greater=False)
def mae(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return the mean absolute error."""
    truth, predicted, weights = _checked(truth, predicted, weights)
    return _mean([mean(column, weights) for column in np.abs(truth - predicted).T])


@metric("R2", "values", "the share of the variance that is explained (Wright 1921)", lowest=-np.inf)
def r2(truth: Any, predicted: Any, weights: Any = None) -> float:
    """Return 1 - squared error / variance of the truth.

    Raises UserError where the truth is the same for all rows.
    """
    truth, predicted, weights = _checked(truth, predicted, weights)
    if (np.ptp(truth[weights > 0], axis=0) == 0).any():
        raise UserError("all true values are the same, so there is no R2; take rmse or mae.")
    middle = np.array([mean(column, weights) for column in truth.T])
    errors = _squares(truth - predicted, weights)
    return _mean(
        [1 - a / b for a, b in zip(errors, _squares(truth - middle, weights), strict=True)]
    )


def _checked(truth: Any, predicted: Any, weights: Any) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return truth and predictions [N, T], and weights [N]."""
    truth, predicted = as_numbers(truth, "truth"), as_numbers(predicted, "predictions")
    axes = "N T" if truth.ndim == 2 else "N"
    pair = []
    for x, name in ((truth, "truth"), (predicted, "predictions")):
        pair.append(check_numbers(x, axes, name, np.float64))
        if np.abs(pair[-1]).max() > LARGEST:
            raise UserError(f"{name} beyond {LARGEST:.0e}; divide all values by some power of ten.")
    if pair[0].shape != pair[1].shape:
        raise UserError(f"predictions of shape {pair[1].shape} for values of {pair[0].shape}.")
    rows = len(pair[0])
    return pair[0].reshape(rows, -1), pair[1].reshape(rows, -1), check_weights(weights, rows)


def _squares(difference: np.ndarray, weights: np.ndarray) -> list[float]:
    return [mean(column, weights) for column in np.square(difference).T]


def _mean(of_targets: list[float]) -> float:
    return float(np.mean(of_targets))
