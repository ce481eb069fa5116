"""Columns made of others, typed as they are: what other features of the recipe then describe."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.features.tables.feature import ColumnFeature, Learned
from rosenblatt.kept import Kept

Make = Callable[[Any], dict[str, Any]]  # a table to more columns, by their names


@dataclass(frozen=True)
class Derivation(ColumnFeature):
    """A feature that gives no numbers of its own, but more columns to the features beside it."""

    def made_of(self, column: Any) -> dict[str, Callable[[Any], Any]]:
        """Return what makes new columns of one, by what they are, learned from training rows."""
        raise NotImplementedError

    def derive(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Make:
        """Return what makes new columns of a table, learned from training rows.

        target: what is asked for, [N, T] float64. Raises UserError as `chosen`.
        """
        learned = {
            f"{name} {what}": (name, make)
            for name in self.chosen(frame)
            for what, make in self.made_of(frame[name]).items()
        }
        return _Derived(learned)

    def learn(
        self, frame: Any, target: np.ndarray | None, seed: int, fold: np.ndarray | None = None
    ) -> Iterator[Learned]:
        yield from ()


@dataclass(frozen=True)
class _Derived(Kept):
    """What makes more columns, by their names, each of one that is there."""

    learned: dict[str, tuple[str, Callable[[Any], Any]]]

    def __call__(self, new: Any) -> dict[str, Any]:
        return {what: make(new[name]) for what, (name, make) in self.learned.items()}


def with_columns(frame: Any, make: Make) -> Any:
    """Return a table with the columns that are made of it. Raises UserError for a taken name."""
    new = make(frame)
    for name in new:
        if name in frame:
            raise UserError(
                f"column {name!r} would be made of others, and is there already; give that one "
                "another name, or leave the feature out of the recipe."
            )
    return frame.assign(**new) if new else frame


def spellings(column: Any) -> np.ndarray:
    """Return the cells of a category or of text, [n] object, None where they are missing."""
    texts = column.astype(object).to_numpy()
    return np.array([text if isinstance(text, str) else None for text in texts], object)


@dataclass(frozen=True)
class Category(Kept):
    """Cells [n], and their index, as a category: its levels are the known cells, all others are
    missing."""

    levels: Sequence[Any]
    ordered: bool = False

    @classmethod
    def of(cls, known: Iterable[Any], ordered: bool = False) -> Self:
        """Return the category whose levels are those of known cells."""
        return cls(sorted({cell for cell in known if cell is not None and cell == cell}), ordered)

    def __call__(self, new: Iterable[Any], index: Any) -> Any:
        import pandas

        kind = pandas.CategoricalDtype([*self.levels], self.ordered)
        place = {level: code for code, level in enumerate(self.levels)}
        codes = [place.get(cell, -1) for cell in new]
        return pandas.Series(pandas.Categorical.from_codes(codes, dtype=kind), index)
