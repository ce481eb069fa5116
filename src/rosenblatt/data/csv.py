"""A CSV of numbers becomes a float32 array: fast, lean in memory, and cached."""

import csv
import hashlib
import json
import re
import warnings
from array import array
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np

from rosenblatt.cache import SEAL, cache_folder, open_sealed, sealed_file
from rosenblatt.data.csv_errors import find_fault
from rosenblatt.data.layout import Layout, read_layout
from rosenblatt.data.rows import Record, cells_of, records
from rosenblatt.data.source import Source, as_source
from rosenblatt.data.text import GROUPED, MISSING
from rosenblatt.errors import UserError

PIECE = 1 << 18  # cells parsed at once: a few megabytes of text beside the array itself
NO_VALUE = re.compile(rf"(?<![^,])\s*(?:{'|'.join(map(re.escape, MISSING))})\s*(?![^,])")
FORM = 4  # of a cache entry; a new number leaves the old entries unread


@dataclass(frozen=True)
class Table:
    """What a CSV of numbers holds.

    numbers: [N, D] float32, C-contiguous, the numeric columns in file order.
    lines: [N] int32, the line of the file (from 1) where each row begins.
    layout: header, columns and first row of the file.
    text: for each column asked for as text, its N cells as written.
    """

    source: Source
    numbers: np.ndarray
    lines: np.ndarray
    layout: Layout
    text: dict[int, list[str]] = field(default_factory=dict)


def read_numbers(
    path: Path | str | Source,
    text_columns: tuple[int, ...] = (),
    missing_allowed: bool = False,
    layout: Layout | None = None,
    left_out: tuple[int, ...] = (),
) -> Table:
    """Return a CSV of numbers, with or without a header or a delimiter at the end of its rows.

    `text_columns` (from 0) are given as text, and not among the numbers; `left_out` not at all.
    Blank lines are ignored. Without a layout the file alone tells it.
    The parsed form is kept in the user's cache under the SHA-256 of the content, so a file that
    changed is parsed again and one that moved is not. Missing values become NaN if allowed.
    Raises UserError naming file, row, column and cure: missing, empty, unreadable or not UTF-8
    file, a folder, a ragged row, text, a missing value or an infinity where a number belongs.
    """
    source = as_source(path)
    digest = source.digest()
    layout = layout or read_layout(source)
    question = f"{FORM} {digest} {text_columns} {left_out} {layout}"
    entry = cache_folder() / "tables" / hashlib.sha256(question.encode()).hexdigest()
    table = _cached(entry, source, layout)
    if table is None:
        table = _parse(source, layout, text_columns, left_out, missing_allowed)
        if source.digest() == digest:  # else it changed meanwhile
            _keep(entry, table)
    if not missing_allowed and not np.isfinite(table.numbers).all():
        fault = find_fault(source, layout, (*text_columns, *left_out))
        raise fault or UserError(f"{source}: holds values that are not finite; fix them.")
    return table


def _parse(
    source: Source,
    layout: Layout,
    text_columns: tuple[int, ...],
    left_out: tuple[int, ...],
    missing_allowed: bool,
) -> Table:
    text: dict[int, list[str]] = {column: [] for column in text_columns}
    other = sorted({*text_columns, *left_out})
    width = layout.width - len(other)
    marks: set[str] = set()
    try:
        lines = array("i", (place for place, _, _ in _records(source, layout)))
        numbers = np.empty((len(lines), width), np.float32)
        done = 0
        rows = (_bare(record, layout, other, text) for record in _records(source, layout))
        while piece := list(islice(rows, max(1, PIECE // layout.width))):
            if layout.delimiter == ";":
                piece = _with_points(piece, marks)
            numbers[done : done + len(piece)] = _numbers(piece, width, missing_allowed)
            done += len(piece)
        if "," in marks and "decimal" not in marks:
            raise ValueError("thousands or decimals")
        if done != len(lines):
            raise ValueError("the file changed while it was read")
    except (ValueError, csv.Error) as error:  # a UnicodeDecodeError is a ValueError
        fault = find_fault(source, layout, other, missing_allowed)
        raise fault or UserError(f"{source}: cannot be read as numbers: {error}.") from error
    return Table(source, numbers, np.array(lines, np.int32), layout, text)


def _records(source: Source, layout: Layout) -> Iterator[Record]:
    """Yield the rows of values."""
    with source.open_text() as file:
        for record in records(file, layout.delimiter):
            if record[0] >= layout.first_row:
                yield record


def _bare(record: Record, layout: Layout, other: list[int], text: dict[int, list[str]]) -> str:
    """Return a row's numbers as bare text with commas, or with the file's semicolons.

    Cells of `other` columns go to `text`, where that has their column. Raises ValueError where the
    row is ragged, or a number's cell holds a comma in quotes or a sign of another script.
    """
    _, bare, quoted = record
    mark = layout.delimiter if layout.delimiter == ";" else ","
    plain = layout.delimiter in (",", ";")
    if quoted is None and plain:
        bare = bare.removesuffix(mark) if layout.trailing else bare
        if not other:
            return _checked(bare)
        if other[-1] < layout.width - 1:
            last = other[-1] + 1
            cells = bare.split(mark, last)
            if len(cells) != last + 1:
                raise ValueError("a ragged row")
        else:
            last, cells = layout.width, bare.split(mark)
    else:
        last, cells = layout.width, cells_of(record, layout.delimiter)
        if layout.trailing and len(cells) == layout.width + 1 and not cells[-1].strip():
            cells.pop()
    if last == layout.width and len(cells) != layout.width:
        raise ValueError("a ragged row")
    for column in text:
        text[column].append(cells[column])
    kept = [cell for column, cell in enumerate(cells) if column not in other]
    if (quoted is not None or not plain) and any(mark in cell for cell in kept):
        raise ValueError("a mark in quotes")
    return _checked(mark.join(kept))


def _checked(bare: str) -> str:
    if not bare.isascii():  # NumPy takes other scripts' spaces
        raise ValueError("not ASCII")
    return bare


def _with_points(rows: list[str], marks: set[str]) -> list[str]:
    """Return rows between semicolons with commas between cells and points in numbers.

    marks: of decimals, so far, and "decimal" where a comma cannot part thousands. Raises ValueError
    where commas and points are mixed.
    """
    marks.update(mark for mark in ",." if any(mark in row for row in rows))
    if "," in marks and "decimal" not in marks:
        cells = (cell.strip() for row in rows for cell in row.split(";") if "," in cell)
        marks.update({"decimal"} if not all(map(GROUPED.fullmatch, cells)) else ())
    if {",", "."} <= marks:
        raise ValueError("decimal commas and points")
    return [row.replace(",", ".").replace(";", ",") for row in rows]


def _numbers(lines: list[str], width: int, missing_allowed: bool) -> np.ndarray:
    """Return lines as [N, width] float32, or int32 where all is whole: seven times as fast.

    Both round each number correctly, so the same text gives the same bits on every computer.
    """
    if width == 0:
        return np.empty((len(lines), 0), np.float32)
    try:
        part = _parse_lines(lines)
    except ValueError:
        if not missing_allowed:
            raise
        part = _parse_lines([NO_VALUE.sub("nan", line) for line in lines])
    if part.shape != (len(lines), width):
        raise ValueError("ragged rows")
    return part


def _parse_lines(lines: list[str]) -> np.ndarray:
    if not any(lines):  # NumPy would skip them with a warning
        raise ValueError("empty cells")
    with warnings.catch_warnings():
        # NumPy before 2.4 only warns where it wraps or cuts off what is no int32
        warnings.simplefilter("error", DeprecationWarning)
        with suppress(ValueError, DeprecationWarning):
            return np.loadtxt(lines, np.int32, comments=None, delimiter=",", ndmin=2)
    return np.loadtxt(lines, np.float32, comments=None, delimiter=",", ndmin=2)


def _cached(entry: Path, source: Source, layout: Layout) -> Table | None:
    file = open_sealed(entry)
    if file is None:
        return None
    with file:
        numbers = np.load(file, allow_pickle=False)
        lines = np.load(file, allow_pickle=False)
        text = json.loads(file.read()[:-SEAL])
    return Table(source, numbers, lines, layout, {int(key): text[key] for key in text})


def _keep(entry: Path, table: Table) -> None:
    with suppress(UserError), sealed_file(entry) as file:  # a full disk only costs time
        np.save(file, table.numbers, allow_pickle=False)
        np.save(file, table.lines, allow_pickle=False)
        file.write(json.dumps(table.text).encode())
