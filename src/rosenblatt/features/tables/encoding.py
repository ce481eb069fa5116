"""A whole table as numbers, each column by its kind: what learners of plain rows see of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from rosenblatt.kernels.core.elementwise import cos, sin

if TYPE_CHECKING:
    import pandas

RARE = 10  # rows of a level, below which it is one with all other rare ones
PERIODS = (("month", 12), ("day_of_week", 7), ("hour", 24))

Describe = Callable[["pandas.Series"], np.ndarray]


@dataclass(frozen=True, eq=False)
class Encoding:
    """Columns by name, each with what describes it, learned from training rows."""

    parts: Sequence[tuple[str, Describe]]

    @classmethod
    def fit(cls, frame: "pandas.DataFrame") -> "Encoding":
        """Learn from training rows; free text is left out."""
        return cls([(str(name), part) for name in frame.columns for part in _parts(frame[name])])

    def __call__(self, frame: Any) -> np.ndarray:
        """Return rows as numbers, [n, D] float32."""
        blocks = [np.asarray(part(frame[name]), np.float32) for name, part in self.parts]
        return np.concatenate(blocks, 1) if blocks else np.zeros((len(frame), 0), np.float32)


def _parts(column: "pandas.Series") -> list[Describe]:
    """Return what describes a column, by the type that data.table has given it."""
    kind = column.dtype
    if kind.kind == "f":
        return [_numbers(column)]
    if kind.kind == "M":
        return [dates]
    if hasattr(kind, "categories"):
        codes = [_numbers(column.astype(float), False)] if kind.ordered else []
        return [*codes, _levels(column)]
    if kind == object:  # noqa: E721
        return [_choices(column)]
    return []


def _numbers(column: "pandas.Series", flag: bool = True) -> Describe:
    """Return numbers with the median for missing ones, and where some were, which these are."""
    values = column.to_numpy(float)
    known = values[~np.isnan(values)]
    middle = np.median(known) if len(known) else 0.0
    flagged = flag and len(known) < len(values)

    def describe(new: "pandas.Series") -> np.ndarray:
        numbers = new.astype(float).to_numpy()
        missing = np.isnan(numbers)
        filled = np.where(missing, middle, numbers)[:, None]
        return np.hstack([filled, missing[:, None]]) if flagged else filled

    return describe


def _levels(column: "pandas.Series") -> Describe:
    """Return a column of 0 and 1 for each level, missing too; rare and unknown ones share one."""
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes + 1, minlength=len(column.cat.categories) + 1)
    common = np.flatnonzero(counts >= min(RARE, max(1, len(codes) // 20)))
    place = np.full(len(counts), len(common))
    place[common] = np.arange(len(common))

    def describe(new: "pandas.Series") -> np.ndarray:
        return np.eye(len(common) + 1)[place[new.cat.codes.to_numpy() + 1]]

    return describe


def _choices(column: "pandas.Series") -> Describe:
    """Return a column of 0 and 1 for each choice that training rows have."""
    known = sorted({choice for cell in column if cell is not None for choice in cell})

    def describe(new: "pandas.Series") -> np.ndarray:
        sets = [set(cell or ()) for cell in new]
        return np.array([[choice in held for choice in known] for held in sets], np.float32)

    return describe


def dates(column: "pandas.Series") -> np.ndarray:
    """Return moments as days since 2000, the year, and the place on the circles of month, day of
    the week and hour, [n, 8]; 0 where missing."""
    moment = column.dt
    days = (column.to_numpy() - np.datetime64("2000-01-01")) / np.timedelta64(1, "D")
    parts = [days, moment.year.to_numpy(float)]
    for name, period in PERIODS:
        angle = getattr(moment, name).to_numpy(float) * (2 * np.pi / period)
        parts += [sin(angle), cos(angle)]
    return np.nan_to_num(np.stack(parts, 1))
