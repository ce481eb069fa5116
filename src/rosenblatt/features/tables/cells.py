"""Cells as trees take them: numbers as they are, levels by their codes, gaps left open."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.features.tables.feature import (
    ColumnFeature,
    Describe,
    holds_levels,
    holds_numbers,
)
from rosenblatt.kept import Kept


@dataclass(frozen=True)
class Cells(ColumnFeature):
    """A number, or the code of a level in the order of levels, NaN where it is missing."""

    kind: str = "cells"

    def suits(self, column: Any) -> bool:
        return holds_numbers(column) or holds_levels(column)

    def fit(self, column: Any) -> Describe:
        if holds_numbers(column):
            values = np.unique(column.to_numpy(float))
            known = values[~np.isnan(values)]
            middle = float(known[len(known) // 2]) if len(known) else 0.0
            if _told_apart(known) < _told_apart(known - middle):
                return Describe(_Less(middle))
            return Describe(_Number())
        return Describe(_Code(), codes=True)


@dataclass(frozen=True)
class _Number(Kept):
    def __call__(self, new: Any) -> np.ndarray:
        return new.to_numpy(np.float32)[:, None]


@dataclass(frozen=True)
class _Less(Kept):
    """Numbers less one amid them, where float32 would make several of them one: times in seconds,
    large numbers in a row."""

    middle: float

    def __call__(self, new: Any) -> np.ndarray:
        return (new.to_numpy(float) - self.middle).astype(np.float32)[:, None]


def _told_apart(values: np.ndarray) -> int:
    """Return how many different numbers float32 makes of these."""
    return len(np.unique(values.astype(np.float32)))


@dataclass(frozen=True)
class _Code(Kept):
    def __call__(self, new: Any) -> np.ndarray:
        codes = new.cat.codes.to_numpy(np.float32)[:, None]
        return np.where(codes < 0, np.float32(np.nan), codes)
