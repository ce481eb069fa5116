"""What every system of the gallery is given, and how its figures of merit are kept."""

import hashlib
import importlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rosenblatt.data.digest import file_digest
from rosenblatt.errors import UserError, meant
from rosenblatt.files import write_atomic
from rosenblatt.gallery import OWN_DATA, SYSTEMS
from rosenblatt.kernels.core.cpu import most_threads
from rosenblatt.layers import Module
from rosenblatt.report.versions import processor, versions
from rosenblatt.train import Callback, State
from rosenblatt.train.fit_results import Result, Results, key_of

T = TypeVar("T")
FOLDS = 5
SEED = 0  # of every system's first weights; what else is drawn follows from it in the source


@dataclass(frozen=True)
class Settings:
    """How a system is to run: on which data (None: its own), and where its results go.

    quick asks for seconds instead of minutes, on less data; the figures are then no claim.
    """

    name: str
    out: Path
    data: Path | None = None
    quick: bool = False
    say: Callable[[str], None] = print

    @property
    def picture(self) -> Path:
        """Return the file of the system's figure."""
        return self.out / f"{self.name}.png"


class EpochLog(Callback):
    """Says how a training goes, and notes its CPU time; it stands before a Checkpoint."""

    def __init__(self, settings: Settings, title: str = "") -> None:
        self.say, self.title = settings.say, title and f"{title}: "

    def on_start(self, module: Module, state: State) -> None:
        self.before = time.process_time()

    def on_epoch(self, module: Module, state: State) -> None:
        before, self.before = self.before, time.process_time()
        state.history[-1]["cpu_seconds"] = self.before - before
        epoch = f"epoch {state.epoch} of {state.total_epochs}"
        self.say(f"{self.title}{epoch}: loss {state.loss:.4f}")


def spent(state: State) -> dict[str, float]:
    """Return the seconds of the clock, and of all threads, that a told training took in all."""
    names = ("seconds", "cpu_seconds")
    return {name: round(sum(row[name] for row in state.history), 1) for name in names}


def system(name: str) -> Any:
    """Return the module of a system. Raises UserError where there is not one of that name."""
    if name not in SYSTEMS:
        raise UserError(f"there is no system {name!r}; {meant(name, SYSTEMS)}")
    return importlib.import_module(f"rosenblatt.gallery.{name}")


def title(name: str) -> str:
    """Return a system's line in the list."""
    return (system(name).__doc__ or "").strip().split("\n")[0]


def run(settings: Settings) -> dict[str, Any]:
    """Run a system and write its line of figures, NAME.json, beside its picture.

    seconds are those of the clock, cpu_seconds those of all threads together. Raises UserError
    where there is no such system, or it takes no data.
    """
    module = system(settings.name)
    if settings.data is not None and settings.name in OWN_DATA:
        raise UserError(f"{settings.name} makes its own data; leave --data out.")
    start, start_cpu = time.perf_counter(), time.process_time()
    figures = module.run(settings)
    data = None if settings.data is None else settings.data.name
    line = {"system": settings.name, "quick": settings.quick, "data": data, **figures}
    line |= {
        "seconds": round(time.perf_counter() - start, 1),
        "cpu_seconds": round(time.process_time() - start_cpu, 1),
        "threads": most_threads(), "cpu": processor(), "versions": versions(), "seed": SEED,
    }  # fmt: skip
    write_atomic(settings.out / f"{settings.name}.json", json.dumps(line) + "\n")
    return line


def split(things: Sequence[T], fold: int) -> tuple[list[T], list[T]]:
    """Return four fifths to learn from, and every fifth from `fold` on to be asked about."""
    known = [one for n, one in enumerate(things) if n % FOLDS != fold]
    return known, list(things[fold::FOLDS])


def check_count(settings: Settings, count: int, folds: int) -> None:
    """Raise UserError where a fold would have nothing to learn from, or to be asked about."""
    least = max(2, folds)
    if count < least:
        raise UserError(
            f"{settings.data}: the photographs, {count}, are too few to learn and be tested on in "
            f"{folds} fold{'s' * (folds > 1)}: give at least {least}."
        )


def kept(settings: Settings, facts: Sequence[Any], learn: Callable[[], Result]) -> Result:
    """Return a result that an earlier run left beside the figures, or learn it and leave it there.

    facts, which JSON knows, tell it from others: the fold, the way, the plan; of other data or
    sources it is another one too. Raises UserError where its file is damaged.
    """
    data = digest(settings.data) if settings.data else None
    key = key_of(f"rosenblatt.gallery.{settings.name}", settings.quick, data, *facts)
    results = Results(settings.out)
    found = results.find(key)
    if found is None:
        found = learn()
        results.keep(key, found)
    return found


def digest(data: Path) -> str:
    """Return the SHA-256 of a file, or of all names and files in a folder."""
    if data.is_file():
        return file_digest(data)
    files = [path for path in sorted(data.rglob("*")) if path.is_file()]
    lines = [f"{path.relative_to(data).as_posix()} {file_digest(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def means(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield each figure's name and its mean over folds; figures within figures as well."""
    for name, value in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(value, dict):
            yield name, dict(means(values))
        else:
            yield name, round(float(np.mean(values)), 4)


def in_words(figures: Any) -> str:
    """Return a figure of merit, or several by their names, as a line for people."""
    if isinstance(figures, Mapping):
        shown = ((name, in_words(one), isinstance(one, Mapping)) for name, one in figures.items())
        parts = (f"{name} ({text})" if inner else f"{name} {text}" for name, text, inner in shown)
        return ", ".join(parts).replace("_", " ")
    if isinstance(figures, list | tuple):
        return " ".join(map(in_words, figures))
    return str(figures)


def one_of(choices: Sequence[T], rng: np.random.Generator) -> T:
    """Return one of the choices, each as likely."""
    return choices[int(rng.integers(0, len(choices)))]
