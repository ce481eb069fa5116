"""The contract of features of columns: each is a table of a recipe, fitted on training rows.

A new kind is one file in this package: a frozen dataclass below ColumnFeature with `kind`, its
settings, `suits` and `fit`. What a column is, its type says, as data.table has given it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kinds import Kinded
from rosenblatt.ranges import Range

Describe = Callable[[Any], np.ndarray]  # a column of n rows to numbers [n, d]


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
