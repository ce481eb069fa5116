"""What the editions of one training and one test table share: pixels of images, or numbers."""

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import Columns, Tables, left_note
from rosenblatt.challenge.formats.ids import Keys
from rosenblatt.challenge.formats.leaks import MONOTONE, find_leaks
from rosenblatt.challenge.formats.samples import sample_order
from rosenblatt.challenge.labels import LabelTable, check_text, check_unique
from rosenblatt.challenge.settings import FILE, Settings, default_notes
from rosenblatt.challenge.target import Classes
from rosenblatt.data.csv import Table, read_numbers
from rosenblatt.data.source import Source
from rosenblatt.errors import UserError

SHAPES = {64: (1, 8, 8), 784: (1, 28, 28), 3072: (3, 32, 32)}  # columns: channels, rows, columns


@dataclass(frozen=True)
class Part:
    """The rows of a file: its table as read, features [N, D] float32 in order, Ids as written."""

    table: Table
    numbers: np.ndarray
    ids: tuple[str, ...] | None

    @property
    def keys(self) -> Keys:
        """What the rows are joined by."""
        return Keys(self.table.source, len(self.numbers), self.ids, self.table.lines)


@dataclass(frozen=True)
class Answers:
    """What an edition tells beside the features.

    labels: [N] int64 indices into classes; written: the N labels as in the file; ids, header: of a
    submission; files: (file, what it was taken for); notes: what was chosen and why.
    """

    labels: np.ndarray
    classes: tuple[str, ...]
    written: Sequence[str]
    ids: tuple[str, ...]
    header: tuple[str, str]
    files: tuple[tuple[Source, str], ...]
    notes: tuple[str, ...]


def sizes_of(settings: Settings, labels: int = 0) -> list[tuple[int, int]]:
    """Return how many columns a training table, with so many of `labels`, and a test table of
    images may have."""
    sizes = [math.prod(settings.shape)] if settings.shape else list(SHAPES)
    return [(size + labels, size) for size in sizes]


def read_parts(
    tables: Tables, columns: Columns, settings: Settings, missing: bool
) -> tuple[Part, Part]:
    """Return the training rows and the test rows, their features in one order.

    Raises UserError as read_numbers and check_text, where no feature is left, and naming both rows
    of an Id that is there twice.
    """
    if not columns.names:
        raise UserError(f"{tables.sources[0]}: has no column of features; add some.")
    train, test = (
        _read(tables, side, columns, places, missing)
        for side, places in enumerate((columns.train, columns.test))
    )
    return train, test


def _read(
    tables: Tables, side: int, columns: Columns, places: tuple[int, ...], missing: bool
) -> Part:
    source, layout = tables.sources[side], tables.layouts[side]
    key, target = columns.ids[side], columns.target[side]
    text = tuple(place for place in (key, target) if place is not None)
    used = {*text, *places}
    left = tuple(place for place in range(layout.width) if place not in used)
    table = read_numbers(source, text, missing, layout, left)
    order = np.searchsorted(sorted(places), places)  # of the places among those in the file's order
    numbers = table.numbers if list(places) == sorted(places) else table.numbers[:, order]
    if key is None:
        return Part(table, numbers, None)
    ids = tuple(cell.strip() for cell in table.text[key])
    for line, name in zip(table.lines, ids, strict=True):
        check_text(source, int(line), key + 1, name)
    check_unique(source, ids, tuple(table.lines.tolist()))
    return Part(table, numbers, ids)


def table_challenge(
    folder: Folder,
    settings: Settings,
    parts: tuple[Part, Part],
    columns: Columns,
    answers: Answers,
    sample: LabelTable | None,
) -> Challenge:
    """Return the parts as one challenge; a sample submission, if any, tells Ids and header.

    Columns of a table that tell too much are left out.
    Raises UserError: an unknown image shape, a sample that does not fit, no feature left, and where
    a column that counts may hold the Ids that no file tells.
    """
    train, test = parts
    kind = "table" if settings.kind == "table" else "image"
    leaks = _leaks(parts, columns, answers, settings, sample) if kind == "table" else {}
    kept = [place for place in range(len(columns.names)) if columns.names[place] not in leaks]
    arrays = [part.numbers[:, kept] if leaks else part.numbers for part in parts]
    notes = [*answers.notes, *columns.notes]
    notes += [left_note(name, why, settings) for name, why in leaks.items()]
    odd = (*columns.odd, *(f"column {name!r} {why}" for name, why in leaks.items()))
    if not kept:
        raise UserError(f"{train.table.source}: no column of features is left: {'; '.join(notes)}.")
    width = len(kept)
    shape = (width,) if kind == "table" else image_shape(train.table.source, width, settings)
    ids, header, files = answers.ids, answers.header, list(answers.files)
    if sample is not None:
        order, note = sample_order(sample, test.keys)
        arrays[1] = arrays[1] if (np.diff(order) == 1).all() else arrays[1][order]
        ids, header = sample.ids or (), (sample.id_column, sample.label_column)
        files.append((sample.source, "the form of a submission"))
        notes.append(note)
    choices = [columns.notes, tuple(leaks)] if columns.notes or leaks else []
    facts = [shape, answers.classes, *choices]
    return Challenge(
        name=settings.name or folder.name,
        kind=kind,
        train=arrays[0].reshape(-1, *shape),
        target=Classes(answers.labels, answers.classes),
        test=arrays[1].reshape(-1, *shape),
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest((file for file, _ in files), facts),
        files=tuple((file.name, meaning) for file, meaning in files),
        notes=(*notes, *default_notes(settings)),
        odd=odd,
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
    )


def _leaks(
    parts: tuple[Part, Part],
    columns: Columns,
    answers: Answers,
    settings: Settings,
    sample: LabelTable | None,
) -> dict[str, str]:
    """Return the names of features that tell too much, each with what it tells.

    Raises UserError where one of them may hold the Ids that no file tells.
    """
    train, test = parts
    told = {"label": answers.written, **({"Id": train.ids} if train.ids else {})}
    found = find_leaks(train.table, train.numbers, columns.train, settings, told)
    leaks = {columns.names[place]: why for place, why in found.items()}
    counting = [name for name, why in leaks.items() if why == MONOTONE]
    no_ids = sample is None and test.ids is None and columns.target[0] is not None
    if no_ids and counting:
        key = json.dumps(counting[0], ensure_ascii=False)
        raise UserError(
            f"{train.table.source}: column {counting[0]} {MONOTONE}: does it hold the Ids? No "
            f"sample submission tells them. Write id = {key} in {FILE}, or under [columns] "
            f'{key} = "identifier" to leave it out, or "number" to learn from it.'
        )
    return leaks


def image_shape(source: Source, columns: int, settings: Settings) -> tuple[int, ...]:
    """Return (channels, rows, columns) of the images in a table with so many pixels a row.

    Raises UserError where neither the count nor challenge.toml tells.
    """
    if settings.shape:
        if math.prod(settings.shape) != columns:
            raise UserError(
                f"{source}: has {columns} pixels a row where {FILE} says shape = "
                f"{list(settings.shape)}, which makes {math.prod(settings.shape)}; correct it."
            )
        return settings.shape
    if columns not in SHAPES:
        known = ", ".join(f"{size} ({c}x{h}x{w})" for size, (c, h, w) in SHAPES.items())
        raise UserError(
            f"{source}: {columns} pixels a row is no known image shape (known: {known}); write "
            f"shape = [channels, rows, columns], or kind = 'table', in "
            f"{source.path.parent / FILE}."
        )
    return SHAPES[columns]
