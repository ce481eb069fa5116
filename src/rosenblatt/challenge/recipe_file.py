"""Recipes written back as TOML, and kept by their digest beside the ledger that names them."""

from pathlib import Path

from rosenblatt.challenge.recipe import Final, Recipe, read_recipe
from rosenblatt.data.toml import to_lines
from rosenblatt.errors import UserError
from rosenblatt.files import write_atomic

FOLDER = "recipes"  # beside the ledger


def to_toml(recipe: Recipe, final: Final | None = None) -> str:
    """Return the text of a TOML file that reads as `recipe`, and has a table [final] if given."""
    lines = to_lines(recipe)
    if final is not None:
        lines += ["", "[final]", *to_lines(final, "final")]
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
        raise UserError(f"{path}: was altered since its run; restore it or submit again.")
    return recipe


def _kept(folder: Path, digest: str) -> Path:
    return folder / FOLDER / f"{digest[:16]}.toml"
