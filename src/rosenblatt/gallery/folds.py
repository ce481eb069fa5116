"""What a system learned from a fold, kept, so that a run that is cut goes on where it was."""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import Settings
from rosenblatt.train.results import Result, Results, key_of

T = TypeVar("T")
FOLDS = 5


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
        return hashlib.sha256(data.read_bytes()).hexdigest()
    files = [path for path in sorted(data.rglob("*")) if path.is_file()]
    lines = [f"{path.relative_to(data).as_posix()} {digest(path)}\n" for path in files]
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def means(rows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, Any]]:
    """Yield each figure's name and its mean over folds; figures within figures as well."""
    for name, value in rows[0].items():
        values = [row[name] for row in rows]
        if isinstance(value, dict):
            yield name, dict(means(values))
        else:
            yield name, round(float(np.mean(values)), 4)
