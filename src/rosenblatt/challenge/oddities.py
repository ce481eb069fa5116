"""What is odd enough about a challenge to be said by every command that uses it."""

from collections.abc import Iterator

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.target import Classes

CODES = (-999, 999, -9999, 9999, -99999, 99999)  # habits of coding a missing value
LISTED = 8
FAR = 8  # times smaller than training images that no whole file of images is by chance
LEAST = 5  # rows a level, and test rows, with fewer of which levels may differ by chance
SHARED = 2  # training rows to a level, on average, at least


def oddities(challenge: Challenge) -> list[str]:
    """Return sentences on what its reader found odd, and on classes, codes and levels."""
    found = [*challenge.odd, *_single(challenge)]
    return found + _scales(challenge) + _codes(challenge) + _foreign(challenge)


def on_another_scale(images: np.ndarray, largest: float) -> bool:
    """Return whether images, of any shape, have far larger or smaller pixels than `largest`.

    Images that are black, or none at all, are on any scale.
    """
    most = float(np.abs(images).max(initial=0.0))
    return most > 0 and not largest / FAR < most <= 2 * largest


def _scales(challenge: Challenge) -> list[str]:
    if challenge.kind != "image":
        return []
    largest = float(np.abs(challenge.train).max(initial=0.0))
    if not on_another_scale(challenge.test, largest):
        return []
    most = float(np.abs(challenge.test).max())
    return [
        f"the largest pixel of test images is {most:g}, of training images {largest:g}: are they "
        "on one scale?"
    ]


def _single(challenge: Challenge) -> list[str]:
    if not isinstance(challenge.target, Classes):
        return []
    counts = np.bincount(challenge.labels, minlength=len(challenge.classes))
    rows = [(name, int(np.flatnonzero(challenge.labels == index)[0]) + 1)
            for index, name in enumerate(challenge.classes) if counts[index] == 1]  # fmt: skip
    listed = ", ".join(f"{name!r} (row {row})" for name, row in rows[:LISTED])
    more = " ..." if len(rows) > LISTED else ""
    if not rows:
        return []
    return [f"classes of one training row, perhaps typos (header not counted): {listed}{more}"]


def _codes(challenge: Challenge) -> list[str]:
    """Return for each code the columns in which it stands far from all other values.

    Far is farther than the others are from one another.
    """
    columns: dict[int, list[str]] = {}
    for name, values in _numbers(challenge):
        for code in CODES:
            others = values[(values != code) & np.isfinite(values)]
            held = len(others) and (values == code).any()
            if held and np.abs(others - code).min() > np.ptp(others):
                columns.setdefault(code, []).append(name)
    return [
        f"{code} stands far from all other values of column {', '.join(names[:LISTED])}"
        f"{' ...' if len(names) > LISTED else ''}: a code for a missing value is learned from as a "
        "number; fill it in"
        for code, names in columns.items()
    ]


def _foreign(challenge: Challenge) -> list[str]:
    """Return the columns of shared levels of which test rows have none that training rows have."""
    found = []
    for column in challenge.columns:
        if column.kind not in ("category", "boolean", "code") or len(challenge.test) < LEAST:
            continue
        known, asked = (
            {*part[column.name].dropna().unique()} for part in (challenge.train, challenge.test)
        )
        if asked and len(known) * SHARED <= len(challenge.train) and not known & asked:
            found.append(
                f"column {column.name!r}: no test row has a level that training rows have, so it "
                "tells nothing of them; are both files written alike, with columns in one order?"
            )
    return found


def _numbers(challenge: Challenge) -> Iterator[tuple[str, np.ndarray]]:
    """Yield the names and the values, of training and test rows, of columns of numbers."""
    if challenge.kind == "numbers":
        rows = np.concatenate([challenge.train, challenge.test])
        yield from ((str(place + 1), rows[:, place]) for place in range(rows.shape[1]))
    elif challenge.kind == "table":
        for name, column in challenge.train.items():
            if column.dtype.kind == "f":
                yield str(name), np.concatenate([column, challenge.test[name]])
