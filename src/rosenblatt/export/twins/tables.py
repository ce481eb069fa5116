"""Tables in plain Python: cells become columns, typed as those that the model learned from."""

import re
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.export.twins.files import number, read_columns
from rosenblatt.export.twins.parts import Part, UnfitError, twin

LEFT = ("identifier", "constant", "empty", "copy")  # kinds of columns of which nothing is learned
TEXTS = ("category", "choices", "text", "identifier")  # kinds of cells that are no numbers
MISSING = ("", "NA", "N/A", "n/a", "#N/A", "#NA", "<NA>", "NaN", "nan", "-NaN", "-nan", "NULL",
           "null", "None", "?")  # fmt: skip
LARGEST = float.fromhex("0x1.fffffep+127")  # of float32
DRESSED = re.compile(  # a number with its signs, its unit before or behind it, and thousands parted
    r"([-+\u2212\u2013]?)\s*([$\u20ac\u00a3\u00a5])?\s*([-+\u2212\u2013]?)"
    r"([0-9][0-9,]*(?:\.[0-9]+)?|\.[0-9]+)\s*(%|\u2030|[$\u20ac\u00a3\u00a5]|[a-zA-Z]{1,5})?"
)
THOUSANDS = re.compile(r"[+-]?[1-9][0-9]{0,2}(,[0-9]{3})+(\.[0-9]+)?")


class Column(NamedTuple):
    """A column of n rows: numbers, moments, texts or choices; and the places of their levels, -1
    where they are missing, None where they have none."""

    values: np.ndarray
    codes: Any = None


@twin("files.table")
def read_table(part: Part, model: Part, path: Path) -> tuple[dict, Any]:
    """Return the columns of a file by name, and the Ids of its rows, None where it has none."""
    columns = {one.name: one for one in model.expected.columns}
    learned = [name for name, one in columns.items() if one.kind not in LEFT]
    names = [*columns] if all(map(str.isdigit, learned)) else learned
    left = [name for name, one in columns.items() if one.kind in LEFT and name not in names]
    texts = [name for name in names if columns[name].kind in TEXTS]
    cells, ids = read_columns(model, path, names, left, texts)
    found = {
        name: typed(columns[name], column, path)
        for name, column in zip(names, cells, strict=True)
        if name in learned
    }
    return found, ids


def typed(column: Part, texts: list[str], path: Path) -> Column:
    """Return a column of cells; each different one is read once."""
    read, kind = cell_reader(column)
    value = {}
    for text in dict.fromkeys(texts):
        try:
            value[text] = read(text)
        except ValueError:
            raise UnfitError(f"{path}: column {column.name!r}: {text!r} is no {kind}") from None
    new = [cell for cell in value.values() if cell is not None and cell not in column.levels]
    if new and kind in ("category", "boolean"):
        print(f"column {column.name!r}: no training row has {new[0]!r}; taken for unknown")
    cells = [value[text] for text in texts]
    if kind == "date":
        return Column(np.array(cells, "datetime64[s]"))
    if kind == "number":
        levels = sorted({float(text) for text in column.levels if column.kind == "code"})
        return Column(np.array(cells, float), codes_of(cells, levels))
    codes = codes_of(cells, column.levels) if kind in ("category", "boolean") else None
    return Column(np.fromiter(cells, object, len(cells)), codes)


def cell_reader(column: Part) -> tuple[Callable[[str], Any], str]:
    """Return what reads a cell of a column, and the kind of what it reads."""
    gone = {*column.missing, *(text for text in MISSING if text not in column.levels)}
    if column.kind in ("number", "code") or (column.kind == "boolean" and not column.levels):
        return lambda text: float("nan") if text in gone else finite(text, column), "number"
    if column.kind == "date":
        return lambda text: None if text in gone else moment(text, column.format), "date"
    if column.kind == "choices":
        return lambda text: choices(text, column.mark) if text not in gone else None, "choices"
    return lambda text: None if text in gone else text, column.kind


def finite(text: str, column: Part) -> float:
    """Return the number of a cell, which may have the column's unit, or its commas."""
    match = DRESSED.fullmatch(text) if column.unit or column.parted else None
    if match and (match[2] or "") + (match[5] or "") == column.unit:
        text = match[1] + match[3] + match[4]
        text = text.replace(",", "") if column.parted and THOUSANDS.fullmatch(match[4]) else text
    value = number(text)
    if value is None or not abs(value) <= LARGEST:
        raise ValueError
    return value


def moment(text: str, form: str) -> datetime:
    """Return the moment that a text says by a format, in UTC where it names a zone."""
    if "%Y" not in form and "%y" not in form:
        text, form = f"2000 {text}", f"%Y {form}"
    found = datetime.strptime(text, form)
    return (found - (found.utcoffset() or found - found)).replace(tzinfo=None)


def choices(text: str, mark: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(mark) if part.strip())


def codes_of(cells: list, levels: list) -> np.ndarray:
    """Return the place of each cell among levels, [n] int64, len(levels) where it is none."""
    place = {level: code for code, level in enumerate(levels)}
    return np.array(
        [-1 if cell is None or cell != cell else place.get(cell, len(levels)) for cell in cells],
        np.int64,
    )
