"""A table of any columns as text, lean and fast: for each column its different cells, and places.

What a column means is told by its different cells alone, each of which is then converted once
(`data/schema.py`); pandas' C reader splits the file, and guesses nothing.
"""

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from rosenblatt.data.layout import Layout
from rosenblatt.data.rows import records
from rosenblatt.data.source import Source
from rosenblatt.data.text import bad_quotes, not_utf8, short
from rosenblatt.errors import UserError


class Cells(NamedTuple):
    """A column: its different cells as written, by their first row; and for each row its place."""

    spellings: tuple[str, ...]
    places: np.ndarray

    def written(self) -> list[str]:
        """Return the N cells as written."""
        return [self.spellings[place] for place in self.places.tolist()]


@dataclass(frozen=True)
class CellTable:
    """The rows of a file: columns by their place in it, and the line (from 1) of each row."""

    source: Source
    layout: Layout
    lines: np.ndarray
    columns: dict[int, Cells]

    def row_of(self, column: int, spelling: int) -> str:
        """Return the words for the first row in which a column has a spelling."""
        row = int(np.argmax(self.columns[column].places == spelling))
        return f"{self.source}: row {self.lines[row]}, column {self.layout.name(column)}"


def read_cells(source: Source, layout: Layout, columns: Sequence[int]) -> CellTable:
    """Return columns of a file as text, as they are written.

    Raises UserError naming file, row and cure: a ragged row, a stray quote, no UTF-8.
    """
    lines = _lines(source, layout)
    frame = _split(source, layout, columns)
    if len(frame) != len(lines):
        raise UserError(
            f"{source}: can be taken apart into {len(lines)} or {len(frame)} rows; look for a "
            "stray quote, or save the file again as a CSV."
        )
    return CellTable(source, layout, lines, {column: _cells(frame[column]) for column in columns})


def _lines(source: Source, layout: Layout) -> np.ndarray:
    """Return the line of each row, [N] int32. Raises UserError for a row of another width."""
    lines, last, header = [], 0, ""
    wanted = layout.width + layout.trailing
    try:
        with source.open_text() as file:
            for last, bare, cells in records(file, layout.delimiter, layout.spaced):
                if last < layout.first_row:
                    header = bare
                    continue
                if bare == header:
                    raise UserError(
                        f"{source}: row {last}: is the header once more; delete the row."
                    )
                width = len(cells) if cells is not None else bare.count(layout.delimiter) + 1
                if width != wanted:
                    raise _ragged(source, layout, last, width - layout.trailing)
                lines.append(last)
    except UnicodeDecodeError:
        raise not_utf8(source) from None
    except csv.Error as error:
        raise bad_quotes(source, last + 1, error) from error
    return np.array(lines, np.int32)


def _ragged(source: Source, layout: Layout, line: int, width: int) -> UserError:
    what = "the header names" if layout.header else "the first row has"
    return UserError(
        f"{source}: row {line}: has {width} columns where {what} {layout.width}; put quotes around "
        "a cell that holds a comma, fix this row, or download the file again."
    )


def _split(source: Source, layout: Layout, columns: Sequence[int]):  # type: ignore[no-untyped-def]
    """Return columns as objects of text, in which equal cells are one object."""
    import pandas

    with source.open_text() as file:
        for _ in range(layout.first_row - 1):
            file.readline()
        try:
            return pandas.read_csv(
                file,
                sep=layout.delimiter,
                header=None,
                names=range(layout.width + layout.trailing),
                usecols=list(columns),
                index_col=False,
                dtype=object,
                na_filter=False,
                skipinitialspace=layout.spaced,
                low_memory=False,
                engine="c",
            )
        except pandas.errors.ParserError as error:
            raise UserError(
                f"{source}: {short(str(error))}; save the file again as a CSV."
            ) from error


def _cells(column) -> Cells:  # type: ignore[no-untyped-def]
    import pandas

    places, spellings = pandas.factorize(column)
    return Cells(tuple(spellings), places.astype(np.int32))
