"""Recipes written back as TOML, and kept by their digest beside the ledger that names them."""

import dataclasses
import json
from pathlib import Path
from typing import Any

from rosenblatt.challenge.recipe import Final, Recipe, read_recipe
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

FOLDER = "recipes"  # beside the ledger


def to_toml(recipe: Recipe, final: Final | None = None) -> str:
    """Return the text of a TOML file that reads as `recipe`, and has a table [final] if given."""
    lines = _table(recipe, "")
    if final is not None:
        lines += ["", "[final]", *_table(final, "final")]
    return "\n".join(lines) + "\n"


def keep_recipe(folder: Path, recipe: Recipe) -> Path:
    """Write a recipe to folder/recipes under its digest, once, and return the path.

    Raises UserError as write_atomic.
    """
    path = _kept(folder, recipe.digest)
    if not path.exists():
        write_atomic(path, to_toml(recipe))
    return path


def find_recipe(folder: Path, digest: str) -> Recipe:
    """Return the recipe that keep_recipe wrote. Raises UserError where it is lost or altered."""
    path = _kept(folder, digest)
    recipe = read_recipe(path)
    if recipe.digest != digest:
        raise UserError(f"{path}: was altered since its run; restore it or submit anew.")
    return recipe


def _kept(folder: Path, digest: str) -> Path:
    return folder / FOLDER / f"{digest[:16]}.toml"


def _table(value: Any, name: str) -> list[str]:
    """Return the lines of a dataclass: its plain values, then its tables under `name`."""
    prefix = f"{name}." if name else ""
    plain, tables = [], []
    for field in dataclasses.fields(value):
        content, path = getattr(value, field.name), prefix + field.name
        if content is None:
            continue
        if dataclasses.is_dataclass(content):
            tables += ["", f"[{path}]", *_table(content, path)]
        elif isinstance(content, tuple) and content and dataclasses.is_dataclass(content[0]):
            for element in content:
                tables += ["", f"[[{path}]]", *_table(element, path)]
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
