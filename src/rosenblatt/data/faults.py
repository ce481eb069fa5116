"""The slow reading of a CSV of numbers, done only to say what is wrong with it and where."""

import csv
import math
from pathlib import Path

import numpy as np

from rosenblatt.data.layout import Layout
from rosenblatt.data.text import bad_quotes, is_blank, not_utf8, number
from rosenblatt.errors import UserError

LARGEST = float(np.finfo(np.float32).max)
MISSING = ("", "NA", "N/A", "NaN", "nan", "NULL", "null", "None")
DOWNLOAD = "download the file again or mend this row"


def find_fault(
    path: Path, layout: Layout, text_columns: tuple[int, ...] = (), missing_allowed: bool = False
) -> UserError | None:
    """Return the error that names the first faulty cell or row of a CSV of numbers, or None.

    `text_columns` are left out of the question; a missing value is no fault if allowed.
    """
    last = 0
    try:
        with open(path, encoding="utf-8-sig", newline="") as file:
            reader = csv.reader(file, strict=True)
            for cells in reader:
                last = reader.line_num
                if is_blank(cells) or last < layout.first_row:
                    continue
                where = f"{path}: row {last}"
                fault = _row_fault(where, cells, layout)
                fault = fault or _cells_fault(where, cells, text_columns, missing_allowed)
                if fault:
                    return fault
    except UnicodeDecodeError:
        return not_utf8(path)
    except csv.Error as error:
        return bad_quotes(path, last + 1, error)
    return None


def _row_fault(where: str, cells: list[str], layout: Layout) -> UserError | None:
    if layout.trailing_comma and len(cells) == layout.width + 1 and cells[-1] == "":
        cells.pop()
    if len(cells) != layout.width:
        return UserError(
            f"{where}: has {len(cells)} columns where the first row has {layout.width}; {DOWNLOAD}."
        )
    if len(cells) == 1 and any(mark in cells[0].strip() for mark in "; \t"):
        return UserError(
            f"{where}, column 1: {_short(cells[0])} holds several values; "
            "save the file with commas between columns."
        )
    return None


def _cells_fault(
    where: str, cells: list[str], text_columns: tuple[int, ...], missing_allowed: bool
) -> UserError | None:
    for column, cell in enumerate(cells):
        if column not in text_columns:
            fault = _cell_fault(f"{where}, column {column + 1}", cell.strip(), missing_allowed)
            if fault:
                return fault
    return None


def _cell_fault(where: str, cell: str, missing_allowed: bool) -> UserError | None:
    if cell in MISSING:
        if missing_allowed:
            return None
        what = f"{cell} stands for no value" if cell else "the cell is empty"
        return UserError(f"{where}: {what} where a number belongs; fill it in or drop the row.")
    value = number(cell)
    if value is None:
        return UserError(f"{where}: {_short(cell)} where a number belongs; {DOWNLOAD}.")
    if not math.isfinite(value) or abs(value) > LARGEST:
        return UserError(
            f"{where}: {_short(cell)} is infinite, or too large for float32; write a finite number."
        )
    return None


def _short(cell: str) -> str:
    return repr(cell if len(cell) <= 40 else cell[:37] + "...")
