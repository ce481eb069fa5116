"""A whole table as numbers: each column by the features that suit it, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import is_frame
from rosenblatt.errors import UserError
from rosenblatt.features.tables.cells import Cells
from rosenblatt.features.tables.dates import Dates
from rosenblatt.features.tables.derived import Derivation, Make, with_columns
from rosenblatt.features.tables.feature import ColumnFeature, Describe
from rosenblatt.features.tables.levels import Choices, OneHot
from rosenblatt.features.tables.numbers import Numbers
from rosenblatt.features.terms import ALONE, Comparison, RowTerm, compared
from rosenblatt.features.virtual import Variants
from rosenblatt.kept import Kept

SCALED = (Numbers(), OneHot(), Choices(), Dates())
AS_IT_IS = (Cells(), Choices(), Dates())


@dataclass(frozen=True, eq=False)
class Encoding(Kept):
    """What turns samples into numbers, learned from training rows.

    parts: columns by name, none for samples that are no table, each with what describes them;
    derived: what makes more columns of those that are there, in order.
    """

    parts: Sequence[tuple[tuple[str, ...], Describe]]
    derived: Sequence[Make] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the D numbers: of a column, and of what it is there."""
        return tuple(
            " ".join(filter(None, (" x ".join(columns), output)))
            for columns, describe in self.parts
            for output in describe.outputs
        )

    @property
    def categorical(self) -> tuple[int, ...]:
        """Return the places of the numbers that are codes of levels, which have no order."""
        codes = [describe.codes for _, describe in self.parts for _ in describe.outputs]
        return tuple(np.flatnonzero(codes).tolist())

    def __call__(self, samples: Any) -> np.ndarray:
        """Return samples as numbers, [n, D] float32."""
        for make in self.derived:
            samples = with_columns(samples, make)
        return _beside([describe(_part(samples, names)) for names, describe in self.parts])


def encode(
    samples: Any,
    features: Sequence[ColumnFeature] = SCALED,
    target: np.ndarray | None = None,
    seed: int = 0,
    fold: np.ndarray | None = None,
) -> tuple[Encoding, np.ndarray]:
    """Return what turns samples into numbers, and the numbers of these, [N, D] float32.

    samples: training rows, a DataFrame as data.table makes it; images and numbers are taken as they
    are. target: [N, T] float64, for features that see it; fold: [N] int64 from 0, of each row,
    where these may not draw their own at random.
    Raises UserError where a feature names a column that is not there or does not suit it, where
    none suits any column, and where one needs a target that is not given.
    """
    if not is_frame(samples):
        rows = _Flat()(samples)
        names = tuple(str(place + 1) for place in range(rows.shape[1]))
        return Encoding([((), Describe(_Flat(), names))]), rows
    derived = []
    for feature in features:
        if isinstance(feature, Derivation):
            derived.append(feature.derive(samples, target, seed, fold))
            samples = with_columns(samples, derived[-1])
    found = [one for feature in features for one in feature.learn(samples, target, seed, fold)]
    if not found:
        raise UserError(
            f"no column suits {', '.join(feature.kind for feature in features)}; give the "
            'recipe other features, such as kind = "words" for free text.'
        )
    parts = [(one.columns, one.describe) for one in found]
    return Encoding(parts, derived), _beside([one.rows for one in found])


def _part(samples: Any, columns: tuple[str, ...]) -> Any:
    """Return a column as a Series, several as a DataFrame, all samples for none."""
    if len(columns) == 1:
        return samples[columns[0]]
    return samples[[*columns]] if columns else samples


def _beside(parts: Sequence[np.ndarray]) -> np.ndarray:
    if len(parts) == 1:
        return np.ascontiguousarray(parts[0], np.float32)
    return np.concatenate([np.asarray(part, np.float32) for part in parts], 1)


@dataclass(frozen=True)
class _Flat(Kept):
    """Images, or numbers, as rows."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        return np.ascontiguousarray(samples.reshape(len(samples), -1), np.float32)


@dataclass(frozen=True)
class TableTerm(RowTerm):
    """Columns of a table, described by features of their kinds, on the scales that these give."""

    kind: str = "table"
    features: tuple[ColumnFeature, ...] = SCALED

    takes = ("table",)
    settings: ClassVar = {}

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        return compared(self, *encode(samples, self.features, target, seed, fold))
