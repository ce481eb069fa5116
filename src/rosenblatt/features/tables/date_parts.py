"""Parts of dates as codes: numbers and levels both, for learners that take them apart."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rosenblatt.features.tables.derived import Category, Derivation
from rosenblatt.features.tables.feature import holds_dates
from rosenblatt.kept import Kept

PARTS = ("year", "month", "day", "day_of_week", "hour")


@dataclass(frozen=True)
class DateParts(Derivation):
    """Year, month, day, day of the week and hour, each where training rows differ in it."""

    kind: str = "date_parts"

    def suits(self, column: Any) -> bool:
        return holds_dates(column)

    def made_of(self, column: Any) -> dict[str, Callable[[Any], Any]]:
        return {
            part: _Code(part, Category.of(_numbers(column, part), ordered=True))
            for part in PARTS
            if getattr(column.dt, part).nunique() > 1
        }


@dataclass(frozen=True)
class _Code(Kept):
    part: str
    category: Category

    def __call__(self, new: Any) -> Any:
        return self.category(_numbers(new, self.part), new.index)


def _numbers(column: Any, part: str) -> list[float]:
    return getattr(column.dt, part).astype(float).tolist()
