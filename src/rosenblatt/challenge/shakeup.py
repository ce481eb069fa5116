"""How far places move between the public and the private board, by luck alone.

Shake-up is Kaggle's measure: the mean change of place, divided by the number of submissions.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import UserError

DRAWS = 1000
Gains = Callable[[np.ndarray], np.ndarray]  # of submissions [S] on rows [n] bool: more is better


@dataclass(frozen=True)
class Shakeup:
    """The shake-up seen, and what random splits of the same rows give: mean and 95 % range.

    spread: the standard deviation of private minus public gain over these splits, [S].
    """

    seen: float
    expected: float
    low: float
    high: float
    spread: tuple[float, ...]


def places(gains: np.ndarray) -> np.ndarray:
    """Return the place of each submission, [S] from 1, by its gain [S]; ties share."""
    better = (gains[None, :] > gains[:, None]).sum(1)
    equal = (gains[None, :] == gains[:, None]).sum(1)
    return 1 + better + (equal - 1) / 2


def shakeup(gains: Gains, public: np.ndarray, rng: np.random.Generator) -> Shakeup:
    """Compare the move of places under the real split with 1,000 random splits of its size.

    public [n] bool: the public rows. Splits on which the metric is not defined are left out.
    """
    moves, apart = [], []
    for _ in range(DRAWS):
        split = rng.permutation(public)
        try:
            on_public, on_private = gains(split), gains(~split)
        except UserError:  # such as a share of one class
            continue
        moves.append(_shakeup(on_public, on_private))
        apart.append(on_private - on_public)
    seen = _shakeup(gains(public), gains(~public))
    if not moves:
        return Shakeup(seen, seen, seen, seen, (0.0,) * len(gains(public)))
    drawn = np.sort(moves)
    low, high = drawn[[round(0.025 * (len(drawn) - 1)), round(0.975 * (len(drawn) - 1))]]
    spread = tuple(np.std(apart, axis=0).tolist())
    return Shakeup(seen, float(drawn.mean()), float(low), float(high), spread)


def _shakeup(public: np.ndarray, private: np.ndarray) -> float:
    moves = places(public) - places(private)
    return float(np.abs(moves).mean() / len(moves))
