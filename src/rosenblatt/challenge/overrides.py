"""Variants of a recipe by naming what differs: network.epochs=20. Never by copied files."""

import dataclasses
import difflib
import tomllib
from collections.abc import Iterable
from typing import Any

from rosenblatt.challenge.recipe import MEMBERS, Recipe, parse_recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.errors import UserError

WHERE = "--set"
KEYS = [field.name for field in dataclasses.fields(Recipe)]


def override(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with each "key=value" changed; values are written as in TOML.

    A key is a path from the recipe, or from the kind of a member, and then for all members of that
    kind: seed=3, network.augmentation.shift=1. A value that is no TOML is taken as text.
    Raises UserError: no "=", no member of the kind, an unknown key, a value of the wrong type.
    """
    settings = list(settings)
    if not settings:
        return recipe
    table = tomllib.loads(to_toml(recipe))
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise UserError(f"{WHERE} {setting}: write it as KEY=VALUE, such as network.epochs=20.")
        for place, name in _places(table, key.strip().split(".")):
            place[name] = _value(text.strip())
    return parse_recipe(table, WHERE)


def _places(table: dict[str, Any], path: list[str]) -> list[tuple[dict[str, Any], str]]:
    """Return the tables that a path leads to, with the last name of the path."""
    first, *rest = path
    if first in MEMBERS and rest:
        starts = [member for member in table["members"] if member["kind"] == first]
        if not starts:
            kinds = ", ".join(dict.fromkeys(member["kind"] for member in table["members"]))
            raise UserError(
                f"{WHERE} {'.'.join(path)}: the recipe has no member of kind {first}; it has "
                f"{kinds}."
            )
    elif rest and first not in table:
        near = difflib.get_close_matches(first, [*MEMBERS, *table], n=1)
        meant = f"; did you mean {near[0]}?" if near else "."
        raise UserError(f"{WHERE} {'.'.join(path)}: unknown key {first!r}{meant}")
    else:
        starts, rest = [table], path
        if first not in KEYS:
            raise UserError(f"{WHERE} {first}: unknown key {first!r}{_meant(table, first)}")
    for name in rest[:-1]:
        starts = [start.setdefault(name, {}) for start in starts]
        if not all(isinstance(start, dict) for start in starts):
            raise UserError(f"{WHERE} {'.'.join(path)}: {name} has no settings of its own.")
    return [(start, rest[-1]) for start in starts]


def _meant(table: dict[str, Any], key: str) -> str:
    """Return which path to a key of a recipe's tables was probably meant."""
    paths = [*KEYS, *_paths(table, "")]
    same = [path for path in paths if path.rpartition(".")[2] == key]
    near = difflib.get_close_matches(key, [path.rpartition(".")[2] for path in paths], n=1)
    found = same or [path for path in paths if path.rpartition(".")[2] in near]
    return f"; did you mean {' or '.join(dict.fromkeys(found))}?" if found else "."


def _paths(table: dict[str, Any], start: str) -> list[str]:
    """Return the paths to the settings of a recipe's tables, as they are written after --set."""
    found = []
    for key, value in table.items():
        if key == "members":
            found += [path for one in value for path in _paths(one, f"{one['kind']}.")]
        elif isinstance(value, dict):
            found += _paths(value, f"{start}{key}.")
        elif start:
            found.append(start + key)
    return found


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
