"""What readers of image editions share: find a file, read a table with Ids, put all together."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.formats.samples import find_sample, read_sample
from rosenblatt.challenge.labels import ID_NAMES, check_text, check_unique
from rosenblatt.challenge.settings import FILE, Settings
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.layout import Layout
from rosenblatt.errors import UserError

SHAPES = {64: (1, 8, 8), 784: (1, 28, 28), 3072: (3, 32, 32)}  # columns: channels, rows, columns


@dataclass(frozen=True)
class ImageTable:
    """A file of images.

    numbers: [N, D] float32; ids: N as written, or None where the file has no such column; lines:
    where in the file (from 1) each row is; text: the other columns that are not pixels.
    """

    path: Path
    numbers: np.ndarray
    ids: tuple[str, ...] | None
    lines: range
    text: dict[int, list[str]]


@dataclass(frozen=True)
class Answers:
    """What an edition tells beside the pixels.

    labels: [N] int64 indices into classes; ids, header: of a submission, where no sample tells;
    files: (path, what it was taken for); notes: what was chosen and why.
    """

    labels: np.ndarray
    classes: tuple[str, ...]
    ids: tuple[str, ...]
    header: tuple[str, str]
    files: tuple[tuple[Path, str], ...]
    notes: tuple[str, ...]


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
    if settings.kind == "table":
        return None
    sizes = [math.prod(settings.shape)] if settings.shape else list(SHAPES)
    return 0 if layout.width - 1 in sizes and layout.width not in sizes else None


def read_images(
    path: Path, layout: Layout, id_column: int | None, others: tuple[int, ...], missing: bool
) -> ImageTable:
    """Return the pixels, the Ids and the `others` (as text) of a table of images.

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
    return ImageTable(path, table.numbers, ids, lines, table.text)


def image_challenge(
    folder: Path, settings: Settings, train: ImageTable, test: ImageTable, answers: Answers
) -> Challenge:
    """Return the parts as one challenge; a sample submission, if any, tells Ids and header.

    Raises UserError: unequal columns, an unknown image shape, a sample that does not fit.
    """
    columns = train.numbers.shape[1]
    if test.numbers.shape[1] != columns:
        raise UserError(
            f"{test.path}: has {test.numbers.shape[1]} pixels a row where {train.path.name} has "
            f"{columns}; download both again."
        )
    table = settings.kind == "table"
    shape = (columns,) if table else image_shape(train.path, columns, settings)
    ids, header = answers.ids, answers.header
    files, notes = list(answers.files), list(answers.notes)
    sample = find_sample(folder)
    if sample:
        ids, header = read_sample(sample, test.path, len(test.numbers), test.ids)
        files.append((sample, "the form of a submission"))
        notes.append(f"test Ids and header are those of {sample.name}")
    return Challenge(
        name=settings.name or folder.resolve().name,
        kind="table" if table else "image",
        train=train.numbers.reshape(-1, *shape),
        labels=answers.labels,
        classes=answers.classes,
        test=test.numbers.reshape(-1, *shape),
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest((path for path, _ in files), (shape, answers.classes)),
        files=tuple((path.name, meaning) for path, meaning in files),
        notes=tuple(notes),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
    )


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
            f"shape = [channels, rows, columns], or kind = 'table', in {path.parent / FILE}."
        )
    return SHAPES[columns]
