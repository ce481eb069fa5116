"""Levels by what is asked for: the mean of each, smoothed, out of fold or in order."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import (
    Describe,
    Lesson,
    TargetFeature,
    holds_levels,
    level_places,
)
from rosenblatt.features.tables.levels import Looked
from rosenblatt.ranges import FROM_ZERO, Choice


@dataclass(frozen=True)
class TargetMean(TargetFeature):
    """The mean target of the training rows of a level: the share of each class, or the value.

    (sum + smoothing prior) / (rows + smoothing), the prior the mean of all (Micci-Barreca 2001,
    equation 4). Training rows are described by others: how = "out_of_fold", by those of other
    folds; "ordered", by those before it in an order drawn at random (Prokhorenkova et al. 2018,
    "CatBoost", section 3.2).
    """

    kind: str = "target_mean"
    how: str = "out_of_fold"
    smoothing: float = 10.0

    settings: ClassVar = {"how": Choice(("out_of_fold", "ordered")), "smoothing": FROM_ZERO}

    def suits(self, column: Any) -> bool:
        return holds_levels(column)

    def fit_target(self, column: Any, target: np.ndarray, prior: np.ndarray) -> Describe:
        levels = level_places(column, len(column.cat.categories))
        many = len(column.cat.categories) + 2  # one that came up later has no rows
        counts = np.bincount(levels, minlength=many)[:, None]
        sums = np.stack([np.bincount(levels, one, many) for one in target.T], 1)
        means = self._mean(sums, counts, prior)
        outputs = tuple(f"mean of answer {place + 1}" for place in range(len(prior)))
        return Describe(Looked(means), outputs)

    def own(self, column: Any, lesson: Lesson) -> np.ndarray:
        if self.how == "out_of_fold":
            return super().own(column, lesson)
        levels = level_places(column, len(column.cat.categories))
        drawn = np.random.default_rng(lesson.seed).permutation(len(levels))
        turn = np.empty_like(drawn)
        turn[drawn] = np.arange(len(drawn))
        if lesson.fold is not None:
            turn = lesson.fold  # fold after fold
        order = np.lexsort((turn, levels))  # level by level, as drawn in each
        sums = np.cumsum(lesson.target[order], 0) - lesson.target[order]
        place = levels[order] * len(turn) + turn[order]
        own = np.searchsorted(place, place)  # the first row of the same level and turn
        first = np.searchsorted(levels[order], levels[order])
        out = np.empty(lesson.target.shape)
        out[order] = self._mean(sums[own] - sums[first], (own - first)[:, None], lesson.prior)
        return out

    def _mean(self, sums: np.ndarray, counts: np.ndarray, prior: np.ndarray) -> np.ndarray:
        weight = counts + self.smoothing
        known = sums + self.smoothing * prior
        return np.where(weight > 0, known / np.where(weight > 0, weight, 1), prior)
