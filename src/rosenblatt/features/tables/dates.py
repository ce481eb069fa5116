"""Moments as numbers: how long ago, and where on the circles of year, week and day."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import ColumnFeature, Describe, holds_dates
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import cos, sin

START = np.datetime64("2000-01-01")
PERIODS = (("month", 12), ("day_of_week", 7), ("hour", 24))
WAVES = [f"{wave} of {name}" for name, _ in PERIODS for wave in ("sine", "cosine")]
OUTPUTS = ("days", "year", *WAVES)


@dataclass(frozen=True)
class Dates(ColumnFeature):
    """The day and the year, each less its mean by its deviation, and sine and cosine of month, day
    of the week and hour, [n, 8]; 0 where missing."""

    kind: str = "dates"

    def suits(self, column: Any) -> bool:
        return holds_dates(column)

    def fit(self, column: Any) -> Describe:
        known = _parts(column.dropna())
        mean = known.mean(0) if len(known) else np.zeros(len(OUTPUTS))
        scale = known.std(0) if len(known) else np.ones(len(OUTPUTS))
        mean[2:], scale[2:] = 0, 1
        scale[scale == 0] = 1
        return Describe(_Scaled(mean, scale), OUTPUTS)


@dataclass(frozen=True, eq=False)
class _Scaled(Kept):
    mean: np.ndarray
    scale: np.ndarray

    axes: ClassVar = {"mean": "float64 D", "scale": "float64 D"}

    def __call__(self, new: Any) -> np.ndarray:
        return np.nan_to_num((_parts(new) - self.mean) / self.scale)


def _parts(column: Any) -> np.ndarray:
    days = (column.to_numpy() - START) / np.timedelta64(1, "D")
    parts = [days, column.dt.year.to_numpy(float)]
    for name, period in PERIODS:
        angle = getattr(column.dt, name).to_numpy(float) * (2 * np.pi / period)
        parts += [sin(angle), cos(angle)]
    return np.stack(parts, 1)
