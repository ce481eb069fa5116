"""Tables of a recipe: frozen dataclasses that check their settings, found under their `kind`.

A kind is found by being there. Its root names packages, whose modules are all looked through; a
class of any other module counts from its definition on. So a new kind is one file.
"""

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, ClassVar, Self

from rosenblatt.kept import Kept
from rosenblatt.ranges import Choice, Range, check_settings


@dataclass(frozen=True)
class Kinded(Kept):
    """A table that is known by its kind.

    A root sets `packages`, whose modules hold its kinds, and `usual`, the kind of a table that
    names none; each class that has a kind is found under its nearest root. settings: the range of
    each key, those of all bases together.
    """

    kind: str = ""

    packages: ClassVar[tuple[str, ...]]
    usual: ClassVar[str]
    settings: ClassVar[dict[str, Range]] = {}

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        merged: dict[str, Range] = {}
        for base in reversed(cls.__mro__):
            merged |= vars(base).get("settings", {})
        cls.settings = merged | ({"kind": Choice((cls.kind,))} if cls.kind else {})

    def __post_init__(self) -> None:
        check_settings(self)

    @classmethod
    def kinds(cls) -> dict[str, type[Self]]:
        """Return the classes below a root by their kinds, in the order of these."""
        for package in cls.packages:
            _import_all(package)
        found = {c.kind: c for c in _below(cls) if c.kind and c._root() is cls}
        return dict(sorted(found.items()))

    @classmethod
    def _root(cls) -> type[Any]:
        return next(base for base in cls.__mro__ if "usual" in vars(base))


def _below(root: type[Any]) -> Iterator[type[Any]]:
    for found in root.__subclasses__():
        yield found
        yield from _below(found)


@cache
def _import_all(package: str) -> None:
    path = importlib.import_module(package).__path__
    for module in pkgutil.walk_packages(path, f"{package}."):
        importlib.import_module(module.name)


def tables_in(value: Any) -> Iterator[Any]:
    """Yield a dataclass and, depth first, those that its fields hold, in tuples too."""
    if isinstance(value, tuple):
        for item in value:
            yield from tables_in(item)
    elif dataclasses.is_dataclass(value):
        yield value
        for field in dataclasses.fields(value):
            yield from tables_in(getattr(value, field.name))
