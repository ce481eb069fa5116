"""The folds of a challenge's rows, as --split or challenge.toml says."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.dependence import groups_of, the_column, times_of
from rosenblatt.challenge.formats.ids import Keys, join_labels
from rosenblatt.challenge.label_file import read_label_table
from rosenblatt.challenge.target import Classes, Target
from rosenblatt.data.folds import block_folds, folds_inside, group_folds, time_folds
from rosenblatt.data.judged import check_judged
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError

DRAWN = "stratified", "group"  # at random, so that rows can be split again
BLOCKS = 50  # of neighbours, in the file or in time, that folds inside are made of


def split_rows(
    challenge: Challenge, how: str, folds: int, rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    """Return the fold of each training row, [N] int64, and how it was told, in words.

    how: as data.folds.SPLIT; of "time", fold 0 alone is there to be predicted.
    Raises UserError where the rows cannot be split so, and as check_judged.
    """
    if how.endswith(".csv"):
        return _given(challenge, Path(how)), how
    kind, column = _told(challenge, how)
    how = f"{kind} {column}".strip()
    if kind == "group":
        fold = group_folds(groups_of(challenge, column)[0], folds, rng)
        _check(challenge.target, fold, how)
        return fold, how
    if kind == "time":
        return time_folds(*times_of(challenge, column), folds), how
    if kind == "blocks":
        return block_folds(len(challenge.target), folds), how
    return spread_folds(challenge.target, folds, rng), how


def rows_together(challenge: Challenge) -> np.ndarray | None:
    """Return [N] int64, equal where the challenge's folds keep training rows together; else None.

    What is chosen inside of what is learned from must not part them either: groups, folds of a
    file, and BLOCKS of rows that follow one another.
    """
    kind, column = _told(challenge, challenge.folds or "stratified")
    if challenge.folds.endswith(".csv"):
        return _given(challenge, Path(challenge.folds))
    if kind == "group":
        return groups_of(challenge, column)[0]
    if kind in ("time", "blocks"):
        rank = np.arange(len(challenge.target))
        if kind == "time":
            rank = np.unique(times_of(challenge, column)[0], return_inverse=True)[1]
        return rank * BLOCKS // (rank.max() + 1)
    return None


def inner_folds(
    challenge: Challenge, folds: int, rng: np.random.Generator, rows: np.ndarray | None = None
) -> np.ndarray:
    """Return the fold of each of some training rows, [n] int64, to choose by what is chosen.

    In time they are the challenge's own, the end of each stretch the first; else drawn at random,
    so that they part no rows that the challenge's own keep together. rows: None for all.
    """
    rows = np.arange(len(challenge.target)) if rows is None else rows
    kind, column = _told(challenge, challenge.folds or "stratified")
    if kind == "time":
        times, asked = times_of(challenge, column)
        return time_folds(times[rows], asked, folds)
    together = rows_together(challenge)
    together = None if together is None else together[rows]
    return spread_folds(challenge.target[rows], folds, rng, together)


def spread_folds(
    target: Target, folds: int, rng: np.random.Generator, together: np.ndarray | None = None
) -> np.ndarray:
    """Return the fold of each row, [N] int64, drawn at random: of classes, each spread evenly.

    together [N]: where equal, rows stay in one fold. Raises UserError as folds_inside and
    check_judged.
    """
    one = np.zeros(len(target), np.int64)
    labels = target.labels if isinstance(target, Classes) else one
    fold = folds_inside(labels, together, folds, rng)
    if together is not None and np.ptp(together):
        _check(target, fold, "folds inside")
    return fold


def _check(target: Target, fold: np.ndarray, how: str) -> None:
    """Raise UserError as check_judged, of classes; how: the folds were told, in words."""
    if isinstance(target, Classes):
        try:
            check_judged(target.labels, fold, None, target.names)
        except UserError as error:
            raise UserError(f"{how}: {error}") from error


def _told(challenge: Challenge, how: str) -> tuple[str, str]:
    """Return what kind of split a word says, and by which column, which is found if not named."""
    kind, _, column = how.partition(" ")
    if kind in ("group", "time"):
        column = column or the_column(challenge, kind)
    return kind, column


def _given(challenge: Challenge, path: Path) -> np.ndarray:
    """Return the folds of a file of Id and fold, numbered in the order of their names."""
    table = read_label_table(path, target=None, total=len(challenge.target))
    ids = next(iter(challenge.keys.values()))[0] if challenge.keys else None
    name = challenge.files[0][0] if challenge.files else "the training rows"
    rows = Keys(as_source(Path(name)), len(challenge.target), ids, range(len(challenge.target)))
    order, _ = join_labels(table, rows)
    names, fold = np.unique(np.array(table.labels)[order], return_inverse=True)
    if len(names) < 2:
        raise UserError(f"{path}: all rows are in fold {names[0]}; give two folds or more.")
    return fold
