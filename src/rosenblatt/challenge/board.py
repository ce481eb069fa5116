"""The local leaderboard: a submission scored against solution.csv, for the curious alone.

Nothing that chooses a model may call this.
"""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from rosenblatt.data.rows import read_rows
from rosenblatt.data.text import exact, number, short
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


def hits(
    path: Path | str, solution: Path | str, classes: Collection[str] = ()
) -> tuple[np.ndarray, np.ndarray]:
    """Return which rows of a solution a submission has right, and which are public: two [n] bool.

    The solution has the columns Id, label, Usage (Public or Private), in any order of rows; equal
    numbers are equal labels. classes: labels that there are, beside those of the solution.
    Raises UserError: no solution, either file unreadable, no header, a row of another width, an Id
    twice or missing from the submission, a label that is no class, a solution of values, a share
    without rows.
    """
    if not Path(solution).exists():
        raise UserError(
            f"{solution}: no such file, and Kaggle hands none out; write one of rows whose labels "
            "you know, with the header Id,label,Usage and Public or Private in the last column."
        )
    truth, predicted = _by_id(solution, 3), _by_id(path, 2)
    labels = [label for _, (label, _) in truth.values()]
    _check_classes(solution, truth)
    known = {_key(label) for label in (*labels, *classes)}
    for line, (label, *_) in predicted.values():
        if _key(label) not in known:
            raise UserError(
                f"{path}: row {line}: the label {short(label)} is no class, of those in {solution} "
                "or the training file; fix this row."
            )
    right, public = [], []
    for name, (line, (label, usage)) in truth.items():
        if usage not in ("Public", "Private"):
            raise UserError(
                f"{solution}: row {line}: expected Id, label and Public or Private; fix this row."
            )
        if name not in predicted:
            raise UserError(
                f"{path}: Id {name} is missing, which {solution} has in row {line}; add it."
            )
        right.append(_key(predicted[name][1][0]) == _key(label))
        public.append(usage == "Public")
    for usage, found in (("Public", any(public)), ("Private", not all(public))):
        if not found:
            raise UserError(f"{solution}: has no {usage} rows; mark some in column Usage.")
    return np.array(right), np.array(public)


def _by_id(path: Path | str, width: int) -> dict[str, tuple[int, list[str]]]:
    """Return for each Id its line and the other cells of a file with a header."""
    header, *rows = read_rows(path)
    found: dict[str, tuple[int, list[str]]] = {}
    for line, cells in rows:
        if len(cells) != width:
            what = "the Id and the label" if width == 2 else "Id, label and Public or Private"
            raise UserError(f"{path}: row {line}: expected {what}; fix this row.")
        name, *others = (cell.strip() for cell in cells)
        if name in found:
            raise UserError(
                f"{path}: row {line}: Id {name} occurs already in row {found[name][0]}; "
                "keep one of them."
            )
        found[name] = line, others
    if number(header[1][0]) is not None and found:
        raise UserError(
            f"{path}: row {header[0]}: holds an Id where the names of the columns belong; "
            "write a header above it."
        )
    return found


def _check_classes(solution: Path | str, truth: dict[str, tuple[int, list[str]]]) -> None:
    for line, (label, _) in truth.values():
        value = exact(label)
        if value is not None and value != value.to_integral_value():
            raise UserError(
                f"{solution}: row {line}: {short(label)} is a value and no class, and boards are "
                "of classes; score values with the contest's metric by evaluate."
            )


def _key(label: str) -> str | Decimal:
    """Return what is equal for equal labels: spelled so, or of equal value."""
    value = exact(label)
    return label if value is None else value
