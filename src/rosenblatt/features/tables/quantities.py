"""Numbers that stand in text, such as "$5" or "10 dollar", beside what they are of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.features.tables.derived import Category, Derivation, spellings
from rosenblatt.features.tables.feature import holds_levels, holds_text
from rosenblatt.kept import Kept

NUMBER = re.compile(r"(?<![\w.])[-+]?[0-9][0-9,]*(?:\.[0-9]+)?(?![0-9])|(?<=[^\W\d_])[0-9]+\b")
MOSTLY = 0.9  # of the cells must hold one number
UNITS = 20  # different texts beside the numbers


@dataclass(frozen=True)
class Quantities(Derivation):
    """The number in each cell and, where they differ, the words beside it as a category.

    Suits columns in which nearly every cell holds one number, among few other words.
    """

    kind: str = "quantities"

    def suits(self, column: Any) -> bool:
        levels = holds_levels(column)
        if (levels and column.dtype.ordered) or not (levels or holds_text(column)):
            return False
        texts = [text for text in spellings(column) if text is not None]
        found = [read for text in texts if (read := _read(text)) is not None]
        units = {unit for _, unit in found}
        return bool(texts) and len(found) >= MOSTLY * len(texts) and len(units) <= UNITS

    def made_of(self, column: Any) -> dict[str, Callable[[Any], Any]]:
        units = _units(column)
        if len({*units} - {None}) < 2:
            return {"number": _Number()}
        return {"number": _Number(), "unit": _Unit(Category.of(units))}


@dataclass(frozen=True)
class _Number(Kept):
    def __call__(self, new: Any) -> Any:
        import pandas

        found = [_read(text) if text is not None else None for text in spellings(new)]
        values = [np.nan if read is None else read[0] for read in found]
        return pandas.Series(values, new.index, float)


@dataclass(frozen=True)
class _Unit(Kept):
    category: Category

    def __call__(self, new: Any) -> Any:
        return self.category(_units(new), new.index)


def _read(text: str) -> tuple[float, str] | None:
    """Return the one number in a text, and the words beside it, or None."""
    found = NUMBER.findall(text)
    if len(found) != 1:
        return None
    return float(found[0].replace(",", "")), NUMBER.sub("", text).strip().lower()


def _units(column: Any) -> list[str | None]:
    found = [_read(text) if text is not None else None for text in spellings(column)]
    return [None if read is None else read[1] for read in found]
