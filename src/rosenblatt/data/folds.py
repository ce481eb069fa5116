"""Splits of the training rows."""

import numpy as np


def stratified_folds(labels: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row, [N] int64 in 0 ... folds - 1, each class spread evenly.

    labels: [N] class indices. The rows of each class are shuffled, and dealt out one fold after
    another, going on from where the class before it stopped: fold sizes differ by one at most.
    Raises ValueError where there are fewer than two folds, or more folds than rows.
    """
    if not 2 <= folds <= len(labels):
        raise ValueError(f"cannot split {len(labels)} rows into {folds} folds")
    fold = np.empty(len(labels), np.int64)
    dealt = 0
    for label in np.unique(labels):
        rows = rng.permutation(np.flatnonzero(labels == label))
        fold[rows] = (dealt + np.arange(len(rows))) % folds
        dealt += len(rows)
    return fold


def block_folds(rows: int, folds: int) -> np.ndarray:
    """Return the fold of each row, [rows] int64: blocks of neighbours, sizes equal to within one.

    For files whose rows come writer by writer: no writer is then on both sides but at the seams.
    """
    return np.arange(rows) * folds // rows
