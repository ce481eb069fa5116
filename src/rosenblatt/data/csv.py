"""A CSV of numbers becomes a float32 array: fast, lean in memory, and cached."""

import csv
import hashlib
import json
import re
import warnings
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import TextIO

import numpy as np

from rosenblatt.cache import SEAL, cache_folder, open_sealed, sealed_file
from rosenblatt.data.digest import file_digest
from rosenblatt.data.faults import MISSING, find_fault
from rosenblatt.data.layout import Layout, read_layout
from rosenblatt.errors import UserError

PIECE = 1 << 18  # cells parsed at once: a few megabytes of text beside the array itself
NO_VALUE = re.compile(rf"(?<![^,])\s*(?:{'|'.join(map(re.escape, MISSING))})\s*(?![^,])")
FORM = 2  # of a cache entry; a new number leaves the old entries unread


@dataclass(frozen=True)
class NumberTable:
    """What a CSV of numbers holds.

    numbers: [N, D] float32, C-contiguous, the numeric columns in file order.
    layout: header, columns and first row of the file.
    text: for each column asked for as text, its N cells as written.
    """

    numbers: np.ndarray
    layout: Layout
    text: dict[int, list[str]] = field(default_factory=dict)


def read_numbers(
    path: Path | str, text_columns: tuple[int, ...] = (), missing_allowed: bool = False
) -> NumberTable:
    """Return a CSV of numbers, with or without a header or a comma at the end of its rows.

    `text_columns` (from 0) are given as text, and not among the numbers. Blank lines are ignored.
    The parsed form is kept in the user's cache under the SHA-256 of the content, so a file that
    changed is parsed anew and one that moved is not. Missing values become NaN if allowed.
    Raises UserError naming file, row, column and cure: missing, empty, unreadable or not UTF-8
    file, a folder, a ragged row, text, a missing value or an infinity where a number belongs.
    """
    path = Path(path)
    digest = file_digest(path)
    layout = read_layout(path)
    question = f"{FORM} {digest} {text_columns}"
    entry = cache_folder() / "tables" / hashlib.sha256(question.encode()).hexdigest()
    table = _cached(entry, layout)
    if table is None:
        table = _parse(path, layout, text_columns, missing_allowed)
        if file_digest(path) == digest:  # else it changed meanwhile
            _keep(entry, table)
    if not missing_allowed and not np.isfinite(table.numbers).all():
        fault = find_fault(path, layout, text_columns)
        raise fault or UserError(f"{path}: holds values that are not finite; download it again.")
    return table


def _parse(
    path: Path, layout: Layout, text_columns: tuple[int, ...], missing_allowed: bool
) -> NumberTable:
    text: dict[int, list[str]] = {column: [] for column in text_columns}
    width = layout.width - len(text)
    try:
        with open(path, encoding="utf-8-sig") as file:
            rows = sum(1 for _ in _lines(file, layout))
        numbers = np.empty((rows, width), np.float32)
        done = 0
        with open(path, encoding="utf-8-sig") as file:
            lines = (_without(line, layout, text) for line in _lines(file, layout))
            while piece := list(islice(lines, max(1, PIECE // layout.width))):
                numbers[done : done + len(piece)] = _numbers(piece, width, missing_allowed)
                done += len(piece)
        if done != rows:
            raise ValueError("the file changed while it was read")
    except (ValueError, csv.Error) as error:  # a UnicodeDecodeError is a ValueError
        fault = find_fault(path, layout, text_columns, missing_allowed)
        raise fault or UserError(f"{path}: cannot be read as numbers: {error}.") from error
    return NumberTable(numbers, layout, text)


def _lines(file: TextIO, layout: Layout) -> Iterator[str]:
    """Yield the rows of values as bare text: no header, blank line, quote or comma at the end."""
    for line in islice(file, layout.first_row - 1, None):
        bare = line.strip()
        if '"' in bare:
            bare = ",".join(next(csv.reader([bare], strict=True)))
        if bare:
            yield bare.removesuffix(",") if layout.trailing_comma else bare


def _without(line: str, layout: Layout, text: dict[int, list[str]]) -> str:
    """Move the cells of the text columns from a line to `text`, and return what is left of it."""
    if not text:
        return line
    cells = line.split(",")
    if len(cells) != layout.width:
        raise ValueError("a ragged row")
    for column in sorted(text, reverse=True):
        text[column].append(cells.pop(column).strip())
    return ",".join(cells)


def _numbers(lines: list[str], width: int, missing_allowed: bool) -> np.ndarray:
    """Return lines as [N, width] float32, or int32 where all is whole: seven times as fast.

    Both round each number correctly, so the same text gives the same bits on every machine.
    """
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


def _cached(entry: Path, layout: Layout) -> NumberTable | None:
    file = open_sealed(entry)
    if file is None:
        return None
    with file:
        numbers = np.load(file, allow_pickle=False)
        text = json.loads(file.read()[:-SEAL])
    return NumberTable(numbers, layout, {int(key): text[key] for key in text})


def _keep(entry: Path, table: NumberTable) -> None:
    with suppress(UserError), sealed_file(entry) as file:  # a full disk only costs time
        np.save(file, table.numbers, allow_pickle=False)
        file.write(json.dumps(table.text).encode())
