"""The folds of a challenge's rows, as --split or challenge.toml says."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.dependence import groups_of, the_column, times_of
from rosenblatt.challenge.formats.ids import Keys, join_labels
from rosenblatt.challenge.label_file import read_label_table
from rosenblatt.data.folds import block_folds, group_folds, time_folds
from rosenblatt.data.source import as_source
from rosenblatt.errors import UserError
from rosenblatt.pipeline.splits import spread_folds

DRAWN = "stratified", "group"  # at random, so that rows can be split again


def split_rows(
    challenge: Challenge, how: str, folds: int, rng: np.random.Generator
) -> tuple[np.ndarray, str]:
    """Return the fold of each training row, [N] int64, and how it was told, in words.

    how: as data.folds.SPLIT; of "time", fold 0 alone is there to be predicted.
    Raises UserError where the rows cannot be split so.
    """
    kind, _, column = how.partition(" ")
    if how.endswith(".csv"):
        return _given(challenge, Path(how)), how
    if kind in ("group", "time"):
        column = column or the_column(challenge, kind)
        how = f"{kind} {column}"
    if kind == "group":
        return group_folds(groups_of(challenge, column)[0], folds, rng), how
    if kind == "time":
        return time_folds(*times_of(challenge, column), folds), how
    if kind == "blocks":
        return block_folds(len(challenge.target), folds), how
    return spread_folds(challenge.target, folds, rng), how


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
