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


@dataclass(frozen=True)
class Cells(ColumnFeature):
    """A number, or the code of a level in the order of levels, NaN where it is missing."""

    kind: str = "cells"

    def suits(self, column: Any) -> bool:
        return holds_numbers(column) or holds_levels(column)

    def fit(self, column: Any) -> Describe:
        if holds_numbers(column):
            return Describe(lambda new: new.to_numpy(np.float32)[:, None])
        return Describe(_codes, codes=True)


def _codes(column: Any) -> np.ndarray:
    codes = column.cat.codes.to_numpy(np.float32)[:, None]
    return np.where(codes < 0, np.float32(np.nan), codes)
