"""challenge.toml: what the data files of a challenge do not say themselves."""

import difflib
import math
import os
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from rosenblatt.data.toml import read_toml
from rosenblatt.errors import UserError

FILE = "challenge.toml"


@dataclass(frozen=True)
class Settings:
    """The contents of challenge.toml; None or a default where it says nothing.

    kind: "image", or "table" for columns that are no pixels; shape: channels, rows, columns of an
    image; classes: the labels as spelled in the files;
    quota: submissions a day; public_share: the share of test rows on the public board; told: the
    keys that the file has, all others are defaults.
    """

    name: str | None = None
    kind: str | None = None
    shape: tuple[int, ...] | None = None
    classes: tuple[str, ...] | None = None
    metric: str = "accuracy"
    quota: int = 2
    public_share: float = 0.5
    told: frozenset[str] = frozenset()

    def assumed(self, key: str) -> str:
        """Return the words that tell a default from what was told, with a space before."""
        return "" if key in self.told else f" (no {FILE} says so: assumed)"


def read_settings(folder: Path) -> Settings:
    """Return the settings in `folder`, or the defaults where it has no challenge.toml.

    Raises UserError: unreadable or no TOML, an unknown key, a value of the wrong type or range.
    """
    path = folder / FILE
    if not os.path.lexists(path):
        return Settings()
    table = read_toml(path)
    names = [field.name for field in fields(Settings) if field.name != "told"]
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1) or [", ".join(names)]
            raise UserError(f"{path}: unknown key {key!r}; did you mean {near[0]}?")
    for key, value in table.items():
        _check(path, key, value)
    lists = {key: tuple(value) for key, value in table.items() if isinstance(value, list)}
    return Settings(**{**table, **lists}, told=frozenset(table))


def _check(path: Path, key: str, value: Any) -> None:
    wanted, right = {
        "name": ("a text", isinstance(value, str)),
        "kind": ('"image" or "table"', value in ("image", "table")),
        "shape": ("three whole numbers above 0: channels, rows, columns", _is_shape(value)),
        "classes": ("a list of at least two different texts", _is_classes(value)),
        "metric": ('"accuracy"', value == "accuracy"),
        "quota": ("a whole number above 0", type(value) is int and value > 0),
        "public_share": ("a number between 0 and 1", _is_share(value)),
    }[key]
    if not right:
        raise UserError(f"{path}: {key} = {value!r}; it must be {wanted}.")


def _is_shape(value: Any) -> bool:
    return (
        isinstance(value, list)
        and len(value) == 3
        and all(type(size) is int and size > 0 for size in value)
    )


def _is_classes(value: Any) -> bool:
    return (
        isinstance(value, list)
        and all(isinstance(name, str) for name in value)
        and len(set(value)) == len(value) >= 2
    )


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1
