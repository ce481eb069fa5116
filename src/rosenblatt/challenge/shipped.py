"""The recipes that come with the package, and what each was measured to reach."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rosenblatt.challenge.recipe import SHIPPED, read_recipe
from rosenblatt.errors import UserError


@dataclass(frozen=True)
class Shipped:
    """A recipe's file and digest, what it is for (the comment on top), and its measured figures.

    measured: what `results` wrote beside the recipe; None where there is nothing, where the recipe
    has changed since, or where an earlier edition wrote it.
    """

    path: Path
    digest: str
    purpose: str
    measured: dict[str, Any] | None


def shipped_recipes(folder: Path = SHIPPED) -> list[Shipped]:
    """Return the shipped recipes in order of their names. Raises UserError as read_recipe."""
    return [_shipped(path) for path in sorted(folder.glob("*.toml"))]


def _shipped(path: Path) -> Shipped:
    recipe = read_recipe(path)
    first = path.read_text(encoding="utf-8").splitlines()[0]
    purpose = first.removeprefix("#").strip() if first.startswith("#") else ""
    figures = path.with_suffix(".json")
    if not figures.exists():
        return Shipped(path, recipe.digest, purpose, None)
    try:
        measured = json.loads(figures.read_text(encoding="utf-8"))
        current = measured["recipe_digest"] == recipe.digest and "once" in measured
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise UserError(
            f"{figures}: is not what evaluate --json writes ({error!r}); measure again."
        ) from error
    return Shipped(path, recipe.digest, purpose, measured if current else None)
