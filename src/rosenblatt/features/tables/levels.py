"""Levels of a category as numbers: a column each, or how often each occurs."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import (
    ColumnFeature,
    Describe,
    Learned,
    holds_choices,
    holds_levels,
    level_places,
)
from rosenblatt.kept import Kept
from rosenblatt.ranges import COUNT


@dataclass(frozen=True)
class OneHot(ColumnFeature):
    """A column of 0 and 1 for each level, missing too; rare and unknown ones share one.

    rare: rows of a level, below which it is rare; in a small table a twentieth of the rows.
    """

    kind: str = "one_hot"
    rare: int = 10

    settings: ClassVar = {"rare": COUNT}

    def suits(self, column: Any) -> bool:
        return holds_levels(column)

    def fit(self, column: Any) -> Describe:
        counts = _counts(column)
        common = np.flatnonzero(counts >= min(self.rare, max(1, len(column) // 20)))
        place = np.full(len(counts) + 1, len(common))
        place[common] = np.arange(len(common))
        levels = ["missing", *(f"= {level}" for level in column.cat.categories)]
        outputs = *(levels[level] for level in common), "= others"
        return Describe(Looked(np.eye(len(outputs), dtype=np.float32)[place]), outputs)


@dataclass(frozen=True)
class Frequency(ColumnFeature):
    """The share of other training rows that have the same level: of tickets, groups, places."""

    kind: str = "frequency"

    def suits(self, column: Any) -> bool:
        return holds_levels(column)

    def fit(self, column: Any) -> Describe:
        shares = np.append(_counts(column), 0) / max(1, len(column))
        return Describe(Looked(shares[:, None]), ("share",))

    def learn(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Iterator[Learned]:
        for one in super().learn(frame, target, seed, fold):
            yield one._replace(rows=one.rows - 1 / len(frame))  # a row is not its own fellow


@dataclass(frozen=True)
class Choices(ColumnFeature):
    """A column of 0 and 1 for each choice that some training row has made."""

    kind: str = "choices"

    def suits(self, column: Any) -> bool:
        return holds_choices(column)

    def fit(self, column: Any) -> Describe:
        known = sorted({choice for cell in column if cell is not None for choice in cell})
        return Describe(_Made(known), tuple(f"has {choice}" for choice in known))


@dataclass(frozen=True, eq=False)
class Looked(Kept):
    """Rows of a table, one for each level; the first where it is missing, the last if unknown."""

    table: np.ndarray

    def __call__(self, new: Any) -> np.ndarray:
        return self.table[level_places(new, len(self.table) - 2)]


@dataclass(frozen=True)
class _Made(Kept):
    """Which of some choices a cell has."""

    known: Sequence[str]

    def __call__(self, new: Any) -> np.ndarray:
        place = {choice: index for index, choice in enumerate(self.known)}
        out = np.zeros((len(new), len(place)), np.float32)
        for row, cell in enumerate(new):
            for choice in cell or ():
                if choice in place:
                    out[row, place[choice]] = 1
        return out


def _counts(column: Any) -> np.ndarray:
    """Return how many rows have each level, those where it is missing first."""
    return np.bincount(column.cat.codes.to_numpy() + 1, minlength=len(column.cat.categories) + 1)
