"""How much of a score is luck: intervals, and a test of whether one recipe beats another."""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.metrics import Metric

DRAWS = 1000  # of rows, with replacement
LUCK = 0.05  # a p-value above it may well be luck


@dataclass(frozen=True)
class Comparison:
    """Recipe A against recipe B on the same rows and folds.

    p: that luck alone sets them as far apart; difference: the metric of A minus that of B; only_a,
    only_b: for accuracy, the rows that only one has right, in the first repetition.
    """

    p: float
    difference: float
    only_a: int | None = None
    only_b: int | None = None

    @property
    def luck(self) -> bool:
        return self.p > LUCK


def compare(right_a: np.ndarray, right_b: np.ndarray) -> Comparison:
    """Compare two recipes by cross-validated predictions.

    right_a, right_b [R, N] bool: rows right in each of R repetitions. The one test is over rows, of
    which there are many, never over folds, of which there are too few to tell anything.
    """
    gains = (right_a.astype(np.int64) - right_b).sum(0)
    return Comparison(
        sign_flips(gains),
        float(gains.sum() / right_a.size),
        int((right_a[0] & ~right_b[0]).sum()),
        int((right_b[0] & ~right_a[0]).sum()),
    )


def sign_flips(gains: np.ndarray) -> float:
    """Return the exact two-sided p-value of gains [N], whole numbers, of one recipe over another.

    Were neither better, each row's gain might as well be the other's: so the p-value is the share
    of all 2^N ways to flip signs whose sum is as far from 0 (Fisher 1935, "The Design of
    Experiments", section 21; Pitman 1937). Repetitions of a row flip together, so they add no rows.
    With gains of -1, 0 and 1 it is McNemar's exact test (McNemar 1947, by the binomial
    distribution). It holds for rows drawn one by one, and for the models at hand.
    """
    chances = np.ones(1)  # of the sums -total ... total
    for size, count in zip(*np.unique(np.abs(gains[gains != 0]), return_counts=True), strict=True):
        flips = np.zeros(2 * size * count + 1)
        flips[:: 2 * size] = _coins(int(count))
        chances = np.convolve(chances, flips)
    total = len(chances) // 2
    sums = np.arange(-total, total + 1)
    return min(1.0, math.fsum(chances[np.abs(sums) >= abs(int(gains.sum()))]))


def _coins(count: int) -> np.ndarray:
    """Return the chance of each number of heads of so many coins, [count + 1]."""
    whole = 2**count
    return np.array([math.comb(count, heads) / whole for heads in range(count + 1)])


def resampled(
    value: Callable[[np.ndarray, np.ndarray], float], rows: int, count: int
) -> np.ndarray:
    """Return value(places, times) of rows drawn again, DRAWS times `count` (Efron 1979).

    Draws on which it is not defined, such as of one class alone, are left out; where all are, the
    UserError of the first is raised.
    """
    rng = np.random.default_rng(0)
    found: list[float] = []
    faults: list[UserError] = []
    for _ in range(DRAWS):
        times = np.bincount(rng.integers(0, rows, count), minlength=rows)
        places = np.flatnonzero(times)
        try:
            found.append(value(places, times[places]))
        except UserError as error:
            faults.append(error)
    if not found:
        raise faults[0]
    return np.array(found)


def compare_answers(
    metric: Metric, truth: np.ndarray, first: np.ndarray, second: np.ndarray
) -> Comparison:
    """Compare two recipes' answers [N, ...] to the same rows by any metric.

    p is twice the share of draws of rows, the same for both, on which the one that is worse on all
    of them is not (the paired bootstrap: Efron & Tibshirani 1993, section 15.4); a tie counts half.
    """

    def gain(places: np.ndarray, times: np.ndarray) -> float:
        one, other = (metric(truth[places], x[places], times) for x in (first, second))
        return metric.gain(one) - metric.gain(other)

    gains = resampled(gain, len(truth), len(truth))
    behind = float((gains < 0).mean() + (gains == 0).mean() / 2)
    p = min(1.0, 2 * min(behind, 1 - behind) + 1 / DRAWS)
    return Comparison(p, metric(truth, first) - metric(truth, second))


def private_interval(hits: int, rows: int, private: int) -> tuple[float, float]:
    """Return between what the score on `private` new rows lies, with 95 % probability.

    hits of `rows` validated rows were right. The hits to come are beta-binomial, with the prior of
    Jeffreys 1946. It holds for rows drawn as the validated ones were, and no others.
    """
    a, b = hits + 0.5, rows - hits + 0.5
    constant = math.lgamma(private + 1) - _log_beta(a, b)
    total, low = 0.0, None
    for k in range(private + 1):
        choose = constant - math.lgamma(k + 1) - math.lgamma(private - k + 1)
        total += math.exp(choose + _log_beta(k + a, private - k + b))
        if low is None and total > 0.025:
            low = k / private
        if total >= 0.975:
            return low or 0.0, k / private
    return low or 0.0, 1.0


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
