"""The local leaderboard: a submission scored against solution.csv, for the curious alone.

Nothing that chooses a model may call this.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import numpy as np

from rosenblatt.data.rows import read_rows
from rosenblatt.data.text import exact, number, short
from rosenblatt.errors import UserError
from rosenblatt.metrics import Metric
from rosenblatt.metrics.decisions import shares

Cells = dict[str, tuple[int, list[str]]]  # line and other cells by Id


@dataclass(frozen=True)
class Scores:
    """The metric on the public rows, the private rows, and all."""

    public: float
    private: float
    overall: float


@dataclass(frozen=True, eq=False)
class Graded:
    """A submission beside a solution of n rows: truth and answers as the metric takes them.

    public [n] bool: the rows of the public board, the others are private.
    """

    metric: Metric
    truth: np.ndarray
    answers: np.ndarray
    public: np.ndarray

    def score(self, rows: np.ndarray) -> float:
        """Return the metric on rows [n] bool. Raises UserError where it is not defined on them."""
        return self.metric(self.truth[rows], self.answers[rows])

    def scores(self) -> Scores:
        """Return the metric on the public rows, the private rows, and all."""
        everything = np.ones(len(self.public), bool)
        return Scores(*map(self.score, (self.public, ~self.public, everything)))


def grade(
    path: Path | str,
    solution: Path | str,
    metric: Metric,
    classes: Sequence[str] = (),
    columns: Sequence[tuple[str, int]] = (),
) -> Graded:
    """Return a submission beside a solution, row by row of the solution.

    The solution has the columns Id, label, Usage (Public or Private), in any order of rows; equal
    numbers are equal labels. classes: in their order, where the training file tells them; labels of
    the solution that it lacks come after them. columns: where a submission has several, one for
    each class or each value, their names and places; of values the solution has them too.
    Raises UserError: no solution, either file unreadable, no header, a row of another width, an Id
    twice or missing from the submission, a label that is no class, a cell that is no number where
    the metric wants these, a share without rows.
    """
    if not Path(solution).exists():
        raise UserError(
            f"{solution}: no such file, and Kaggle hands none out; write one of rows whose labels "
            "you know, with the header Id,label,Usage and Public or Private in the last column."
        )
    several = tuple(name for name, _ in sorted(columns, key=lambda column: column[1]))
    asked = several if metric.wants == "values" else ()
    truth, predicted = _by_id(solution, asked, usage=True), _by_id(path, several)
    for name, (line, (*_, usage)) in truth.items():
        if usage not in ("Public", "Private"):
            raise UserError(f"{solution}: row {line}: expected {_what(asked, True)}; fix this row.")
        if name not in predicted:
            raise UserError(
                f"{path}: Id {name} is missing, which {solution} has in row {line}; add it."
            )
    public = np.array([usage == "Public" for _, (*_, usage) in truth.values()], bool)
    for usage, found in (("Public", public.any()), ("Private", not public.all())):
        if not found:
            raise UserError(f"{solution}: has no {usage} rows; mark some in column Usage.")
    if metric.wants == "values":
        right = _numbers(solution, truth, asked)
    else:
        places = _places(solution, truth, classes)
        right = np.array([places[_key(label)] for _, (label, _) in truth.values()])
    if metric.wants != "labels":
        answers = _numbers(path, predicted, several)
    else:
        answers = np.array([_class(path, solution, *cell, places) for cell in predicted.values()])
    order = {name: place for place, name in enumerate(predicted)}
    answers = answers[[order[name] for name in truth]]
    if several and metric.wants != "values":
        answers = shares(answers) if metric.wants == "probabilities" else shares(answers)[:, 1]
    elif metric.wants == "probabilities":
        answers = np.column_stack([1 - answers, answers])
    return Graded(metric, right, answers, public)


def _what(columns: Sequence[str], usage: bool) -> str:
    """Return in words which cells a row should have."""
    label = ", ".join(columns) or ("label" if usage else "the label")
    if usage:
        return f"Id, {label} and Public or Private"
    return f"Id, {label}" if columns else f"the Id and {label}"


def _by_id(path: Path | str, columns: Sequence[str], usage: bool = False) -> Cells:
    """Return for each Id its line and the other cells of a file with a header.

    columns: the names of several, in whose order the cells come; usage: one more column ends a row.
    """
    header, *rows = read_rows(path)
    names = [name.strip() for name in header[1][1:]]
    if columns and {*columns} - {*names}:
        lacking = next(name for name in columns if name not in names)
        raise UserError(f"{path}: row {header[0]}: has no column {lacking!r}; name its columns as "
                        f"{_what(columns, usage)}.")  # fmt: skip
    order = [names.index(name) for name in columns] or [0]
    found: Cells = {}
    for line, cells in rows:
        if len(cells) != 1 + len(order) + usage:
            raise UserError(f"{path}: row {line}: expected {_what(columns, usage)}; fix this row.")
        name, *given = (cell.strip() for cell in cells)
        others = [given[place] for place in order] + given[len(order) :]
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


def _places(solution: Path | str, truth: Cells, classes: Sequence[str]) -> dict[str | Decimal, int]:
    """Return the place of each class. Raises UserError where the solution holds values."""
    for line, (label, *_) in truth.values():
        value = exact(label)
        if value is not None and value != value.to_integral_value():
            raise UserError(
                f"{solution}: row {line}: {short(label)} is a value and no class; write the "
                'metric of the contest in challenge.toml, such as metric = "rmse".'
            )
    names = [
        *map(_key, classes),
        *sorted({_key(label) for _, (label, _) in truth.values()}, key=str),
    ]
    return {name: place for place, name in enumerate(dict.fromkeys(names))}


def _class(
    path: Path | str, solution: Path | str, line: int, cells: list[str], places: dict
) -> int:
    if _key(cells[0]) not in places:
        raise UserError(
            f"{path}: row {line}: the label {short(cells[0])} is no class, of those in {solution} "
            "or the training file; fix this row."
        )
    return places[_key(cells[0])]


def _numbers(path: Path | str, cells: Cells, columns: Sequence[str]) -> np.ndarray:
    """Return the numbers of a column, [n], or of several, [n, C]."""
    found = []
    for line, texts in cells.values():
        for cell in texts[: len(columns) or 1]:
            value = number(cell)
            if value is None or not np.isfinite(value):
                raise UserError(f"{path}: row {line}: {short(cell)} is no number; fix this row.")
            found.append(value)
    return np.array(found).reshape(len(cells), -1) if columns else np.array(found)


def _key(label: str) -> str | Decimal:
    """Return what is equal for equal labels: spelled so, or of equal value."""
    value = exact(label)
    return label if value is None else value
