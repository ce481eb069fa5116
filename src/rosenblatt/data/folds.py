"""Splits of the training rows."""

import numpy as np

from rosenblatt.arrays import check_whole
from rosenblatt.errors import UserError
from rosenblatt.ranges import GENERATOR, Whole, check_value


def stratified_folds(labels: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row, [N] int64 in 0 ... folds - 1, each class spread evenly.

    labels: [N] class indices. The rows of each class are shuffled, and assigned one fold after
    another, going on from where the class before it stopped: fold sizes differ by one at most.
    Raises UserError for other labels, fewer than two folds, or more folds than rows.
    """
    labels = check_whole(labels, "N", 0, 2**62, "labels")
    check_folds(folds, len(labels))
    check_value("rng", rng, GENERATOR)
    fold = np.empty(len(labels), np.int64)
    before = 0
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        fold[rows] = (before + np.arange(len(rows))) % folds
        before += len(rows)
    return fold


def block_folds(rows: int, folds: int) -> np.ndarray:
    """Return the fold of each row, [rows] int64: blocks of neighbours, sizes equal to within one.

    For files whose rows come writer by writer: no writer is then on both sides but at the seams.
    Raises UserError for fewer than two folds, or more folds than rows.
    """
    check_value("rows", rows, Whole(2, 2**62))
    check_folds(folds, rows)
    return np.arange(rows) * folds // rows


def check_folds(folds: int, rows: int) -> None:
    """Raise UserError where so many rows cannot be split into so many folds."""
    if not Whole(2, rows).holds(folds):
        raise UserError(f"cannot split {rows:,} rows into {folds} folds; give from 2 to {rows:,}.")
