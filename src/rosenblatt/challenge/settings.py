"""challenge.toml: what the data files of a challenge do not say themselves."""

import dataclasses
import os
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from rosenblatt.data.folds import SPLIT
from rosenblatt.data.schema import KINDS, Rule
from rosenblatt.data.toml import from_table, read_toml, types_of
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.metrics import METRICS
from rosenblatt.ranges import (
    FLAG,
    SHARE,
    TEXT,
    Choice,
    Each,
    Range,
    Real,
    Whole,
    check_settings,
    check_value,
)

FILE = "challenge.toml"
ABOVE = Whole(1, 1_000_000_000)
CONTEST = {  # keys that any challenge may have
    "name",
    "metric",
    "clip",
    "folds",
    "quota",
    "public_share",
    "rules",
    "handin",
}


@dataclass(frozen=True)
class Wide(Kept):
    """How a wide table of times lies: its rows are quantities, its columns hours.

    rows: the column that names the quantities; window: hours that a sample holds; horizon: hours
    ahead that are asked for; target: the quantity asked for; missing: marks of faults.
    """

    rows: str
    window: int
    target: str
    horizon: int = 1
    missing: tuple[str, ...] = ()

    settings: ClassVar[dict[str, Range]] = {"window": ABOVE, "horizon": ABOVE}

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class Handin:
    """What the files of a hand-in of scripts are called: the script, the report beside it.

    function: what the course calls with the test file, in place of a command line.
    """

    script: str = "run.py"
    report: str = "report.pdf"
    function: str = ""

    settings: ClassVar[dict[str, Range]] = {"script": TEXT, "report": TEXT, "function": TEXT}

    def __post_init__(self) -> None:
        check_settings(self)
        for key, name, ending in (
            ("script", self.script, ".py"),
            ("report", self.report, ".pdf"),
            ("function", f"{self.function or 'main'}.py", ".py"),
        ):
            if not name.removesuffix(ending).isidentifier() or not name.endswith(ending):
                raise UserError(
                    f"{key} = {getattr(self, key)!r}: write letters, digits and _ alone"
                    f"{'' if key == 'function' else f', then {ending}'}."
                )


@dataclass(frozen=True)
class Hours(Kept):
    """A wide table of times that was read: its quantities in order, and what stands where a window
    knows no value of the target, the median of training windows."""

    wide: Wide
    names: tuple[str, ...]
    middle: float

    @property
    def start(self) -> int:
        """Return the place of the last known value of the target among the numbers of a window."""
        return self.names.index(self.wide.target) * self.wide.window


@dataclass(frozen=True)
class Settings:
    """The contents of challenge.toml; None or a default where it says nothing.

    kind: "image", "dna", or "table" for columns that are no pixels; shape: channels, rows, columns
    of an image; classes: the labels as spelled in the files; header: whether the first row of the
    training and test files names their columns; target, id: the names of the columns that hold
    labels and Ids; columns: what a column is, as in data.schema ("number" for one that is learned
    from though it tells the row's place, "identifier" for one that is not; without a header, a
    column's name is its number from 1); table: how a wide table of times lies; folds: how
    the rows are split, as --split says it; clip: the least and the largest value that is answered;
    quota: submissions a day; public_share: the share of test rows on the public board; rules: what
    a hand-in may import, as `audit` judges a folder of scripts by it, and what `package` packs;
    handin: how its files are called; told: the keys that the file has, all others are defaults.
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
    folds: str = ""
    metric: str = "accuracy"
    clip: tuple[float, ...] = ()
    quota: int = 2
    public_share: float = 0.5
    rules: str = "no-ml-libraries"
    handin: Handin = Handin()
    told: frozenset[str] = field(default=frozenset(), metadata={"key": None})

    settings: ClassVar[dict[str, Range]] = {
        "name": TEXT,
        "kind": Choice(("image", "table", "dna")),
        "shape": Each(ABOVE, 3, 3),
        "classes": Each(TEXT, 2, 1_000_000),
        "header": FLAG,
        "target": TEXT,
        "id": TEXT,
        "folds": SPLIT,
        "metric": Choice(tuple(METRICS)),
        "clip": Each(Real(-1e30, 1e30), 2, 2),
        "quota": ABOVE,
        "public_share": SHARE,
        "rules": Choice(("no-ml-libraries", "numpy-only")),
    }

    def __post_init__(self) -> None:
        for name in self.told & self.settings.keys():
            check_value(name, getattr(self, name), self.settings[name])
        if "clip" in self.told and self.clip[0] >= self.clip[1]:
            raise UserError(f"clip = {[*self.clip]}: write the least first, then the largest.")
        classes = self.classes or ()
        twice = next((name for name in classes if classes.count(name) > 1), None)
        if twice is not None:
            raise UserError(f"classes: {twice!r} stands there twice; name each class once.")

    def kind_of(self, column: str) -> str | None:
        """Return what a column is, where challenge.toml says it."""
        rule = self.columns.get(column)
        return rule.kind if rule else None

    def assumed(self, key: str) -> str:
        """Return a note, with a space before, where challenge.toml does not say a key."""
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
    _check_place(path, table.get("columns"))
    found = from_table(Settings, table, f"{path}")
    try:
        return dataclasses.replace(found, told=frozenset(table))
    except UserError as error:
        raise UserError(f"{path}: {error}") from error


def check_keys(folder: Path, keys: Collection[str], what: str) -> None:
    """Raise UserError where a folder's settings hold a key that says nothing here.

    keys: those that are read beside CONTEST, "kind = image" for a kind that may be given; what: the
    files were taken to be.
    """
    settings = read_settings(folder)
    for key in sorted(settings.told - CONTEST):
        shown = f"kind = {settings.kind}" if key == "kind" else key
        if shown not in keys:
            raise UserError(
                f"{settings_file(folder)}: {shown} says nothing of {what}; delete the line, or "
                "give the files that it speaks of."
            )


def _check_place(path: Path, columns: Any) -> None:
    """Raise UserError where a key stands below [columns], which makes it one of them."""
    for name in types_of(Settings).keys() & set(columns if isinstance(columns, dict) else ()):
        if not isinstance(columns[name], dict) and columns[name] not in KINDS:
            raise UserError(
                f"{path}: {name} stands below [columns], so it is read as one of its columns; move "
                "the line above."
            )


def settings_file(folder: Path) -> Path:
    """Return where the settings of a challenge are, if there are any."""
    return folder.with_suffix(".toml") if folder.is_file() else folder / FILE


def folds_told(folder: Path) -> str:
    """Return how challenge.toml says that rows are split, a file by its whole path; or ""."""
    told = read_settings(folder).folds
    return str(settings_file(folder).parent / told) if told.endswith(".csv") else told


def default_notes(settings: Settings) -> tuple[str, ...]:
    """Return what is assumed of the contest where challenge.toml does not say it."""
    assumed = {
        "metric": settings.metric,
        "quota": f"{settings.quota} submissions a day",
        "public_share": f"{settings.public_share:.0%} of the test rows on the public board",
    }
    missing = [text for key, text in assumed.items() if key not in settings.told]
    return (f"no {FILE} says so: assumed {', '.join(missing)}",) if missing else ()
