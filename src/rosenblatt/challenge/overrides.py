"""Variants of a recipe by naming what differs: network.epochs=20. Never by copied files."""

import dataclasses
import tomllib
import types
import typing
from collections.abc import Iterable, Iterator
from typing import Any

from rosenblatt.challenge.recipe import Recipe, check_whole
from rosenblatt.data.toml import as_type, of_kind, types_of
from rosenblatt.errors import UserError, meant, nearest
from rosenblatt.members import Member

WHERE = "--set"


class _Changes(dict[str, Any]):
    """What is to be changed of a dataclass: new values, or the changes of those that it holds."""


def override(recipe: Recipe, settings: Iterable[str]) -> Recipe:
    """Return the recipe with each "key=value" changed; values are written as in TOML.

    A key is a path from the recipe, or from the kind of a member, and then for all members of that
    kind: seed=3, network.augmentation.shift=1. A value that is no TOML is taken as text. All are
    changed at once, so no order of them matters to what must fit together.
    Raises UserError: no "=", no member of the kind, an unknown key, a value of the wrong type.
    """
    settings = list(settings)
    if not settings:
        return recipe
    whole = _Changes()
    kinds: dict[str, _Changes] = {}
    for setting in settings:
        key, equals, text = setting.partition("=")
        if not equals or not key.strip():
            raise UserError(f"{WHERE} {setting}: write it as KEY=VALUE, such as network.epochs=20.")
        first, *rest = path = key.strip().split(".")
        if rest and first in Member.kinds():
            _check_kind(recipe, first, key.strip())
            _note(kinds.setdefault(first, _Changes()), rest, _value(text.strip()))
        elif first not in types_of(Recipe):
            raise UserError(f"{WHERE} {key.strip()}: unknown key {first!r}; {_meant(recipe, path)}")
        else:
            _note(whole, path, _value(text.strip()))
    changed: Recipe = _changed(Recipe, recipe, whole, WHERE)
    members = [
        _changed(Member, member, kinds.get(member.kind, _Changes()), f"{WHERE} {member.kind}")
        for member in changed.members
    ]
    return check_whole(dataclasses.replace(changed, members=tuple(members)), WHERE)


def _check_kind(recipe: Recipe, kind: str, key: str) -> None:
    kinds = dict.fromkeys(member.kind for member in recipe.members)
    if kind not in kinds:
        raise UserError(
            f"{WHERE} {key}: the recipe has no member of kind {kind}; it has {', '.join(kinds)}."
        )


def _note(changes: _Changes, path: list[str], value: Any) -> None:
    """Note a new value at a path."""
    *way, last = path
    for name in way:
        found = changes.setdefault(name, _Changes())
        if not isinstance(found, _Changes):
            raise UserError(f"{WHERE} {'.'.join(path)}: {name} is given as a whole as well.")
        changes = found
    changes[last] = value


def _changed(target: Any, value: Any, changes: _Changes, where: str) -> Any:
    """Return a dataclass with changes; where it is None, its default with them."""
    if not changes:
        return value
    if value is None:
        value = of_kind(target, {}, where)()
    hints, new = types_of(type(value)), {}
    for name, item in changes.items():
        if name not in hints:
            raise UserError(f"{where}: unknown key {name!r}; {meant(name, hints)}")
        if not isinstance(item, _Changes):
            new[name] = as_type(hints[name], item, f"{where}: {name}")
            continue
        inner = next(filter(dataclasses.is_dataclass, _choices(hints[name])), None)
        if inner is None:
            raise UserError(
                f"{where} {name}.{next(iter(item))}: {name} has no settings of its own."
            )
        new[name] = _changed(inner, getattr(value, name), item, f"{where}: {name}")
    try:
        return dataclasses.replace(value, **new)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error


def _choices(target: Any) -> tuple[Any, ...]:
    """Return the types of a union, or the one type."""
    origin = typing.get_origin(target)
    return typing.get_args(target) if origin in (typing.Union, types.UnionType) else (target,)


def _meant(recipe: Recipe, path: list[str]) -> str:
    """Return which path to a setting of the recipe was probably meant."""
    if len(path) > 1:
        return meant(path[0], [*Member.kinds(), *types_of(Recipe)])
    paths = list(_paths(recipe, ""))
    last = nearest(path[0], [path.rpartition(".")[2] for path in paths])
    found = [path for path in paths if path.rpartition(".")[2] == last]
    return f"did you mean {' or '.join(dict.fromkeys(found))}?" if found else meant(path[0], paths)


def _paths(table: Any, start: str) -> Iterator[str]:
    """Yield the paths to the settings of a recipe, as they are written after --set."""
    for name in types_of(type(table)):
        value = getattr(table, name)
        if name == "members":
            for member in value:
                yield from _paths(member, f"{member.kind}.")
        elif dataclasses.is_dataclass(value):
            yield from _paths(value, f"{start}{name}.")
        else:
            yield start + name


def _value(text: str) -> Any:
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        return text
