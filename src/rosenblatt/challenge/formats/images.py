"""What readers of image editions share: find a file, read a table with Ids, name the shape."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.challenge.labels import ID_NAMES, check_text, check_unique
from rosenblatt.challenge.settings import FILE, Settings
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.layout import Layout
from rosenblatt.errors import UserError

SHAPES = {64: (1, 8, 8), 784: (1, 28, 28), 3072: (3, 32, 32)}  # columns: channels, rows, columns


@dataclass(frozen=True)
class ImageTable:
    """numbers: [N, D] float32; ids: N as written, or None where the file has no such column."""

    numbers: np.ndarray
    ids: tuple[str, ...] | None
    layout: Layout
    text: dict[int, list[str]]


def find_file(folder: Path, *names: str) -> Path | None:
    """Return the first of the named files in a folder, whichever the case of its letters."""
    try:
        present = {path.name.lower(): path for path in sorted(folder.iterdir(), reverse=True)}
    except OSError:
        return None
    for name in names:
        if name.lower() in present:
            return present[name.lower()]
    return None


def need_file(folder: Path, name: str) -> Path:
    """Return the named file in a folder. Raises UserError where there is none."""
    path = find_file(folder, name)
    if path is None:
        raise UserError(f"{folder / name}: no such file; download it again or correct the name.")
    return path


def id_place(layout: Layout, settings: Settings) -> int | None:
    """Return the place of the Id column among an image table's columns, or None.

    It is one named so, or the first of a headerless table that is one wider than a known image.
    """
    if layout.header:
        lower = [name.strip().lower() for name in layout.header]
        return next((lower.index(name) for name in ID_NAMES if name in lower), None)
    sizes = [math.prod(settings.shape)] if settings.shape else list(SHAPES)
    return 0 if layout.width - 1 in sizes and layout.width not in sizes else None


def read_table(
    path: Path, layout: Layout, id_column: int | None, others: tuple[int, ...], missing: bool
) -> ImageTable:
    """Return the numbers, the Ids and the `others` (as text) of a table of images.

    Raises UserError as read_numbers and check_text, and naming both rows of an Id that is there
    twice.
    """
    columns = others if id_column is None else (id_column, *others)
    table = read_numbers(path, columns, missing)
    lines = range(layout.first_row, layout.first_row + len(table.numbers))
    for column in columns:
        for line, cell in zip(lines, table.text[column], strict=True):
            check_text(path, line, column + 1, cell)
    ids = None
    if id_column is not None:
        ids = tuple(table.text[id_column])
        check_unique(path, ids, tuple(lines))
    return ImageTable(table.numbers, ids, layout, {place: table.text[place] for place in others})


def image_shape(path: Path, columns: int, settings: Settings) -> tuple[int, ...]:
    """Return (channels, rows, columns) of the images in a table with so many pixels a row.

    Raises UserError where neither the count nor challenge.toml tells.
    """
    if settings.shape:
        if math.prod(settings.shape) != columns:
            raise UserError(
                f"{path}: has {columns} pixels a row where {FILE} says shape = "
                f"{list(settings.shape)}, which makes {math.prod(settings.shape)}; correct it."
            )
        return settings.shape
    if columns not in SHAPES:
        known = ", ".join(f"{size} ({c}x{h}x{w})" for size, (c, h, w) in SHAPES.items())
        raise UserError(
            f"{path}: {columns} pixels a row is no known image shape (known: {known}); write "
            f"shape = [channels, rows, columns] in {path.parent / FILE}."
        )
    return SHAPES[columns]


def check_same_width(train: Path, test: Path, train_columns: int, test_columns: int) -> None:
    """Raise UserError where training and test rows differ in their count of pixels."""
    if train_columns != test_columns:
        raise UserError(
            f"{test}: has {test_columns} pixels a row where {train.name} has {train_columns}; "
            "download both again."
        )
