"""The rows of a CSV as text: what stands between its cells, quotes, blank lines."""

import csv
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path
from typing import TextIO

from rosenblatt.data.source import Source, as_source
from rosenblatt.data.text import bad_quotes, not_utf8, number
from rosenblatt.errors import UserError

Row = tuple[int, list[str]]  # the line of the file (from 1) where it begins, the cells
Record = tuple[int, str, list[str] | None]  # likewise; the bare line; the cells if some are quoted
SPACE = " \t\r\n"
SPACES = " "  # as a delimiter: runs of spaces
SAMPLE = 20  # rows that tell the delimiter


def records(file: TextIO, delimiter: str, spaced: bool = False) -> Iterator[Record]:
    """Yield the rows of a CSV by RFC 4180, blank lines left out. Raises csv.Error.

    spaced: a space follows each delimiter, before quotes too.
    """
    numbered = enumerate(file, 1)
    rest = (line for _, line in numbered)
    space = SPACE.replace("\t", "") if delimiter == "\t" else SPACE
    for place, line in numbered:
        bare = line.strip(space)
        if '"' in bare and delimiter != SPACES:
            reader = csv.reader(
                chain([line], rest), delimiter=delimiter, strict=True, skipinitialspace=spaced
            )
            yield place, bare, next(reader)
        elif bare:
            yield place, bare, None


def cells_of(record: Record, delimiter: str) -> list[str]:
    """Return the cells of a row, as they are written."""
    _, bare, cells = record
    if cells is not None:
        return cells
    return bare.split(None if delimiter == SPACES else delimiter)


def rows_of(source: Source, delimiter: str = ",", spaced: bool = False) -> Iterator[Row]:
    """Yield the rows of a CSV as text, every cell kept, blank lines left out; spaced: as records.

    Raises UserError: file missing, empty, unreadable, not UTF-8, or with an open quote.
    """
    last = 0
    try:
        with source.open_text() as file:
            for record in records(file, delimiter, spaced):
                last = record[0]
                yield last, cells_of(record, delimiter)
    except UnicodeDecodeError:
        raise not_utf8(source) from None
    except csv.Error as error:
        raise bad_quotes(source, last + 1, error) from error


def raw_rows(
    path: Path | str | Source,
    limit: int | None = None,
    delimiter: str = ",",
    spaced: bool = False,
) -> list[Row]:
    """Return the first `limit` rows of a CSV as rows_of yields them.

    Raises UserError as rows_of, where there is none, and for a web page.
    """
    source = as_source(path)
    rows = list(islice(rows_of(source, delimiter, spaced), limit))
    if not rows:
        raise UserError(f"{source}: holds blank lines only; download it again.")
    if rows[0][1][0].lstrip().casefold().startswith(("<!doctype", "<html")):
        raise UserError(f"{source}: is a web page and no CSV; download the file, logged in.")
    return rows


def read_rows(path: Path | str | Source, delimiter: str = ",") -> list[Row]:
    """Return the rows of a small CSV as text, with the line of each; blank lines are left out.

    A byte-order mark, quotes and any line ending are accepted; a delimiter at the end of every row
    is dropped. Raises UserError as raw_rows.
    """
    return without_trailing(raw_rows(path, delimiter=delimiter))


def without_trailing(rows: list[Row]) -> list[Row]:
    """Return rows without the empty cell that a delimiter at the end of each makes."""
    first, rest = rows[0][1], rows[1:]
    width = len(first) - (len(first) > 1 and first[-1] == "")
    if rest and all(len(cells) == width + 1 and cells[-1] == "" for _, cells in rest):
        return [(rows[0][0], first[:width]), *((line, cells[:-1]) for line, cells in rest)]
    return rows


def find_delimiter(path: Path | str | Source, spaces: bool = False) -> str:
    """Return what stands between the cells of a file, as most of its first rows show.

    It is a comma; or a semicolon where that parts the cells, in numbers with decimal commas too;
    or a tab or a bar where that parts all rows alike, and no comma does; or, if `spaces`, SPACES
    where these part the cells of the first row. Raises UserError as raw_rows.
    """
    if spaces:
        _, first = raw_rows(path, 1, "\n")[0]
        tight = ",".join(cell.strip() for cell in first[0].split(","))
        return SPACES if any(space in tight for space in " \t") else find_delimiter(path)
    by_semicolon, by_comma = _first_rows(path, ";"), _first_rows(path, ",")
    several = sum(len(cells) > 1 for cells in by_semicolon)
    if not by_semicolon or len(by_semicolon[0]) == 1 or 2 * several <= len(by_semicolon):
        return _other_mark(path, by_comma)
    decimal = all(number(cell.replace(",", ".")) is not None for cell in by_semicolon[0])
    equal = {len(cells) for cells in by_comma}
    return "," if len(equal) == 1 and equal != {1} and not decimal else ";"


def _other_mark(path: Path | str | Source, by_comma: list[list[str]]) -> str:
    if len({len(cells) for cells in by_comma}) != 1 or len(by_comma[0]) == 1:
        for mark in "\t|":
            widths = {len(cells) for cells in _first_rows(path, mark)}
            if len(widths) == 1 and widths != {1}:
                return mark
    return ","


def _first_rows(path: Path | str | Source, delimiter: str) -> list[list[str]]:
    try:
        return [cells for _, cells in raw_rows(path, SAMPLE, delimiter)]
    except UserError:  # the reading itself will meet it, and say more
        return []
