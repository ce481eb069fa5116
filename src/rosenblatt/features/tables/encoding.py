"""A whole table as numbers: each column by the features that suit it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.errors import UserError, meant
from rosenblatt.features.tables.dates import Dates
from rosenblatt.features.tables.feature import ColumnFeature, Describe
from rosenblatt.features.tables.levels import Choices, OneHot
from rosenblatt.features.tables.numbers import Numbers
from rosenblatt.features.terms import Describe as DescribeRows
from rosenblatt.features.terms import RowTerm

USUAL = (Numbers(), OneHot(), Choices(), Dates())


@dataclass(frozen=True, eq=False)
class Encoding:
    """Columns by name, each with what describes it, learned from training rows."""

    parts: Sequence[tuple[str, Describe]]

    @classmethod
    def fit(cls, frame: Any, features: Sequence[ColumnFeature] = USUAL) -> "Encoding":
        """Learn from training rows, a DataFrame as data.table makes it.

        Raises UserError where a feature names a column that is not there or does not suit it, and
        where none suits any column.
        """
        names = [*map(str, frame.columns)]
        for feature in features:
            for name in feature.columns:
                if name not in names:
                    raise UserError(f"{feature.kind}: no column {name!r}; {meant(name, names)}")
                if not feature.suits(frame[name]):
                    raise UserError(f"{feature.kind}: does not suit column {name!r}; leave it out.")
        parts = [
            (name, feature.fit(frame[name]))
            for name in names
            for feature in features
            if name in feature.columns or (not feature.columns and feature.suits(frame[name]))
        ]
        if not parts:
            raise UserError(
                f"no column suits {', '.join(feature.kind for feature in features)}; give the "
                'recipe other features, such as kind = "words" for free text.'
            )
        return cls(parts)

    def __call__(self, frame: Any) -> np.ndarray:
        """Return rows as numbers, [n, D] float32."""
        return np.concatenate(
            [np.asarray(part(frame[name]), np.float32) for name, part in self.parts], 1
        )


@dataclass(frozen=True)
class TableTerm(RowTerm):
    """Columns of a table, described by features of their kinds, on the scales that these give."""

    kind: str = "table"
    features: tuple[ColumnFeature, ...] = USUAL

    takes = ("table",)
    settings: ClassVar = {}

    def describe(self, samples: np.ndarray, seed: int) -> DescribeRows:
        return Encoding.fit(samples, self.features)
