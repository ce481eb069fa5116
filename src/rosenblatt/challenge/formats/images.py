"""What the editions of one training and one test table share: pixels of images, or numbers."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import Columns, Tables
from rosenblatt.challenge.formats.dna import is_sequence
from rosenblatt.challenge.formats.ids import Keys
from rosenblatt.challenge.formats.samples import sample_order
from rosenblatt.challenge.label_file import LabelTable, check_text, check_unique
from rosenblatt.challenge.settings import FILE, Settings, default_notes
from rosenblatt.challenge.target import Classes
from rosenblatt.data.csv import Table, read_numbers
from rosenblatt.data.layout import SAMPLE, read_layouts
from rosenblatt.data.rows import find_delimiter, raw_rows
from rosenblatt.data.source import Source
from rosenblatt.data.text import MISSING, number
from rosenblatt.errors import UserError

PIXELS = re.compile("p(ix|x|#)|#")  # names of pixels, a # for each number in them
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


def are_images(files: tuple[Source, Source], settings: Settings) -> bool:
    """Say whether training and test files hold pixels, as challenge.toml or their columns tell.

    Pixels are numbers alone, and their columns have no names, or names of one word and numbers,
    where that is a word of pixels or they are as many as a known image has; or so many of any names
    hold whole numbers to 255. What cannot be read is left to the reader of images.
    """
    if settings.kind is not None or settings.shape is not None or settings.table is not None:
        return settings.kind != "table" and settings.table is None
    try:
        rows = [raw_rows(file, SAMPLE, find_delimiter(file)) for file in files]
        layouts = read_layouts(files, settings.header)
    except UserError:
        return True
    if files[1].name.lower().startswith("xte") and any(map(is_sequence, rows[1][-1][1])):
        return True  # damaged letters of DNA
    cells = [cell.strip() for _, row in rows[1][1:] for cell in row]
    numbers = [number(cell) for cell in cells if cell not in MISSING]
    words = numbers.count(None)
    if 20 * words > len(cells) + 20:
        return False
    names = layouts[1].header
    if names is None:
        return True
    widths = {len(names), len(names) - 1}
    for layout in layouts:
        forms = Counter(re.sub("[0-9]+", "#", name.casefold()) for name in layout.header or ())
        form, count = forms.most_common(1)[0] if forms else ("", 0)
        widths |= {count}
    numbered = "#" in form and count >= len(names) - 2
    if widths & SHAPES.keys():
        odd = sum(value is not None and value not in range(256) for value in numbers)
        return numbered or odd <= 2 * len(rows[1])  # an Id, and perhaps a damaged cell in each row
    return numbered and PIXELS.match(form) is not None


def image_challenge(
    folder: Folder,
    settings: Settings,
    parts: tuple[Part, Part],
    columns: Columns,
    answers: Answers,
    sample: LabelTable | None,
) -> Challenge:
    """Return the parts as one challenge; a sample submission, if any, tells Ids and header.

    Raises UserError: an unknown image shape, a sample that does not fit.
    """
    train, test = parts
    shape = image_shape(train.table.source, len(columns.names), settings)
    arrays = [part.numbers for part in parts]
    notes = [*answers.notes, *columns.notes]
    if not settings.told & {"kind", "shape"}:
        sides = " x ".join(map(str, shape))
        notes.append(
            f"{len(columns.names)} columns of numbers are taken for images of {sides}; where they "
            f'are no pixels, write kind = "table" in {FILE}'
        )
    ids, header, files = answers.ids, answers.header, list(answers.files)
    if sample is not None:
        order, note = sample_order(sample, test.keys)
        arrays[1] = arrays[1] if (np.diff(order) == 1).all() else arrays[1][order]
        ids, header = sample.ids or (), (sample.id_column, sample.label_column)
        files.append((sample.source, "the form of a submission"))
        notes.append(note)
    facts = [shape, answers.classes, *([columns.notes, ()] if columns.notes else [])]
    return Challenge(
        name=settings.name or folder.name,
        kind="image",
        train=arrays[0].reshape(-1, *shape),
        target=Classes(answers.labels, answers.classes),
        test=arrays[1].reshape(-1, *shape),
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest((file for file, _ in files), facts),
        files=tuple((file.name, meaning) for file, meaning in files),
        notes=(*notes, *default_notes(settings)),
        odd=columns.odd,
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
        features=columns.names if test.table.layout.header else (),
    )


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
            f"{source}: {columns} pixels a row is not a known image shape (known: {known}); write "
            f"shape = [channels, rows, columns], or kind = 'table', in "
            f"{source.path.parent / FILE}."
        )
    return SHAPES[columns]
