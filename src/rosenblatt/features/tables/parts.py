"""Codes that hold several things, such as B/0/P or 0001_01, taken apart."""

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rosenblatt.features.tables.derived import Category, Derivation, spellings
from rosenblatt.features.tables.feature import holds_levels, holds_text
from rosenblatt.kept import Kept

PIECE = re.compile(r"[0-9]+|[^\W\d_]+")
MOSTLY = 0.8  # of the cells must have as many pieces
PIECES = range(2, 7)
MANY = 20  # levels, from which on a category holds several things


@dataclass(frozen=True)
class Parts(Derivation):
    """A column for each piece of a code: runs of digits are numbers, runs of letters levels.

    As many as most cells have; where one has less, the rest is missing.
    """

    kind: str = "parts"

    def suits(self, column: Any) -> bool:
        levels = holds_levels(column)
        if levels and (column.dtype.ordered or len(column.cat.categories) <= MANY):
            return False
        return (levels or holds_text(column)) and _count(column) > 0

    def made_of(self, column: Any) -> dict[str, Callable[[Any], Any]]:
        count = _count(column)
        known = _pieces(column, count)
        return {
            f"part {place + 1}": _Piece.of(known[:, place], place, count) for place in range(count)
        }


def _count(column: Any) -> int:
    """Return how many pieces most cells have, or 0 where they differ too much."""
    counts = Counter(len(PIECE.findall(text)) for text in spellings(column) if text is not None)
    if not counts:
        return 0
    count = min(counts, key=lambda size: (-counts[size], size))
    enough = sum(rows for size, rows in counts.items() if size == count)
    return count if count in PIECES and enough >= MOSTLY * counts.total() else 0


def _pieces(column: Any, count: int) -> np.ndarray:
    """Return the pieces of each cell [n, count], None where there are less."""
    out = np.full((len(column), count), None, object)
    for row, text in enumerate(spellings(column)):
        found = PIECE.findall(text)[:count] if text is not None else []
        out[row, : len(found)] = found
    return out


@dataclass(frozen=True)
class _Piece(Kept):
    """A column of the pieces in a place: of a category, or numbers."""

    place: int
    count: int
    category: Category | None

    @classmethod
    def of(cls, known: np.ndarray, place: int, count: int) -> Self:
        """Return what makes such a column; known: the pieces of training rows."""
        digits = all(text.isdigit() for text in known if text is not None)
        return cls(place, count, None if digits else Category.of(known))

    def __call__(self, column: Any) -> Any:
        import pandas

        texts = _pieces(column, self.count)[:, self.place]
        if self.category is not None:
            return self.category(texts, column.index)
        values = [float(text) if text and text.isdigit() else np.nan for text in texts]
        return pandas.Series(values, column.index, float)
