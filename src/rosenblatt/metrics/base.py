"""What every metric is: a function of truth, predictions and weights, and what is known of it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.arrays import check_count, check_numbers, check_whole
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.sums import total

WANTS = ("labels", "scores", "probabilities", "values")
MOST = 2**20  # classes
LARGEST = 1e30  # a weight or a value, so that products of four are numbers

Function = Callable[..., float]  # (truth, predicted, weights=None)


@dataclass(frozen=True)
class Metric:
    """A metric: metric(truth, predicted, weights=None) is its value, a float.

    name: as in challenge.toml; title: for people. wants: the form of what is predicted: "labels"
    [N], places of classes; "scores" [N] of the second of two classes; "probabilities" [N, K];
    "values" [N] or [N, T]. two: it is of two classes, of which the second counts as positive.
    greater: whether a greater value is better, 1 being the best; else 0 is. lowest: the least
    value. log: it compares log(1 + y). source: where it is defined.
    """

    name: str
    title: str
    wants: str
    greater: bool
    two: bool
    log: bool
    lowest: float
    source: str
    function: Function

    def __call__(self, truth: Any, predicted: Any, weights: Any = None) -> float:
        return self.function(truth, predicted, weights)

    @property
    def highest(self) -> float:
        """Return the greatest value."""
        return 1.0 if self.greater else np.inf

    def gain(self, value: float) -> float:
        """Return the value, its sign turned where less is better: the greatest gain is the best."""
        return value if self.greater else -value


METRICS: dict[str, Metric] = {}


def metric(
    title: str,
    wants: str,
    source: str,
    greater: bool = True,
    two: bool = False,
    log: bool = False,
    lowest: float = 0.0,
) -> Callable[[Function], Function]:
    """Enrol a function in METRICS, under its own name."""

    def enrol(function: Function) -> Function:
        name = function.__name__
        METRICS[name] = Metric(name, title, wants, greater, two, log, lowest, source, function)
        return function

    return enrol


def find_metric(name: str) -> Metric:
    """Return a metric by its name. Raises UserError, which lists them all, for another name."""
    if name not in METRICS:
        raise UserError(f"metric = {name!r} is not known; known are {', '.join(METRICS)}.")
    return METRICS[name]


def check_classes(x: Any, name: str, two: bool = False) -> np.ndarray:
    """Return places of classes [N], whole numbers from 0; of two classes 0 and 1.

    Raises UserError as check_whole.
    """
    return check_whole(x, "N", 0, 1 if two else MOST, name)


def check_weights(weights: Any, rows: int) -> np.ndarray:
    """Return the weights of so many rows, [N] float64; ones for None.

    Raises UserError where there are not so many, one is below 0, or all are 0.
    """
    if weights is None:
        return np.ones(rows)
    weights = check_numbers(weights, "N", "weights", np.float64)
    check_count(weights, rows, "weights", "rows")
    if weights.min() < 0 or not 0 < weights.max() <= LARGEST:
        raise UserError(f"weights of rows are numbers from 0 to {LARGEST:.0e}, and not all 0.")
    return weights


def mean(x: np.ndarray, weights: np.ndarray) -> float:
    """Return the weighted mean of x [N], terms added in order."""
    return total(x * weights) / total(weights)
