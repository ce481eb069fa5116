"""What a setting may be, told once and checked before any work begins.

A class lists its settings in `settings`, from name to range; `check_settings` reads that list, and
so does the test that tries values outside of each.
"""

import numbers
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from rosenblatt.errors import UserError

LONGEST = 60  # letters of a value in a message


class Range(Protocol):
    """What a value must be; str() ends the sentence "it must be ..."."""

    def holds(self, value: Any) -> bool:
        """Return whether the value is in the range."""
        ...


@dataclass(frozen=True)
class Whole:
    """A whole number from low to high; neither True nor 2.0 is one."""

    low: int
    high: int

    def holds(self, value: Any) -> bool:
        whole = isinstance(value, numbers.Integral) and not isinstance(value, bool)
        return whole and self.low <= value <= self.high

    def __str__(self) -> str:
        return f"a whole number from {self.low:,} to {self.high:,}"


@dataclass(frozen=True)
class Real:
    """A finite number from low to high, or to below high where that is `excluded`."""

    low: float
    high: float
    excluded: bool = False

    def holds(self, value: Any) -> bool:
        real = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not real:
            return False
        return self.low <= value < self.high or (value == self.high and not self.excluded)

    def __str__(self) -> str:
        return f"a number from {self.low:g} to {'below ' * self.excluded}{self.high:g}"


@dataclass(frozen=True)
class Choice:
    """One of some values."""

    values: tuple[Any, ...]

    def holds(self, value: Any) -> bool:
        return any(type(value) is type(known) and value == known for known in self.values)

    def __str__(self) -> str:
        return f"one of {', '.join(map(repr, self.values))}"


@dataclass(frozen=True)
class Kind:
    """An object of a type, or of one of several, or a Callable; `name` says it in words."""

    types: Any
    name: str

    def holds(self, value: Any) -> bool:
        return isinstance(value, self.types)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Function:
    """Something to call, no class; `name` says it in words."""

    name: str

    def holds(self, value: Any) -> bool:
        return callable(value) and not isinstance(value, type)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class Either:
    """In one range or in another."""

    first: Range
    second: Range

    def holds(self, value: Any) -> bool:
        return self.first.holds(value) or self.second.holds(value)

    def __str__(self) -> str:
        return f"{self.first} or {self.second}"


@dataclass(frozen=True)
class Each:
    """A list of so many values, each in a range."""

    item: Range
    low: int
    high: int

    def holds(self, value: Any) -> bool:
        some = isinstance(value, tuple | list) and self.low <= len(value) <= self.high
        return some and all(self.item.holds(item) for item in value)

    def __str__(self) -> str:
        count = self.low if self.low == self.high else f"{self.low} to {self.high}"
        return f"{count} values, each {self.item}"


NONE = Kind(type(None), "None")
FLAG = Choice((True, False))
TEXT = Kind(str, "a text")
POSITIVE = Real(1e-30, 1e30)  # and float32 holds it
FROM_ZERO = Real(0, 1e30)
SHARE = Real(0, 1)
BELOW_ONE = Real(0, 1, excluded=True)
GENERATOR = Kind(np.random.Generator, "a random generator: numpy.random.default_rng(1)")
SEED = Whole(0, 2**63 - 1)
EPOCHS = Whole(1, 100_000)
WEIGHT = Real(1e-6, 1e6)  # 0 would be a part learned for nothing: leave its table out
COUNT = Whole(1, 1000)


def check_settings(owner: Any) -> None:
    """Raise UserError where an attribute of owner lies outside of its range in owner.settings."""
    for name, wanted in owner.settings.items():
        check_value(name, getattr(owner, name), wanted)


def check_value(name: str, value: Any, wanted: Range) -> None:
    """Raise UserError where a value is not in a range, naming both."""
    if not wanted.holds(value):
        text = repr(value)
        shown = text if len(text) <= LONGEST else f"{text[:LONGEST]}..."
        raise UserError(f"{name} = {shown}: it must be {wanted}.")
