"""Files of two columns, Id and label: Ytr.csv, sample submissions, solutions."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.data.text import Row, number, read_rows
from rosenblatt.errors import UserError

ID_NAMES = ("id", "ids", "imageid", "image_id", "index", "row_id", "unnamed: 0", "")


@dataclass(frozen=True)
class LabelTable:
    """Ids and labels as written, the line (from 1) of each, and the two column names."""

    ids: tuple[str, ...]
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    id_column: str = "Id"
    label_column: str = "Prediction"


def read_label_table(path: Path) -> LabelTable:
    """Return a file of Ids and labels, with or without a header, or of labels alone.

    Labels alone get Ids from 1. Raises UserError naming the row: unreadable file, ragged row, more
    than two columns, an empty cell, an Id that occurs twice.
    """
    rows = read_rows(path)
    width = len(rows[0][1])
    if width > 2:
        raise UserError(f"{path}: has {width} columns; keep two, the Id and the label.")
    header = rows[0][1] if _has_header(rows) else None
    body = rows[1:] if header else rows
    if not body:
        raise UserError(f"{path}: has a header and no rows; download it again.")
    for column, name in enumerate(header or [], 1):
        if name:
            check_text(path, rows[0][0], column, name.strip())
    _check_rows(path, body, width)
    lines = tuple(line for line, _ in body)
    if width == 1:
        labels = tuple(cells[0].strip() for _, cells in body)
        ids = tuple(str(index) for index in range(1, len(labels) + 1))
        return LabelTable(ids, labels, lines, "Id", header[0] if header else "Prediction")
    names = header or ["Id", "Prediction"]
    second_is_id = names[1].strip().lower() in ID_NAMES and names[0].strip().lower() not in ID_NAMES
    column = 1 if second_is_id else 0
    ids = tuple(cells[column].strip() for _, cells in body)
    labels = tuple(cells[1 - column].strip() for _, cells in body)
    check_unique(path, ids, lines)
    return LabelTable(ids, labels, lines, names[column], names[1 - column])


def check_text(path: Path, line: int, column: int, text: str) -> None:
    """Raise UserError for an Id or label that is empty, or that a spreadsheet would run.

    Every Id and label of a submission has passed here, so none that we write is a formula.
    """
    where = f"{path}: row {line}, column {column}"
    if not text:
        raise UserError(f"{where}: the cell is empty; fill it in or drop the row.")
    if text[0] in "=+-@" and number(text) is None:
        raise UserError(
            f"{where}: {text[:40]!r} would run as a formula in a spreadsheet; rename it."
        )


def check_unique(path: Path, ids: tuple[str, ...], lines: tuple[int, ...]) -> None:
    """Raise UserError naming both rows of an Id that occurs twice."""
    first: dict[str, int] = {}
    for name, line in zip(ids, lines, strict=True):
        if name in first:
            raise UserError(
                f"{path}: row {line}: Id {name} occurs already in row {first[name]}; "
                "download the file again."
            )
        first[name] = line


def encode_labels(
    path: Path, table: LabelTable, classes: tuple[str, ...] | None
) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return labels as [N] int64 indices into the classes, and the classes.

    Classes not given are those found, in order of value if all are numbers, else of spelling.
    Raises UserError naming the row of a label outside the given classes, or where all are one.
    """
    if classes is None:
        found = set(table.labels)
        values = {name: number(name) for name in found}
        if all(value is not None for value in values.values()):
            classes = tuple(sorted(found, key=lambda name: (values[name], name)))
        else:
            classes = tuple(sorted(found))
        if len(classes) < 2:
            raise UserError(
                f"{path}: every label is {classes[0]}; there is nothing to tell apart. "
                "Download the file again."
            )
    index = {name: place for place, name in enumerate(classes)}
    for name, line in zip(table.labels, table.lines, strict=True):
        if name not in index:
            raise UserError(
                f"{path}: row {line}: label {name!r} is none of the classes in challenge.toml; "
                "correct one or the other."
            )
    return np.array([index[name] for name in table.labels], np.int64), classes


def whole_ids(ids: tuple[str, ...]) -> np.ndarray | None:
    """Return Ids as [N] int64 if all are whole numbers written plainly, else None."""
    try:
        numbers = np.array([int(name) for name in ids], np.int64)
    except (ValueError, OverflowError):
        return None
    plain = all(str(value) == name for value, name in zip(numbers, ids, strict=True))
    return numbers if plain else None


def _has_header(rows: list[Row]) -> bool:
    first = rows[0][1]
    if any(number(cell) is not None for cell in first):
        return False
    recurs = any(cells[-1:] == first[-1:] for _, cells in rows[1:])  # then it is a label
    return not recurs


def _check_rows(path: Path, rows: list[Row], width: int) -> None:
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(
                f"{path}: row {line}: has {len(cells)} columns where the first row has {width}; "
                "download the file again or mend this row."
            )
        for column, cell in enumerate(cells, 1):
            check_text(path, line, column, cell.strip())
