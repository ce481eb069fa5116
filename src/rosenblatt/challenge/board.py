"""The local leaderboard: a submission scored against solution.csv, for the curious alone.

Nothing that chooses a model may call this.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.data.text import read_rows
from rosenblatt.errors import UserError


@dataclass(frozen=True)
class Scores:
    """Accuracy, between 0 and 1, on the public rows, the private rows, and all."""

    public: float
    private: float
    overall: float


def score(path: Path | str, solution: Path | str) -> Scores:
    """Return the accuracy of a submission against a solution. Raises UserError as hits."""
    return scores(*hits(path, solution))


def scores(right: np.ndarray, public: np.ndarray) -> Scores:
    """Return the accuracies of rows that are right [n] bool, public [n] bool or else private."""
    return Scores(float(right[public].mean()), float(right[~public].mean()), float(right.mean()))


def hits(path: Path | str, solution: Path | str) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of a solution a submission has right, and which are public: two [n] bool.

    The solution has the columns Id, label, Usage.
    Raises UserError: either file unreadable, a Usage other than Public or Private, an Id that is
    missing from the submission, a share without rows.
    """
    predicted = {cells[0]: cells[-1] for _, cells in read_rows(path)[1:]}
    right, public = [], []
    for line, cells in read_rows(solution)[1:]:
        if len(cells) != 3 or cells[2] not in ("Public", "Private"):
            raise UserError(
                f"{solution}: row {line}: expected Id, label and Public or Private; mend this row."
            )
        if cells[0] not in predicted:
            raise UserError(f"{path}: Id {cells[0]} is missing; check the file first.")
        right.append(predicted[cells[0]] == cells[1])
        public.append(cells[2] == "Public")
    for usage, found in (("Public", any(public)), ("Private", not all(public))):
        if not found:
            raise UserError(f"{solution}: has no {usage} rows; mark some in column Usage.")
    return np.array(right), np.array(public)
