"""New rows for a model, in the form of its challenge: a file, a picture, a folder, or arrays.

Columns are matched by name where the model knows names, else by their number; what does not fit is
refused by name and shape, and what had to be chosen is told in a note.
"""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.arrays import as_numbers, is_frame
from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.oddities import on_another_scale
from rosenblatt.challenge.settings import Hours
from rosenblatt.data.cells import Cells, CellTable, read_cells
from rosenblatt.data.commas import with_points
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.layout import ID_NAMES, Layout, read_layouts, read_start
from rosenblatt.data.rows import find_delimiter, read_rows
from rosenblatt.data.schema import LEFT, TEXTS, Column
from rosenblatt.data.source import Source, as_source
from rosenblatt.data.table import Pair, typed
from rosenblatt.data.text import number, short
from rosenblatt.errors import UserError, meant
from rosenblatt.kept import Kept

LISTED = 5
FORM = "the form of a submission"  # what readers call a sample


class NewRows(NamedTuple):
    """Samples as in Challenge, the Ids that their file gives them, the set of each, [n], and what
    was chosen as they were read; None where there are no Ids, or no sets."""

    samples: Any
    ids: tuple[str, ...] | None = None
    sets: np.ndarray | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Expected(Kept):
    """What samples a model takes.

    kind: as of Challenge; shape: of a sample; names: of columns of numbers, () where they have
    none; columns: of a table; id_column: where rows have Ids; files: of test rows; sets: how many,
    a file each; sample: the file that lists the Ids, or ""; first: Id where rows are counted;
    largest: pixel of the training images; dark: these have dark borders; hours: as of Challenge.
    """

    kind: str
    shape: tuple[int, ...]
    names: tuple[str, ...]
    columns: tuple[Column, ...]
    id_column: str
    files: tuple[str, ...]
    sets: int
    sample: str
    first: int
    largest: float = 0.0
    dark: bool = True
    hours: Hours | None = None

    @classmethod
    def of(cls, challenge: Challenge) -> "Expected":
        """Return what a model of a challenge takes."""
        largest, dark = 0.0, True
        if challenge.kind == "image":
            border = np.ones(challenge.train.shape[2:], bool)
            border[1:-1, 1:-1] = False
            largest = float(np.abs(challenge.train).max())
            dark = bool(challenge.train[..., border].mean() < largest / 2)
        tests = [name for name, meaning in challenge.files if meaning.startswith("test ")]
        samples = [name for name, meaning in challenge.files if meaning == FORM]
        first = challenge.test_ids[0] if challenge.test_ids else ""
        sets = challenge.train_sets
        return cls(
            challenge.kind,
            tuple(challenge.train.shape[1:]),
            challenge.features,
            challenge.columns,
            challenge.id_column,
            tuple(tests),
            1 if sets is None else len(np.unique(sets)),
            samples[0] if samples else "",
            int(first) if first.isascii() and first.isdigit() else 1,
            largest,
            dark,
            challenge.hours,
        )

    @property
    def learned(self) -> tuple[Column, ...]:
        """Return the columns of a table that samples have."""
        return tuple(column for column in self.columns if column.kind not in LEFT)


def read_new_rows(path: Path, expected: Expected) -> NewRows:
    """Return the rows of a file or a picture, or the test rows of a challenge's folder.

    Raises UserError where they are not those that the model takes, or cannot be read.
    """
    if path.is_dir():
        return _folder(path, expected)
    if path.suffix.lower() == ".png":
        from rosenblatt.challenge.pictures import read_picture

        image, notes = read_picture(path, expected)
        return NewRows(image[None], (path.stem,), None, notes)
    if expected.kind == "graph":
        from rosenblatt.challenge.formats.graphs import read_graphs

        return NewRows(read_graphs(as_source(path)))
    if expected.kind == "dna":
        found = _sequences(as_source(path), expected)
    elif expected.hours is not None:
        found = _windows(as_source(path), expected, expected.hours)
    elif expected.kind == "table":
        found = _table(as_source(path), expected)
    else:
        found = _numbers(as_source(path), expected)
    return found._replace(sets=_set_of(path, expected, len(found.samples)))


def _folder(path: Path, expected: Expected) -> NewRows:
    from rosenblatt.challenge.formats import load_challenge

    challenge = load_challenge(path)
    other = Expected.of(challenge)
    if (other.kind, other.shape) != (expected.kind, expected.shape):
        raise UserError(
            f"{path}: holds samples of kind {other.kind!r} and shape {list(other.shape)}, where "
            f"the model takes {expected.kind!r} of {list(expected.shape)}; give it rows of its "
            "own challenge."
        )
    told = [(column.name, column.kind, column.levels) for column in other.learned]
    if told != [(column.name, column.kind, column.levels) for column in expected.learned]:
        raise UserError(
            f"{path}: its columns hold other things than those that the model learned from; give "
            "the file of its test rows itself."
        )
    return NewRows(challenge.test, challenge.test_ids, challenge.test_sets)


def _set_of(path: Path, expected: Expected, count: int) -> np.ndarray | None:
    """Return the set of all rows of a file. Raises UserError where its name does not tell it."""
    names = [name.lower() for name in expected.files]
    if expected.sets == 1:
        return None
    if path.name.lower() not in names:
        raise UserError(
            f"{path}: which of {len(names)} sets is it of? Name it as the test file of its set: "
            f"{', '.join(expected.files)}."
        )
    return np.full(count, names.index(path.name.lower()), np.int64)


def _matched(
    source: Source, names: Sequence[str], left: Sequence[str], expected: Expected
) -> tuple[Layout, list[int], int | None]:
    """Return how a file lies, the places of the columns that are wanted, and that of its Id.

    left: columns that may be there too. Raises UserError for other columns.
    """
    spaces = expected.kind == "numbers"
    first = read_start(source, spaces).first
    if not {*names} <= {*first} and not all(name.isdigit() for name in names):
        alone = [name for name in names if name not in first]
        raise UserError(
            f"{source}: row 1: has no column {', '.join(map(repr, alone[:LISTED]))}"
            f"{' ...' if len(alone) > LISTED else ''}, of which the model learned; "
            f"{meant(alone[0], first)}"
        )
    named = bool(names) and {*names} <= {*first}
    texts = [cell for cell in first[1:] or first if number(cell) is None and cell]
    headed = named or (bool(texts) and expected.kind != "table")  # whose cells may be texts
    if headed and not named and any(number(cell) is not None for cell in first):
        raise UserError(
            f"{source}: row 1: are these names, or values? {short(texts[0])} stands among numbers; "
            "correct it, or give each column a name."
        )
    layout = read_layouts([source], headed, spaces)[0]
    known = {name for name in first if name.casefold() in ID_NAMES} - {*names}
    own = [place for place, name in enumerate(first) if name in {expected.id_column, *known}]
    own.sort(key=lambda place: first[place] != expected.id_column)  # which may be learned from
    if named:
        places = [first.index(name) for name in names]
        odd = [name for place, name in enumerate(first[: layout.width])
               if place not in {*places, *own} and name not in left]  # fmt: skip
        if odd:
            raise UserError(
                f"{source}: row 1: has columns that the test rows of the challenge have not: "
                f"{', '.join(map(repr, odd[:LISTED]))}; leave them out."
            )
        return layout, places, own[0] if own else None
    width = len(names) or int(np.prod(expected.shape))
    if layout.width not in (width, width + 1):
        raise UserError(
            f"{source}: has {layout.width} columns where the model takes {width}, perhaps with an "
            f"Id before them; give rows of {width} numbers."
        )
    key = (own or [0])[0] if layout.width > width else None
    return layout, [place for place in range(layout.width) if place != key], key


def _numbers(source: Source, expected: Expected) -> NewRows:
    layout, places, key = _matched(source, expected.names, (), expected)
    text = () if key is None else (key,)
    table = read_numbers(source, text, False, layout)
    order = np.searchsorted(sorted(places), places)
    rows = table.numbers[:, order]
    _check_scale(rows, expected, f"{source}: the rows")
    ids = None if key is None else _ids(source, table.text[key], table.lines)
    return NewRows(rows.reshape(-1, *expected.shape), ids)


def _check_scale(rows: np.ndarray, expected: Expected, where: str) -> None:
    if expected.kind == "image" and on_another_scale(rows, expected.largest):
        raise UserError(
            f"{where} have {np.abs(rows).max():g} as their largest pixel, training images "
            f"{expected.largest:g}; bring them to the scale of the training images."
        )


def _ids(source: Source, cells: Sequence[str], lines: np.ndarray) -> tuple[str, ...]:
    from rosenblatt.challenge.label_file import check_texts, check_unique

    ids, rows = tuple(cell.strip() for cell in cells), lines.tolist()
    check_texts(source, rows, 1, ids)
    check_unique(source, ids, tuple(rows))
    return ids


def _sequences(source: Source, expected: Expected) -> NewRows:
    from rosenblatt.challenge.formats.dna import is_sequence, read_table, stacked

    rows = read_rows(source, find_delimiter(source))
    first, *rest = (cells for _, cells in rows)
    name = first[-1].strip().upper()  # or a damaged sequence, where most of it are letters of DNA
    header = not is_sequence(name) and 2 * sum(map(name.count, "ACGTN")) <= len(name)
    if rest and len(first) == 2 and all(number(cells[0]) is not None for cells in rest):
        header = number(first[0]) is None
    table = read_table(source, rows, header)
    longest = max(len(row) for row in table.numbers)
    if longest > expected.shape[0]:
        raise UserError(
            f"{source}: has a sequence of {longest} letters where the model takes "
            f"{expected.shape[0]} at most; cut it."
        )
    ids = None if table.keys.ids is None else tuple(table.keys.ids)
    return NewRows(stacked([table], expected.shape[0]), ids)


def _table(source: Source, expected: Expected) -> NewRows:
    names = [column.name for column in expected.learned]
    left = [column.name for column in expected.columns if column.kind in LEFT]
    if all(name.isdigit() for name in names):
        names = [column.name for column in expected.columns]
    layout, places, key = _matched(source, names, left, expected)
    where = dict(zip(names, places, strict=True))
    used = [where[column.name] for column in expected.learned]
    texts = {where[column.name] for column in expected.learned if column.kind in TEXTS}
    wanted = sorted({*used, *(() if key is None else (key,))})
    cells = with_points(read_cells(source, layout, wanted), {key, *texts})
    ids = None if key is None else _ids(source, cells.columns[key].written(), cells.lines)
    frame, notes = _typed(cells, used, expected.learned)
    return NewRows(frame, ids, None, notes)


def _windows(source: Source, expected: Expected, hours: Hours) -> NewRows:
    import pandas

    from rosenblatt.challenge.formats.wide import read_windows

    rows, keys, notes = read_windows(source, hours)
    frame = pandas.DataFrame(rows, columns=[column.name for column in expected.columns])
    ids = tuple(keys.ids or ())
    return NewRows(frame, ids if all(ids) else None, None, notes)


def _typed(
    cells: CellTable, places: Sequence[int], columns: Sequence[Column]
) -> tuple[Any, tuple[str, ...]]:
    """Return a DataFrame of the types that the columns have, and what was taken for unknown."""
    pairs, kinds, notes = [], [], []
    for place, column in zip(places, columns, strict=True):
        found = cells.columns[place]
        spellings = [text.strip() for text in found.spellings]
        for row, text in enumerate(spellings):
            if (what := column.unfit(text)) is not None:
                raise UserError(f"{cells.row_of(place, row)}: {short(text)} is {what}.")
        new = column.unknown(spellings)
        if new:
            listed = ", ".join(map(short, new[:LISTED])) + (" ..." if len(new) > LISTED else "")
            notes.append(f"column {column.name!r}: no training row has {listed}: unknown levels")
        pairs.append(_pair(column.name, spellings, found))
        kinds.append(dataclasses.replace(column, levels=(*column.levels, *new)))
    return typed(pairs, kinds).test, tuple(notes)


def _pair(name: str, spellings: Sequence[str], cells: Cells) -> Pair:
    return Pair(name, tuple(spellings), np.empty(0, np.int32), cells.places)


def as_samples(x: Any, expected: Expected) -> Any:
    """Return samples for a model of arrays [n, ...], a DataFrame of cells, or one sample alone.

    Images are as in Challenge, [n, C, H, W], or rows of pixels as in its files. Raises UserError
    where they are not what the model takes.
    """
    if expected.kind == "table":
        return _frame(x, expected)
    if expected.kind == "graph":
        return x
    if is_frame(x):
        lacking = [name for name in expected.names if name not in x.columns]
        if lacking:
            raise UserError(f"the samples have no column {lacking[0]!r}; give all of the model's.")
        x = x[[*expected.names]].to_numpy() if expected.names else x.to_numpy()
    if expected.kind == "dna" and np.ndim(x) < 2 and not isinstance(x, np.ndarray):
        from rosenblatt.features.sequences import encode

        x = encode([x] if isinstance(x, str) else x)
        x = np.pad(x, ((0, 0), (0, max(0, expected.shape[0] - x.shape[1]))), constant_values=4)
    x = as_numbers(x, "samples")
    flat = int(np.prod(expected.shape))
    shapes = {(*x.shape[:1], *expected.shape), (*x.shape[:1], flat)}
    if x.shape in ((flat,), expected.shape):
        x = x[None]
    elif x.shape not in shapes:
        raise UserError(
            f"samples of shape {list(x.shape)}; the model takes [n, "
            f"{', '.join(map(str, expected.shape))}], or one sample."
        )
    _check_scale(x, expected, "the samples")
    kind = np.uint8 if expected.kind == "dna" else np.float32
    return np.ascontiguousarray(x.reshape(-1, *expected.shape), kind)


def _frame(x: Any, expected: Expected) -> Any:
    """Return a DataFrame of typed columns, from one of cells as pandas reads a CSV."""
    if not is_frame(x):
        raise UserError("the model takes a table; give a DataFrame, or a row of one.")
    if not hasattr(x, "columns"):  # a Series: one row
        x = x.to_frame().T
    names = [column.name for column in expected.learned]
    alone = [name for name in names if name not in x.columns]
    if alone:
        raise UserError(
            f"the samples have no column {alone[0]!r}; {meant(alone[0], [*map(str, x.columns)])}"
        )
    columns = {}
    for place, column in enumerate(expected.learned):
        texts = [_text(cell, column) for cell in x[column.name].tolist()]
        known = {text: index for index, text in enumerate(dict.fromkeys(texts))}
        places = np.array([known[text] for text in texts], np.int32)
        columns[place] = Cells(tuple(known), places)
    source = as_source("the samples")
    layout = Layout(tuple(names), len(names), False, 1)
    cells = CellTable(source, layout, np.arange(1, len(x) + 1), columns)
    return _typed(cells, range(len(names)), expected.learned)[0]


def _text(cell: Any, column: Column) -> str:
    """Return a cell as a file would have it: "" where it is missing, whole numbers without .0."""
    if cell is None or cell != cell:
        return ""
    text = str(cell)
    whole = text.removesuffix(".0")
    return whole if text not in column.levels and whole in column.levels else text
