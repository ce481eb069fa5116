"""Splits of the training rows."""

import re
from typing import Any

import numpy as np

from rosenblatt.arrays import check_count, check_numbers, check_whole
from rosenblatt.errors import UserError
from rosenblatt.ranges import GENERATOR, Kind, Whole, check_value

TOLD = re.compile(r"stratified|blocks|(group|time)( .+)?|.+\.csv")


class _Split(Kind):
    def holds(self, value: Any) -> bool:
        return super().holds(value) and TOLD.fullmatch(value) is not None


SPLIT = _Split(
    str,
    "stratified, blocks, group or group COLUMN, time or time COLUMN, or a CSV file of Id and fold",
)


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


def group_folds(groups: np.ndarray, folds: int, rng: np.random.Generator) -> np.ndarray:
    """Return the fold of each row, [N] int64, rows of a group in the same one.

    groups: [N] whole numbers. The largest group goes first, each to the fold of the fewest rows;
    groups of one size are shuffled. Raises UserError as stratified_folds, and where there are fewer
    groups than folds.
    """
    groups = check_whole(groups, "N", 0, 2**62, "groups")
    check_folds(folds, len(groups))
    check_value("rng", rng, GENERATOR)
    places, sizes = np.unique(groups, return_inverse=True, return_counts=True)[1:]
    if len(sizes) < folds:
        raise UserError(f"cannot split {len(sizes)} groups into {folds} folds; give less folds.")
    order = rng.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    rows, fold = np.zeros(folds, np.int64), np.empty(len(sizes), np.int64)
    for group in order:
        fold[group] = rows.argmin()
        rows[fold[group]] += sizes[group]
    return fold[places]


def folds_inside(
    labels: np.ndarray, together: np.ndarray | None, folds: int, rng: np.random.Generator
) -> np.ndarray:
    """Return the fold of each row that is learned from, [N] int64, to choose or to calibrate by.

    labels: [N] class indices. together: [N] whole numbers, equal where rows are never parted, as
    the user's own folds keep them: as group_folds. None, or where all are: as stratified_folds. Of
    fewer rows or groups than folds each is one. Raises UserError as both.
    """
    labels = check_whole(labels, "N", 0, 2**62, "labels")
    check_value("folds", folds, Whole(2, 2**62))
    groups = np.zeros(0)
    if together is not None:
        together = check_whole(together, "N", 0, 2**62, "together")
        check_count(together, len(labels), "groups", "labels")
        groups = np.unique(together)
    if together is None or len(groups) < 2:
        return stratified_folds(labels, min(folds, len(labels)), rng)
    return group_folds(together, min(folds, len(groups)), rng)


def time_folds(times: np.ndarray, asked: np.ndarray, folds: int) -> np.ndarray:
    """Return the fold of each row, [N] int64: 0 is the end of each stretch of time without test
    rows, to be predicted from the others; 1 what comes before it in each, and so on.

    times: [N] and asked: [M], of training and of test rows. Rows of one time stay together. Raises
    UserError as stratified_folds, and where test rows lie between all training rows.
    """
    times = check_numbers(times, "N", "times", np.float64)
    asked = check_numbers(asked, "M", "asked", np.float64, empty=True)
    check_folds(folds, len(times))
    stretch = np.searchsorted(np.unique(asked), times)  # by the test times before it
    fold = np.full(len(times), folds - 1)
    for one in np.unique(stretch):
        rows = np.flatnonzero(stretch == one)
        ordered = np.sort(times[rows])
        first = ordered[len(rows) * (folds - 1) // folds]
        ends = len(rows) >= folds and first > ordered[0]
        held = (times[rows] >= first) & ends
        fold[rows[held]], rest = 0, rows[~held]
        rank = np.unique(times[rest], return_inverse=True)[1]
        fold[rest] = folds - 1 - rank * (folds - 1) // (rank.max() + 1)
    if 2 * folds * (fold == 0).sum() < len(times):
        raise UserError(
            "test rows lie between nearly all training rows in time, so no last rows can be held "
            "out; split the rows at random: --split stratified."
        )
    return np.unique(fold, return_inverse=True)[1]


def check_folds(folds: int, rows: int) -> None:
    """Raise UserError where so many rows cannot be split into so many folds."""
    if not Whole(2, rows).holds(folds):
        raise UserError(f"cannot split {rows:,} rows into {folds} folds; give from 2 to {rows:,}.")
