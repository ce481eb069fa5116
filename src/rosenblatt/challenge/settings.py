"""challenge.toml: what the data files of a challenge do not say themselves."""

import math
import os
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any

from rosenblatt.data.schema import KINDS, Rule
from rosenblatt.data.toml import read_toml
from rosenblatt.errors import UserError, meant

FILE = "challenge.toml"
METRICS = ("accuracy", "balanced_accuracy", "f1", "macro_f1", "auc", "average_precision",
           "log_loss", "brier", "matthews", "kappa", "rmse", "rmsle", "mae", "r2")  # fmt: skip


@dataclass(frozen=True)
class Wide:
    """How a wide table of times lies: its rows are quantities, its columns hours.

    rows: the column that names the quantities; window: hours that a sample holds; horizon: hours
    ahead that are asked for; target: the quantity asked for; missing: marks of faults.
    """

    rows: str
    window: int
    target: str
    horizon: int = 1
    missing: tuple[str, ...] = ()


@dataclass(frozen=True)
class Settings:
    """The contents of challenge.toml; None or a default where it says nothing.

    kind: "image", "dna", or "table" for columns that are no pixels; shape: channels, rows, columns
    of an image; classes: the labels as spelled in the files; header: whether the first row of the
    training and test files names their columns; target, id: the names of the columns that hold
    labels and Ids; columns: what a column is, as in data.schema ("number" for one that is learned
    from though it tells the row's place, "identifier" for one that is not; without a header, a
    column's name is its number from 1); table: how a wide table of times lies; quota: submissions
    a day; public_share: the share of test rows on the public board; told: the keys that the file
    has, all others are defaults.
    """

    name: str | None = None
    kind: str | None = None
    shape: tuple[int, ...] | None = None
    classes: tuple[str, ...] | None = None
    header: bool | None = None
    target: str | None = None
    id: str | None = None
    columns: dict[str, Rule] = field(default_factory=dict)
    table: Wide | None = None
    metric: str = "accuracy"
    quota: int = 2
    public_share: float = 0.5
    told: frozenset[str] = frozenset()

    def kind_of(self, column: str) -> str | None:
        """Return what a column is, where challenge.toml says it."""
        rule = self.columns.get(column)
        return rule.kind if rule else None

    def assumed(self, key: str) -> str:
        """Return the words that tell a default from what was told, with a space before."""
        return "" if key in self.told else f" (no {FILE} says so: assumed)"


def read_settings(folder: Path) -> Settings:
    """Return the settings in `folder`, or the defaults where it has no challenge.toml.

    A zip archive has its settings beside it, under its own name.
    Raises UserError: unreadable or no TOML, an unknown key, a value of the wrong type or range.
    """
    path = settings_file(folder)
    if not os.path.lexists(path):
        return Settings()
    table = read_toml(path)
    names = [entry.name for entry in fields(Settings) if entry.name != "told"]
    for key in table:
        if key not in names:
            raise UserError(f"{path}: unknown key {key!r}; {meant(key, names)}")
    for key, value in table.items():
        below = set(names) & set(value if key == "columns" and isinstance(value, dict) else ())
        stray = next((name for name in below if not _is_rule(value[name])), None)
        if stray:
            raise UserError(
                f"{path}: {stray} stands below [{key}], so it is read as one of its columns; move "
                "the line above."
            )
        _check(path, key, value)
    values: dict[str, Any] = {key: tuple(value) if isinstance(value, list) else value
              for key, value in table.items()}  # fmt: skip
    values["columns"] = {name: _rule(what) for name, what in table.get("columns", {}).items()}
    values["table"] = _wide(table["table"]) if "table" in table else None
    return Settings(**values, told=frozenset(table))


def settings_file(folder: Path) -> Path:
    """Return where the settings of a challenge are, if there are any."""
    return folder.with_suffix(".toml") if folder.is_file() else folder / FILE


def default_notes(settings: Settings) -> tuple[str, ...]:
    """Return what is assumed of the contest where challenge.toml does not say it."""
    assumed = {
        "metric": settings.metric,
        "quota": f"{settings.quota} submissions a day",
        "public_share": f"{settings.public_share:.0%} of the test rows on the public board",
    }
    missing = [text for key, text in assumed.items() if key not in settings.told]
    return (f"no {FILE} says so: assumed {', '.join(missing)}",) if missing else ()


def _check(path: Path, key: str, value: Any) -> None:
    wanted, right = {
        "name": ("a text", isinstance(value, str)),
        "kind": ('"image", "table" or "dna"', value in ("image", "table", "dna")),
        "shape": ("three whole numbers above 0: channels, rows, columns", _is_shape(value)),
        "classes": ("a list of at least two different texts", _is_classes(value)),
        "header": ("true or false", type(value) is bool),
        "target": ("the name of a column", isinstance(value, str)),
        "id": ("the name of a column", isinstance(value, str)),
        "columns": (
            f"a table of names = {', '.join(map(repr, KINDS))}, or {{type = ..., missing = [...]}}",
            isinstance(value, dict) and all(map(_is_rule, value.values())),
        ),
        "table": (
            "a section of rows, window, horizon, target and missing",
            _is_wide(value),
        ),
        "metric": (" or ".join(METRICS), value in METRICS),
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


def _is_rule(value: Any) -> bool:
    if not isinstance(value, dict):
        return value in KINDS
    return (
        set(value) <= {"type", "missing", "format"}
        and value.get("type", "text") in KINDS
        and isinstance(value.get("format", ""), str)
        and _is_texts(value.get("missing", []))
    )


def _rule(value: Any) -> Rule:
    if not isinstance(value, dict):
        return Rule(value)
    missing = tuple(value["missing"]) if "missing" in value else None
    return Rule(value.get("type"), missing, value.get("format"))


def _is_wide(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and {"rows", "window", "target"} <= set(value) <= {*Wide.__annotations__}
        and all(isinstance(value[key], str) for key in ("rows", "target"))
        and all(type(value.get(key, 1)) is int and value.get(key, 1) > 0
                for key in ("window", "horizon"))
        and _is_texts(value.get("missing", []))
    )  # fmt: skip


def _wide(value: dict) -> Wide:
    return Wide(**{**value, "missing": tuple(value.get("missing", ()))})


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(text, str) for text in value)


def _is_share(value: Any) -> bool:
    return type(value) in (int, float) and math.isfinite(value) and 0 <= value <= 1
