"""Two columns of few levels as one, where their effect together is more than that of both."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.features.tables.derived import Category, Derivation, Make
from rosenblatt.features.tables.feature import drawn_folds, holds_levels, holds_numbers
from rosenblatt.kept import Kept
from rosenblatt.ranges import COUNT

LEVELS = 50  # of a column that is crossed
CELLS = 500  # of a crossing
NUMBERS = 12  # different numbers that are levels
GATED = 20_000  # rows, at most, by which crossings are chosen
GAIN = 0.005  # of the squared error, at the least
SMOOTHING = 10.0  # rows that say nothing, in each cell
ROUNDS = 3  # of fitting one column's effect beside the other's


@dataclass(frozen=True)
class Crossings(Derivation):
    """A category for each pair of columns whose cells tell more than their two effects added.

    Chosen by cross-validation inside the training rows: in every fold the squared error of the
    target must fall, in all by half a percent. pairs: how many at most, those of the largest gain.
    """

    kind: str = "crossings"
    pairs: int = 5

    settings: ClassVar = {"pairs": COUNT}

    def suits(self, column: Any) -> bool:
        if holds_levels(column):
            return 1 < len(column.cat.categories) <= LEVELS
        return holds_numbers(column) and 1 < column.nunique() <= NUMBERS

    def derive(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Make:
        if target is None:
            raise UserError(f"{self.kind} learns from the target, and none is given.")
        levels = {name: _Levels.of(frame[name]) for name in self.chosen(frame)}
        rows = np.random.default_rng(seed).permutation(len(frame))[:GATED]
        some, asked = frame.iloc[rows], target[rows]
        places = {name: levels[name].places(some[name]) for name in levels}
        asked = (asked - asked.mean(0)) / np.maximum(asked.std(0), 1e-12)
        fold = drawn_folds(len(rows), seed, None if fold is None else fold[rows])
        gains = {
            pair: _gain(places[pair[0]], places[pair[1]], asked, fold)
            for pair in itertools.combinations(levels, 2)
            if (places[pair[0]].max() + 1) * (places[pair[1]].max() + 1) <= CELLS
        }
        best = sorted((pair for pair in gains if gains[pair] > GAIN), key=lambda p: -gains[p])
        return _Crossed(tuple(_Crossing.of(frame, pair, levels) for pair in best[: self.pairs]))


@dataclass(frozen=True)
class _Levels(Kept):
    """The levels of a column of training rows; place 0 is for those that are missing."""

    known: Sequence[Any]

    @classmethod
    def of(cls, column: Any) -> Self:
        return cls(sorted(column.dropna().unique().tolist()))

    def places(self, column: Any) -> np.ndarray:
        """Return the place of the level of each row, [n] int64."""
        place = {level: place + 1 for place, level in enumerate(self.known)}
        return np.array([place.get(cell, 0) for cell in column.tolist()], np.int64)

    def words(self, column: Any) -> np.ndarray:
        """Return the level of each row, [n] of text."""
        names = np.array(["missing", *map(str, self.known)], object)
        return names[self.places(column)]


@dataclass(frozen=True)
class _Crossing(Kept):
    """The category of two columns, its levels those of training rows."""

    columns: tuple[str, str]
    levels: tuple[_Levels, _Levels]
    category: Category | None = None

    @classmethod
    def of(cls, frame: Any, pair: tuple[str, str], levels: dict[str, _Levels]) -> Self:
        plain = cls(pair, (levels[pair[0]], levels[pair[1]]))
        return replace(plain, category=Category.of(plain.cells(frame)))

    def cells(self, table: Any) -> np.ndarray:
        """Return the cell of each row, [n] of text."""
        pairs = zip(self.columns, self.levels, strict=True)
        first, second = (levels.words(table[name]) for name, levels in pairs)
        return first + " & " + second


@dataclass(frozen=True)
class _Crossed(Kept):
    crossings: tuple[_Crossing, ...]

    def __call__(self, new: Any) -> dict[str, Any]:
        return {
            " x ".join(one.columns): one.category(one.cells(new), new.index)
            for one in self.crossings
            if one.category is not None
        }


def _gain(first: np.ndarray, second: np.ndarray, target: np.ndarray, fold: np.ndarray) -> float:
    """Return by which share the squared error falls where cells [n] of two columns are known
    beside both; 0 where it does not fall in every fold."""
    cell = first * (second.max() + 1) + second
    added, crossed = [], []
    for k in range(fold.max() + 1):
        inside, held = fold != k, fold == k
        rest, effects = target[inside], []
        for _ in range(ROUNDS):
            for one in (first, second):
                effects.append((one, _effect(one[inside], rest, one.max() + 1)))
                rest = rest - effects[-1][1][one[inside]]
        left = target[held]
        for one, effect in effects:
            left = left - effect[one[held]]
        more = _effect(cell[inside], rest, cell.max() + 1)[cell[held]]
        added.append(float(np.square(left).sum()))
        crossed.append(float(np.square(left - more).sum()))
    if any(after >= before for after, before in zip(crossed, added, strict=True)):
        return 0.0
    return 1 - float(np.sum(crossed) / np.sum(added))


def _effect(places: np.ndarray, target: np.ndarray, count: int) -> np.ndarray:
    """Return the mean target of each place [count, T], drawn towards 0."""
    rows = np.bincount(places, minlength=count)[:, None] + SMOOTHING
    return np.stack([np.bincount(places, one, count) for one in target.T], 1) / rows
