"""The slow reading of a CSV of numbers, done only to say what is wrong with it and where."""

import csv
import json
from collections.abc import Collection
from dataclasses import dataclass, field

from rosenblatt.data.layout import Layout
from rosenblatt.data.rows import SPACE, cells_of, records
from rosenblatt.data.source import Source
from rosenblatt.data.text import (
    DECIMAL,
    GROUPED,
    LARGEST,
    MISSING,
    bad_quotes,
    not_utf8,
    number,
    short,
)
from rosenblatt.errors import UserError

FIX = "fix this row, or download the file again"


def find_fault(
    source: Source, layout: Layout, other: Collection[int] = (), missing_allowed: bool = False
) -> UserError | None:
    """Return the error that names the first faulty cell or row of a CSV of numbers, or None.

    `other` columns are left out of the question; a missing value is no fault if allowed.
    """
    last = 0
    cells_read = _Cells(layout, other, missing_allowed)
    try:
        with source.open_text() as file:
            for record in records(file, layout.delimiter):
                last = record[0]
                if last < layout.first_row:
                    continue
                fault = cells_read.fault(
                    f"{source}: row {last}", cells_of(record, layout.delimiter)
                )
                if fault:
                    return fault
    except UnicodeDecodeError:
        return not_utf8(source)
    except csv.Error as error:
        return bad_quotes(source, last + 1, error)
    return cells_read.grouped


@dataclass
class _Cells:
    """What cells may hold; marks: the row that first had a decimal comma, or a point.

    grouped: the error for the first comma, as long as each may part thousands.
    """

    layout: Layout
    other: Collection[int]
    missing_allowed: bool
    marks: dict[str, str] = field(default_factory=dict)
    grouped: UserError | None = None

    def fault(self, where: str, cells: list[str]) -> UserError | None:
        width = self.layout.width
        if self.layout.trailing and len(cells) == width + 1 and cells[-1].strip() == "":
            cells.pop()
        if len(cells) != width:
            return UserError(
                f"{where}: has {len(cells)} columns where the first row has {width}; {FIX}."
            )
        if width == 1 and any(mark in cells[0].strip() for mark in "; \t"):
            return UserError(
                f"{where}, column 1: {short(cells[0])} holds several values; "
                "save the file with commas between columns."
            )
        for column, cell in enumerate(cells):
            if column not in self.other:
                place = f"{where}, column {column + 1}"
                fault = self._cell(place, cell.strip(SPACE), self.layout.name(column))
                if fault:
                    return fault
        return None

    def _cell(self, where: str, cell: str, name: str) -> UserError | None:
        if cell in MISSING:
            if self.missing_allowed:
                return None
            what = f"{cell} stands for no value" if cell else "the cell is empty"
            return UserError(
                f"{where}: {what} where a number belongs; fill it in, or drop the row if it is a "
                "training row."
            )
        if self.layout.delimiter == ";":
            fault = self._mark(where, cell)
            if fault:
                return fault
            cell = cell.replace(",", ".") if DECIMAL.fullmatch(cell) else cell
        value = number(cell)
        if value is None and DECIMAL.fullmatch(cell):
            return UserError(
                f"{where}: is {short(cell)} one number or two cells? Write it with a decimal "
                "point, or without the quotes."
            )
        if value is None:
            return UserError(
                f"{where}: {short(cell)} where a number belongs; fix the cell, or leave out the "
                f'column: [columns] and {json.dumps(name, ensure_ascii=False)} = "identifier" in '
                "challenge.toml."
            )
        if not abs(value) <= LARGEST:
            return UserError(
                f"{where}: {short(cell)} is infinite, or too large for float32; write a finite "
                "number."
            )
        return None

    def _mark(self, where: str, cell: str) -> UserError | None:
        if "," in cell and not GROUPED.fullmatch(cell):
            self.grouped = None
        elif "," in cell and "," not in self.marks:
            self.grouped = UserError(
                f"{where}: is {short(cell)} thousands, or a decimal comma? No other comma of the "
                "file tells; write its numbers without commas, with a decimal point."
            )
        for mark, other in (",.", ".,"):
            if mark in cell:
                self.marks.setdefault(mark, where)
                if other in cell or other in self.marks:
                    seen = f", {self.marks[other]} has {other!r}" if other in self.marks else ""
                    return UserError(
                        f"{where}: {short(cell)} has {mark!r}{seen}; write all numbers of the file "
                        "with a decimal point, or all with a comma."
                    )
        return None
