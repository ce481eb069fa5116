"""What is odd enough about a challenge to be said by every command that uses it."""

import numpy as np

from rosenblatt.challenge.challenge import Challenge

CODES = (-999, 999, -9999, 9999, -99999, 99999)  # habits of coding a missing value
LISTED = 8


def oddities(challenge: Challenge) -> list[str]:
    """Return sentences on what its reader found odd, on classes of one row, and on codes."""
    found = [*challenge.odd, *_single(challenge)]
    return found + (_codes(challenge) if challenge.kind == "table" else [])


def _single(challenge: Challenge) -> list[str]:
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
    rows = np.concatenate([challenge.train, challenge.test])
    columns: dict[int, list[int]] = {}
    for code in CODES:
        for column in np.flatnonzero((rows == code).any(axis=0)):
            values = rows[:, column]
            others = values[(values != code) & np.isfinite(values)]
            if len(others) and np.abs(others - code).min() > np.ptp(others):
                columns.setdefault(code, []).append(int(column) + 1)
    return [
        f"{code} stands far from all other values of column {', '.join(map(str, places[:LISTED]))}"
        f"{' ...' if len(places) > LISTED else ''} (counted without Id and label): a code for a "
        "missing value is learned from as a number; fill it in"
        for code, places in columns.items()
    ]
