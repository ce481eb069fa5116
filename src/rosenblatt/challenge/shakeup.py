"""How far places move between the public and the private board, by luck alone.

Shake-up is Kaggle's measure: the mean change of place, divided by the number of submissions.
"""

from dataclasses import dataclass

import numpy as np

DRAWS = 1000


@dataclass(frozen=True)
class Shakeup:
    """The shake-up seen, and what random splits of the same rows give: mean and 95 % range."""

    seen: float
    expected: float
    low: float
    high: float


def places(hits: np.ndarray) -> np.ndarray:
    """Return the place of each submission, [S] from 1, by its number of hits [S]; ties share."""
    better = (hits[None, :] > hits[:, None]).sum(1)
    equal = (hits[None, :] == hits[:, None]).sum(1)
    return 1 + better + (equal - 1) / 2


def shakeup(right: np.ndarray, public: np.ndarray, rng: np.random.Generator) -> Shakeup:
    """Compare the move of places under the real split with 1,000 random splits of its size.

    right [S, n] bool: which rows each submission has right; public [n] bool: the public rows.
    """
    drawn = np.sort([_shakeup(right, rng.permutation(public)) for _ in range(DRAWS)])
    low, high = drawn[[round(0.025 * (DRAWS - 1)), round(0.975 * (DRAWS - 1))]]
    return Shakeup(_shakeup(right, public), float(drawn.mean()), float(low), float(high))


def _shakeup(right: np.ndarray, public: np.ndarray) -> float:
    moves = places(right[:, public].sum(1)) - places(right[:, ~public].sum(1))
    return float(np.abs(moves).mean() / len(moves))


def spread(score: float, public: int, private: int) -> float:
    """Return the standard deviation of private minus public score of one submission.

    Rows are right independently with probability `score` (between 0 and 1): the two shares are
    means of `public` and `private` draws, so the variances add up.
    """
    return float((score * (1 - score) * (1 / public + 1 / private)) ** 0.5)
