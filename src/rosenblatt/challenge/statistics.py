"""How much of a score is luck: intervals, and tests of whether one recipe beats another."""

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Comparison:
    """Recipe A against recipe B on the same rows and folds.

    only_a, only_b: rows that only one has right; mcnemar, t_test: p-values, two-sided;
    difference: mean accuracy of A minus that of B; luck: whether that may well be luck.
    """

    only_a: int
    only_b: int
    mcnemar: float
    t_test: float
    difference: float

    @property
    def luck(self) -> bool:
        return max(self.mcnemar, self.t_test) > 0.05


def compare(right_a: np.ndarray, right_b: np.ndarray, fold: np.ndarray) -> Comparison:
    """Compare two recipes by cross-validated predictions.

    right_a, right_b [R, N] bool: rows right in each of R repetitions; fold [R, N]: their folds.
    McNemar's test takes the first repetition alone, since repetitions share their rows.
    """
    only_a = int((right_a[0] & ~right_b[0]).sum())
    only_b = int((right_b[0] & ~right_a[0]).sum())
    differences = np.array(
        [
            right_a[r, fold[r] == k].mean() - right_b[r, fold[r] == k].mean()
            for r in range(len(fold))
            for k in np.unique(fold[r])
        ]
    )
    folds = len(np.unique(fold[0]))
    return Comparison(
        only_a,
        only_b,
        mcnemar(only_a, only_b),
        corrected_t_test(differences, 1 / (folds - 1)),
        float(differences.mean()),
    )


def mcnemar(only_a: int, only_b: int) -> float:
    """Return the exact two-sided p-value that rows right in one alone fall to either by a coin.

    McNemar 1947, by the binomial distribution instead of its approximation.
    """
    n, least = only_a + only_b, min(only_a, only_b)
    tail = sum(math.comb(n, k) for k in range(least + 1))
    return min(1.0, 2 * tail / 2**n)


def corrected_t_test(differences: np.ndarray, ratio: float) -> float:
    """Return the two-sided p-value of a mean difference of 0 over J folds, [J].

    Training sets overlap, so the folds are not independent: the variance of the mean is taken as
    (1/J + ratio) times that of the differences, ratio = test rows / training rows. Nadeau & Bengio
    2003, "Inference for the generalization error", section 3.2.
    """
    J = len(differences)
    mean, variance = float(differences.mean()), float(differences.var(ddof=1))
    if variance == 0:
        return 1.0 if mean == 0 else 0.0
    t = mean / math.sqrt((1 / J + ratio) * variance)
    return incomplete_beta((J - 1) / 2, 0.5, (J - 1) / (J - 1 + t * t))


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


def incomplete_beta(a: float, b: float, x: float) -> float:
    """Return the regularised incomplete beta function I_x(a, b), for a, b > 0 and x in 0 ... 1.

    By its continued fraction, with Lentz's method (Press et al. 2007, section 6.4).
    """
    if x in (0.0, 1.0):
        return x
    if x > (a + 1) / (a + b + 2):  # the fraction converges fast only on this side
        return 1 - incomplete_beta(b, a, 1 - x)
    tiny = 1e-300
    c, d = 1.0, 1 / (1 - (a + b) * x / (a + 1) or tiny)
    fraction = d
    for m in range(1, 10_000):
        even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        for term in (even, odd):
            d = 1 / (1 + term * d or tiny)
            c = 1 + term / c or tiny
            fraction *= c * d
        if abs(c * d - 1) < 1e-15:
            break
    return math.exp(a * math.log(x) + b * math.log1p(-x) - _log_beta(a, b)) * fraction / a


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)
