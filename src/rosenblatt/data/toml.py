"""TOML files as people write and break them, and the frozen dataclasses that their tables are.

A dataclass says by its annotations which keys a table has and of what type each is, by `settings`
what values it may take; nothing else reads a table.
"""

import dataclasses
import json
import math
import tomllib
import types
import typing
from pathlib import Path
from typing import Any, TypeVar

from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError, meant
from rosenblatt.kinds import Kinded

T = TypeVar("T")
WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}


def read_toml(path: Path) -> dict[str, Any]:
    """Return the table in a TOML file. Raises UserError: no such file, not UTF-8, no TOML."""
    check_file(path)
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except ValueError as error:
        raise UserError(f"{path}: is not TOML: {error}; fix or remove it.") from error
    except RecursionError as error:
        raise UserError(f"{path}: is not TOML: it is nested too deeply; fix it.") from error


def from_table(target: type[T], table: Any, where: str) -> T:
    """Return a table, as TOML gave it, as a dataclass.

    Raises UserError, which begins with `where`: an unknown key (with the nearest right name), a key
    without a default that is not there, a value of another type or out of its range.
    """
    value: T = as_type(target, table, where)
    return value


def as_type(target: Any, value: Any, where: str) -> Any:
    """Return a value, as TOML gave it, as the type of a dataclass's field. Raises UserError."""
    origin, inner = typing.get_origin(target), typing.get_args(target)
    if origin in (typing.Union, types.UnionType):
        return as_type(inner[0], value, where)
    if origin is tuple and isinstance(value, list | tuple):
        if inner[-1] is not Ellipsis and len(value) != len(inner):
            raise UserError(f"{where} = {value!r}; it must have {len(inner)} values.")
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(
            as_type(k, v, f"{where}.{i}") for i, (k, v) in enumerate(zip(kinds, value, strict=True))
        )
    if origin is dict and isinstance(value, dict):
        return {key: as_type(inner[1], item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, str) and hasattr(target, "alone"):
        value = {target.alone: value}
    if dataclasses.is_dataclass(target) and isinstance(value, dict):
        return _table(of_kind(target, value, where), value, where)
    if target is float and type(value) is int:
        return float(value) if abs(value) < 2**1023 else math.inf
    if type(value) is not target:
        wanted = "a list" if origin is tuple else WORDS.get(target, "a table")
        raise UserError(f"{where} = {value!r}: it must be {wanted}.")
    return value


def of_kind(target: Any, table: dict[str, Any], where: str) -> Any:
    """Return the class that a table's `kind` says, below a root of kinds."""
    if not issubclass(target, Kinded) or target.kind:
        return target
    known, kind = target.kinds(), table.get("kind", target.usual)
    if not isinstance(kind, str) or kind not in known:
        shown = f"kind = {kind!r}" if kind or "kind" in table else "has no kind"
        raise UserError(f"{where}: {shown}; known are {', '.join(known)}.")
    return known[kind]


def _table(target: Any, table: dict[str, Any], where: str) -> Any:
    hints = types_of(target)
    for key in table:
        if key not in hints:
            raise UserError(f"{where}: unknown key {key!r}; {meant(key, hints)}")
    names = {_key(field): field.name for field in dataclasses.fields(target)}
    values = {
        names[key]: as_type(hints[key], value, f"{where}: {key}") for key, value in table.items()
    }
    missing = [name for name in required(target) if name not in table]
    if missing:
        raise UserError(f"{where}: {missing[0]} is missing; it says {', '.join(hints)}.")
    try:
        return target(**values)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error


def types_of(target: Any) -> dict[str, Any]:
    """Return the keys of a table with their types: of each field, under its own name or `key`."""
    hints = typing.get_type_hints(target)
    keys = {_key(field): hints[field.name] for field in dataclasses.fields(target)}
    return {key: found for key, found in keys.items() if key}


def _key(field: dataclasses.Field) -> str:
    """Return the key of a field, "" where no file may give it."""
    return field.metadata.get("key", field.name) or ""


def required(target: Any) -> list[str]:
    """Return the keys of a table that have no default."""
    unset = dataclasses.MISSING
    return [
        field.name
        for field in dataclasses.fields(target)
        if field.default is unset and field.default_factory is unset
    ]


def to_lines(value: Any, name: str = "") -> list[str]:
    """Return the lines of a dataclass as TOML: its plain values, then its tables under `name`."""
    prefix = f"{name}." if name else ""
    plain, tables = [], []
    for field in dataclasses.fields(value):
        content, path = getattr(value, field.name), prefix + field.name
        if content is None:
            continue
        if dataclasses.is_dataclass(content):
            tables += ["", f"[{path}]", *to_lines(content, path)]
        elif isinstance(content, tuple) and content and dataclasses.is_dataclass(content[0]):
            for element in content:
                tables += ["", f"[[{path}]]", *to_lines(element, path)]
        else:
            plain.append(f"{field.name} = {toml_value(content)}")
    return plain + tables


def toml_value(content: Any) -> str:
    """Return a text, number, truth value or list of such as TOML writes it."""
    if isinstance(content, bool):
        return "true" if content else "false"
    if isinstance(content, str):
        return json.dumps(content, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(content, tuple | list):
        return f"[{', '.join(map(toml_value, content))}]"
    return repr(content)
