"""A recipe: the whole description of a run, a small TOML file read into frozen dataclasses."""

import dataclasses
import hashlib
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rosenblatt.data.toml import from_table, read_toml
from rosenblatt.errors import UserError
from rosenblatt.features.scaling import METHOD
from rosenblatt.members import Member, Taught
from rosenblatt.ranges import SHARE, TEXT, Choice, Whole, check_settings

SHIPPED = Path(__file__).parent / "recipes"
MANY = 15_000  # rows: fewer epochs do, and Gram matrices outgrow a laptop
SEED = Whole(0, 2**53 - 1)  # times 1,000 and a member's number it is still a 64-bit key


@dataclass(frozen=True)
class Features:
    """What is done to the pixels first: "unit" divides by the largest absolute training
    value, "standardise" subtracts each channel's mean and divides by its standard deviation."""

    scale: str = "unit"

    settings: ClassVar = {"scale": METHOD}

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Recipe:
    """Features, then members whose votes are combined.

    combine: "mean" adds the members' probabilities, "vote" their first choices, each times the
    member's weight; "weights" searches the weights, the best by the metric, "stack" learns a
    logistic regression, both on votes of models that had not seen the row, over `folds` folds. Ties
    go to the class that comes first. pseudo_labels: from which share of the votes on a row to
    predict counts as labelled in a second training of all members; 0 for none. student: a network
    that learns from what all members say, and speaks in their place.
    """

    name: str = ""
    seed: int = 1
    combine: str = "mean"
    folds: int = 5
    pseudo_labels: float = 0.0
    features: Features = field(default_factory=Features)
    members: tuple[Member, ...] = ()
    student: Taught | None = None

    settings: ClassVar = {
        "name": TEXT,
        "seed": SEED,
        "combine": Choice(("mean", "vote", "weights", "stack")),
        "folds": Whole(2, 1000),
        "pseudo_labels": SHARE,
    }

    def __post_init__(self) -> None:
        check_settings(self)

    @property
    def digest(self) -> str:
        """Return the SHA-256 of what differs from the defaults, whatever its file looks like.

        So a setting that a later edition adds does not change the digests of earlier recipes.
        """
        text = json.dumps(changed(self), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()


def changed(value: Any) -> Any:
    """Return a table of the settings of a dataclass that are not at their defaults."""
    if isinstance(value, tuple):
        return [changed(item) for item in value]
    if not dataclasses.is_dataclass(value) or isinstance(value, type):
        return value
    plain = type(value)()
    names = [f.name for f in dataclasses.fields(value)]
    found = {name: getattr(value, name) for name in names}
    return {
        name: changed(item)
        for name, item in found.items()
        if name == "kind" or item != getattr(plain, name)
    }


@dataclass(frozen=True)
class Final:
    """The final submission: where its data lies, and the SHA-256 of data and submission."""

    challenge: str
    data: str
    submission: str


def recipe_path(name: str) -> Path:
    """Return the file of a recipe given by its path, or by the name of a shipped one.

    Raises UserError where there is neither.
    """
    shipped = SHIPPED / f"{name}.toml"
    if Path(name).exists():
        return Path(name)
    if Path(name).suffix or not shipped.exists():
        names = ", ".join(sorted(path.stem for path in SHIPPED.glob("*.toml")))
        raise UserError(f"{name}: no such file, and no shipped recipe; those are {names}.")
    return shipped


def read_recipe(path: Path | str) -> Recipe:
    """Return the recipe in a TOML file; a table [final] in it is left alone.

    Raises UserError: no such file, no TOML, an unknown key (with the nearest right name), a value
    of the wrong type, no member.
    """
    table = read_toml(Path(path))
    table.pop("final", None)
    return check_whole(from_table(Recipe, table, f"{path}"), f"{path}")


def check_whole(recipe: Recipe, where: str) -> Recipe:
    """Return a recipe. Raises UserError where it has no member, or a member lacks its kernels."""
    if not recipe.members:
        raise UserError(f"{where}: has no [[members]]; add at least one, kind = 'network'.")
    for member in recipe.members:
        if not getattr(member, "kernels", True):
            raise UserError(f"{where}: a {member.kind} has no [[members.kernels]]; add one.")
    return recipe


def read_final(path: Path | str) -> Final:
    """Return the table [final] of a recipe. Raises UserError as read_recipe."""
    table = read_toml(Path(path)).get("final")
    if table is None:
        raise UserError(f"{path}: has no table [final]; make a submission final: `final FILE`.")
    return from_table(Final, table, f"{path}: final")


FEW = 500  # rows of a table, on which weights of a blend would be luck
TABLES = {"table": "table_blend", "dated": "dated"}
SUITED = TABLES | {"dna": "dna", "graph": "graphs", "numbers": "table"}
OF_VALUES = TABLES | {"numbers": "table_values", "times": "times"}


def default_recipe(kind: str, shape: tuple[int, ...], values: bool = False, text: str = "") -> Path:
    """Return the shipped recipe for a kind of challenge and its training samples [N, C, H, W].

    kind: as of a challenge, or "times", a table of windows, or "dated", one with dates; values:
    these are asked for, and no classes; text: a table has columns of it "beside" numbers, or
    "alone".
    Raises UserError where there is none.
    """
    if text or (kind in TABLES and shape[0] < FEW):
        if text == "alone" and not values:
            return SHIPPED / "text.toml"
        blend = "_blend" if text == "beside" and shape[0] >= FEW else ""
        return SHIPPED / f"typed{'_values' if values else ''}{blend}.toml"
    if values:
        if kind in OF_VALUES:
            return SHIPPED / f"{OF_VALUES[kind]}.toml"
        raise UserError(f"no shipped recipe learns values from a {kind}; give one: --recipe.")
    if kind == "image":
        N, C, H, _ = shape
        grey = "small_digits" if H <= 16 else "digits" if N < MANY else "wide_digits"
        return SHIPPED / f"{'images' if C == 3 else grey}.toml"
    if kind in SUITED:
        return SHIPPED / f"{SUITED[kind]}.toml"
    raise UserError(f"no recipe is shipped for a challenge of kind {kind!r}; give one: --recipe.")


def quick(recipe: Recipe, divisor: int) -> Recipe:
    """Return the recipe with its members so many times shorter, and one of each."""
    short = [dataclasses.replace(member.shorter(1 / divisor), count=1) for member in recipe.members]
    student = recipe.student and recipe.student.shorter(1 / divisor)
    return dataclasses.replace(recipe, members=tuple(short), student=student)
