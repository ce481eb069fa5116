"""A recipe: the whole description of a run, a small TOML file read into frozen dataclasses."""

import dataclasses
import difflib
import hashlib
import json
import math
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rosenblatt.challenge.bounds import COUNT, SEED, WEIGHT
from rosenblatt.challenge.machines import TERMS, KernelMachineMember, Term, VirtualSVMMember
from rosenblatt.challenge.network_member import NetworkMember, Student
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.data.toml import read_toml
from rosenblatt.errors import UserError
from rosenblatt.features.scaling import METHOD
from rosenblatt.ranges import FROM_ZERO, SHARE, TEXT, Choice, Whole, check_settings

SHIPPED = Path(__file__).parent / "recipes"
WORDS = {int: "a whole number", float: "a number", str: "a text", bool: "true or false"}
MANY = 15_000  # rows: fewer epochs do, and Gram matrices outgrow a laptop


@dataclass(frozen=True)
class Features:
    """What is done to the pixels first: "unit" divides by the largest absolute training
    value, "standardise" subtracts each channel's mean and divides by its standard deviation."""

    scale: str = "unit"

    settings: ClassVar = {"scale": METHOD}

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class KernelPerceptronMember:
    """A kernel perceptron, one versus rest, averaged; it has no probabilities, so it votes.

    gamma: exp(-gamma |x - y|^2), 0 for 1 / (features x variance); degree of the polynomial.
    """

    kind: str = "kernel_perceptron"
    weight: float = 1.0
    kernel: str = "gaussian"
    gamma: float = 0.0
    degree: int = 3
    epochs: int = 10

    settings: ClassVar = {
        "kind": Choice(("kernel_perceptron",)),
        "weight": WEIGHT,
        "kernel": Choice(("gaussian", "polynomial")),
        "gamma": FROM_ZERO,
        "degree": KERNEL_SETTINGS["degree"],
        "epochs": COUNT,
    }

    def __post_init__(self) -> None:
        check_settings(self)


Member = NetworkMember | KernelPerceptronMember | KernelMachineMember | VirtualSVMMember
MEMBERS: dict[str, type] = {
    "network": NetworkMember,
    "kernel_perceptron": KernelPerceptronMember,
    "kernel_machine": KernelMachineMember,
    "virtual_svm": VirtualSVMMember,
}
KINDS: dict[Any, tuple[dict[str, type], str | None]] = {  # by the key `kind`, and its default
    Member: (MEMBERS, "network"),
    Term: (TERMS, None),
}


@dataclass(frozen=True)
class Recipe:
    """Features, then members whose votes are combined.

    combine: "mean" adds the members' probabilities, "vote" their first choices, each times the
    member's weight; "weights" searches the weights, "stack" learns a logistic regression, both on
    votes of models that had not seen the row, over `folds` folds. Ties go to the class that comes
    first. pseudo_labels: from which share of the votes on a row to predict counts as labelled in
    a second training of all members; 0 for none. student: a network that learns from what all
    members say, and speaks in their place.
    """

    name: str = ""
    seed: int = 1
    combine: str = "mean"
    folds: int = 5
    pseudo_labels: float = 0.0
    features: Features = field(default_factory=Features)
    members: tuple[Member, ...] = ()
    student: Student | None = None

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
    return parse_recipe(table, f"{path}")


def parse_recipe(table: dict[str, Any], where: str) -> Recipe:
    """Return the recipe in a table as TOML gives it. Raises UserError as read_recipe."""
    recipe: Recipe = _parse(Recipe, table, where)
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
    return _parse(Final, table, f"{path}: final")


def default_recipe(kind: str, shape: tuple[int, ...]) -> Path:
    """Return the shipped recipe for a kind of challenge and its training samples [N, C, H, W]."""
    if kind == "image":
        N, C, H, _ = shape
        grey = "small_digits" if H <= 16 else "digits" if N < MANY else "wide_digits"
        return SHIPPED / f"{'images' if C == 3 else grey}.toml"
    if kind in ("dna", "table"):
        return SHIPPED / f"{kind}.toml"
    raise UserError(f"no recipe is shipped for a challenge of kind {kind!r}; give one: --recipe.")


def quick(recipe: Recipe, divisor: int) -> Recipe:
    """Return the recipe with the epochs divided, one member of each kind, one kernel of a sum."""
    members = tuple(_quick(member, divisor) for member in recipe.members)
    student = _quick(recipe.student, divisor) if recipe.student else None
    return dataclasses.replace(recipe, members=members, student=student)


def _quick(member: Any, divisor: int) -> Any:
    if isinstance(member, KernelMachineMember | VirtualSVMMember):
        return dataclasses.replace(member, kernels=member.kernels[:1])
    if isinstance(member, NetworkMember):
        cycle = max(1, member.epochs // member.snapshots // divisor)
        return dataclasses.replace(member, epochs=cycle * member.snapshots, count=1)
    return dataclasses.replace(member, epochs=max(1, member.epochs // divisor))


def _parse(target: Any, value: Any, where: str) -> Any:
    """Return `value`, as TOML gave it, as the type `target`."""
    origin, inner = typing.get_origin(target), typing.get_args(target)
    if target in KINDS:
        known, usual = KINDS[target]
        kind = value.get("kind", usual) if isinstance(value, dict) else None
        if not isinstance(kind, str) or kind not in known:
            raise UserError(f"{where}: kind = {kind!r}; known are {', '.join(known)}.")
        return _parse(known[kind], value, where)
    if origin in (typing.Union, types.UnionType):
        return _parse(inner[0], value, where)
    if origin is tuple and isinstance(value, list):
        if inner[-1] is not Ellipsis and len(value) != len(inner):
            raise UserError(f"{where} = {value!r}; it must have {len(inner)} values.")
        kinds = [inner[0]] * len(value) if inner[-1] is Ellipsis else inner
        return tuple(
            _parse(k, v, f"{where}.{i}") for i, (k, v) in enumerate(zip(kinds, value, strict=True))
        )
    if dataclasses.is_dataclass(target) and isinstance(value, dict):
        return _parse_table(target, value, where)
    if target is float and type(value) is int:
        return float(value) if abs(value) < 2**1023 else math.inf
    if type(value) is not target:
        wanted = "a list" if origin is tuple else WORDS.get(target, "a table")
        raise UserError(f"{where} = {value!r}: it must be {wanted}.")
    return value


def _parse_table(target: Any, table: dict[str, Any], where: str) -> Any:
    hints = typing.get_type_hints(target)
    names = [f.name for f in dataclasses.fields(target)]
    for key in table:
        if key not in names:
            near = difflib.get_close_matches(key, names, n=1)
            meant = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(names)}."
            raise UserError(f"{where}: unknown key {key!r}; {meant}")
    values = {key: _parse(hints[key], value, f"{where}: {key}") for key, value in table.items()}
    missing = [name for name in required(target) if name not in table]
    if missing:
        raise UserError(f"{where}: {missing[0]} is missing; it says {', '.join(names)}.")
    try:
        return target(**values)
    except UserError as error:
        raise UserError(f"{where}: {error}") from error


def required(target: Any) -> list[str]:
    """Return the keys of a table that have no default."""
    unset = dataclasses.MISSING
    return [
        field.name
        for field in dataclasses.fields(target)
        if field.default is unset and field.default_factory is unset
    ]
