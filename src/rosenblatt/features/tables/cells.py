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
            return Describe(_Number())
        return Describe(_Code(), codes=True)


@dataclass(frozen=True)
class _Number(Kept):
    def __call__(self, new: Any) -> np.ndarray:
        return new.to_numpy(np.float32)[:, None]


@dataclass(frozen=True)
class _Code(Kept):
    def __call__(self, new: Any) -> np.ndarray:
        codes = new.cat.codes.to_numpy(np.float32)[:, None]
        return np.where(codes < 0, np.float32(np.nan), codes)
