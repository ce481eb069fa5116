"""Files of two columns, Id and label: Ytr.csv, sample submissions, solutions."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.data.cells import Cells, CellTable
from rosenblatt.data.commas import with_points
from rosenblatt.data.layout import ID_NAMES, Layout, Start, has_header
from rosenblatt.data.rows import Row, find_delimiter, read_rows
from rosenblatt.data.source import Source, as_source
from rosenblatt.data.text import number
from rosenblatt.errors import UserError

ODD = 0.2  # of the Ids, at most, that are texts among numbers by mistake


@dataclass(frozen=True)
class LabelTable:
    """Ids, trimmed, or None for labels alone; labels as written; the line (from 1) of each; and
    the two column names, usual ones where the file has none; columns: the names of all columns of
    a sample submission that has one for each class."""

    source: Source
    ids: tuple[str, ...] | None
    labels: tuple[str, ...]
    lines: tuple[int, ...]
    id_column: str = "Id"
    label_column: str = "Prediction"
    columns: tuple[str, ...] = ()


def read_label_table(
    path: Path | Source,
    header: bool | None = None,
    placeholders: bool = False,
    target: str | None = None,
    total: int | None = None,
) -> LabelTable:
    """Return a file of Ids and labels, with or without a header, or of labels alone.

    total: how many rows it should have, which tells whether a first row that could be either is a
    header; header: what to take it for if that does not tell. Labels may be anything, nothing
    too, if `placeholders`. target: the name of the label's column, or its number from 1 where the
    file has no names.
    Raises UserError naming the row: unreadable file, ragged row, more than two columns, an empty
    cell, an Id that occurs twice, a first row that could be either, no such target.
    """
    source = as_source(path)
    rows = read_rows(source, find_delimiter(source))
    width = len(rows[0][1])
    if width > 2:
        raise UserError(f"{source}: has {width} columns; keep two, the Id and the label.")
    if total is not None and len(rows) - total in (0, 1):
        header = len(rows) > total
    named = _has_header(source, rows, header)
    body = rows[1:] if named else rows
    if not body:
        raise UserError(f"{source}: has a header and no rows; add the rows.")
    names = ["Id", "Prediction"][-width:]
    if named:
        names = [cell.strip() for cell in rows[0][1]]
        for column, name in enumerate(names, 1):
            if name:
                check_text(source, rows[0][0], column, name)
    _check_widths(source, body, width)
    lines = tuple(line for line, _ in body)
    told = names if named else ["1", "2"][:width]
    if placeholders and target not in told:
        target = None  # of train.csv, where a column may have another name
    key = _id_place(source, told, body, target)
    ids = None if key is None else _ids(source, body, key)
    place = 0 if key is None else 1 - key
    labels = _with_points(source, names, body, place)
    if not placeholders:
        check_texts(source, lines, place + 1, [label.strip() for label in labels])
    return LabelTable(
        source, ids, labels, lines, "Id" if key is None else names[key] or "Id", names[place]
    )


def _with_points(source: Source, names: list[str], rows: list[Row], place: int) -> tuple[str, ...]:
    """Return the labels in a column, decimal commas as points. Raises UserError as with_points."""
    layout = Layout(tuple(names), len(names), False, 1, find_delimiter(source))
    cells = Cells(tuple(cells[place] for _, cells in rows), np.arange(len(rows)))
    lines = np.array([line for line, _ in rows])
    return with_points(CellTable(source, layout, lines, {place: cells})).columns[place].spellings


def _ids(source: Source, rows: list[Row], key: int) -> tuple[str, ...]:
    """Return the Ids in a column, trimmed. Raises UserError: an empty one, or one there twice."""
    lines = tuple(line for line, _ in rows)
    ids = tuple(cells[key].strip() for _, cells in rows)
    check_texts(source, lines, key + 1, ids)
    check_unique(source, ids, lines)
    return ids


def _has_header(source: Source, rows: list[Row], header: bool | None) -> bool:
    for place, cell in enumerate(rows[0][1]):
        name = cell.strip()
        below = (cells[place].strip() for _, cells in rows[1:] if place < len(cells))
        if name.casefold() in ID_NAMES and name not in below:
            return True
    trimmed = [(line, [cell.strip() for cell in cells]) for line, cells in rows]
    try:
        return has_header(Start(source, find_delimiter(source), trimmed), (), labels=True)
    except UserError:
        if header is None:
            raise
        return header


def _id_place(source: Source, names: list[str], rows: list[Row], target: str | None) -> int | None:
    """Return the place of the Id among the columns of a file of labels; None if it has none.

    Raises UserError where there is no target, and where only the other column could be the Id.
    """
    if target is not None and target not in names:
        raise UserError(
            f"{source}: has no column {target!r}, which challenge.toml says is the label; its "
            f"columns are {' and '.join(map(repr, names))}."
        )
    if len(names) == 1:
        return None
    if target is not None:
        return 1 - names.index(target)
    known = [is_id_name(name) for name in names]
    if not any(known) and _distinct(rows, 0) < _distinct(rows, 1) == len(rows):
        raise UserError(
            f"{source}: which column is the label? Column 1 repeats itself and column 2 does not, "
            f"as Ids would. Write target = {json.dumps(names[0])} in challenge.toml, or name the "
            "other column Id."
        )
    return int(known[1] and not known[0])


def _distinct(rows: list[Row], place: int) -> int:
    return len({cells[place].strip() for _, cells in rows})


def is_id_name(name: str) -> bool:
    """Say whether a column's name tells that it holds Ids, or an index as pandas writes it."""
    return name.casefold() in ID_NAMES or is_index_name(name)


def is_index_name(name: str) -> bool:
    """Say whether pandas names its index so."""
    return name == "" or name.casefold().startswith("unnamed: ")


def check_text(path: Path | Source, line: int, column: int, text: str) -> None:
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


def check_texts(
    path: Path | Source, lines: Sequence[int], column: int, texts: Sequence[str]
) -> None:
    """Raise UserError as check_text for the first of many texts, a column of a file."""
    odd = [text for text in {*texts} if not text or (text[0] in "=+-@" and number(text) is None)]
    if odd:
        place = min(map(texts.index, odd))
        check_text(path, lines[place], column, texts[place])


def check_unique(path: Path | Source, ids: tuple[str, ...], lines: tuple[int, ...]) -> None:
    """Raise UserError naming both rows of an Id that occurs twice, and for a text among numbers."""
    together = "".join(ids)
    texts = []
    if not (together.isascii() and together.isdigit()):
        texts = [place for place, name in enumerate(ids) if number(name) is None]
    if 0 < len(texts) <= ODD * len(ids):
        raise UserError(
            f"{path}: row {lines[texts[0]]}: Id {ids[texts[0]]!r} is text among numbers, as of "
            "a row of totals; correct it, or drop the row."
        )
    if len({*ids}) == len(ids):
        return
    first: dict[str, int] = {}
    for name, line in zip(ids, lines, strict=True):
        if name in first:
            raise UserError(
                f"{path}: row {line}: Id {name} occurs already in row {first[name]}; "
                "correct one of them."
            )
        first[name] = line


def _check_widths(source: Source, rows: list[Row], width: int) -> None:
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(
                f"{source}: row {line}: has {len(cells)} columns where the first row has {width}; "
                "fix this row, or download the file again."
            )
