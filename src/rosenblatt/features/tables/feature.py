"""The contract of features of columns: each is a table of a recipe, fitted on training rows.

A new kind is one file in this package: a frozen dataclass below ColumnFeature with `kind`, its
settings, `suits` and `fit`; below TargetFeature with `fit_target`, where it sees the target. What a
column is, its type says, as data.table has given it.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rosenblatt.errors import UserError, meant
from rosenblatt.kept import Kept
from rosenblatt.kinds import Kinded
from rosenblatt.ranges import Range

FOLDS = 5  # of the training rows, each described by what the others teach


@dataclass(frozen=True, eq=False)
class Describe(Kept):
    """A column of n rows to numbers [n, d]. outputs: the names of these d; codes: they are levels,
    which have no order."""

    function: Callable[[Any], np.ndarray]
    outputs: Sequence[str] = ("",)
    codes: bool = False

    def __call__(self, column: Any) -> np.ndarray:
        return self.function(column)


class Learned(NamedTuple):
    """Columns of a table, what describes them, a Series of one or a DataFrame of several; and the
    numbers of the training rows [N, d]."""

    columns: tuple[str, ...]
    describe: Describe
    rows: np.ndarray


class Lesson(NamedTuple):
    """What a feature that sees the target learns from beside a column: the target [N, T], its mean
    [T], a seed, and the fold of each row, as in encode."""

    target: np.ndarray
    prior: np.ndarray
    seed: int
    fold: np.ndarray | None = None


@dataclass(frozen=True)
class ColumnFeature(Kinded):
    """What all features of columns share. columns: the names of those that it is for; none: all
    that suit it."""

    columns: tuple[str, ...] = ()

    packages = ("rosenblatt.features.tables",)
    usual = ""
    settings: ClassVar[dict[str, Range]] = {}

    def suits(self, column: Any) -> bool:
        """Say whether the feature can describe a column of this type."""
        raise NotImplementedError

    def fit(self, column: Any) -> Describe:
        """Return what describes a column, learned from training rows of it."""
        raise NotImplementedError

    def learn(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Iterator[Learned]:
        """Yield what the feature makes of training rows, column by column.

        target: what is asked for, [N, T] float64. Raises UserError as `chosen`.
        """
        for name in self.chosen(frame):
            describe = self.fit(frame[name])
            yield Learned((name,), describe, describe(frame[name]))

    def chosen(self, frame: Any) -> list[str]:
        """Return the columns that the feature is for, in the table's order.

        Raises UserError where one that it names is not there or does not suit it.
        """
        names = [*map(str, frame.columns)]
        for name in self.columns:
            if name not in names:
                raise UserError(f"{self.kind}: no column {name!r}; {meant(name, names)}")
            if not self.suits(frame[name]):
                raise UserError(f"{self.kind}: does not suit column {name!r}; leave it out.")
        return [
            name
            for name in names
            if name in self.columns or (not self.columns and self.suits(frame[name]))
        ]


@dataclass(frozen=True)
class TargetFeature(ColumnFeature):
    """A feature that sees the target: each training row is described by what other folds teach, or
    its own answer would stand among its numbers."""

    def fit_target(self, column: Any, target: np.ndarray, prior: np.ndarray) -> Describe:
        """Return what describes a column, learned from rows of it and their target [n, T].

        prior: the mean of all training rows, [T], where nothing is known; it is the same for all,
        so it tells nothing of any.
        """
        raise NotImplementedError

    def learn(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Iterator[Learned]:
        if target is None:
            raise UserError(f"{self.kind} learns from the target, and none is given.")
        for name in self.chosen(frame):
            column, prior = frame[name], target.mean(0)
            describe = self.fit_target(column, target, prior)
            lesson = Lesson(target, prior, seed, fold)
            yield Learned((name,), describe, self.own(column, lesson))

    def own(self, column: Any, lesson: Lesson) -> np.ndarray:
        """Return the numbers of the training rows, each by the folds that it is not in."""
        target, prior = lesson.target, lesson.prior
        fold = drawn_folds(len(column), lesson.seed, lesson.fold)
        parts = [np.flatnonzero(fold == k) for k in range(fold.max() + 1)]
        found = [
            self.fit_target(column[fold != k], target[fold != k], prior)(column.iloc[rows])
            for k, rows in enumerate(parts)
        ]
        return np.concatenate(found)[np.argsort(np.concatenate(parts), kind="stable")]


def level_places(column: Any, known: int) -> np.ndarray:
    """Return the place of each row's level among those known, [n] int64.

    0 where it is missing; known + 1 for a level that came up later.
    """
    return np.minimum(column.cat.codes.to_numpy().astype(np.int64), known) + 1


def drawn_folds(rows: int, seed: int, fold: np.ndarray | None) -> np.ndarray:
    """Return the fold of each row, [rows] int64: as given, or drawn at random."""
    if fold is not None:
        return fold
    return np.random.default_rng(seed).permutation(rows) % min(FOLDS, rows)


def holds_numbers(column: Any) -> bool:
    """Say whether a column holds numbers, or codes that are numbers too."""
    return column.dtype.kind == "f" or (holds_levels(column) and column.dtype.ordered)


def holds_levels(column: Any) -> bool:
    """Say whether a column is a category."""
    return hasattr(column.dtype, "categories")


def holds_dates(column: Any) -> bool:
    """Say whether a column holds moments."""
    return column.dtype.kind == "M"


def holds_choices(column: Any) -> bool:
    """Say whether a column holds several choices in a cell."""
    return isinstance(column.dtype, np.dtype) and column.dtype.kind == "O"


def holds_text(column: Any) -> bool:
    """Say whether a column holds free text."""
    return not (
        column.dtype.kind == "f"
        or holds_levels(column)
        or holds_dates(column)
        or holds_choices(column)
    )
