"""The course's DNA editions: Xtr0.csv, Ytr0.csv, Xte0.csv ... for each set, or one set without a
number. A row is a sequence, after an Id or alone; a header may stand above it or not."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.formats.images import find_file, need_file
from rosenblatt.challenge.formats.samples import find_sample, read_sample
from rosenblatt.challenge.formats.xtr_ytr import match_rows
from rosenblatt.challenge.labels import LabelTable, check_unique, encode_labels, read_label_table
from rosenblatt.challenge.labels import whole_ids as whole
from rosenblatt.challenge.settings import FILE, read_settings
from rosenblatt.data.text import Row, raw_rows, read_rows
from rosenblatt.errors import UserError
from rosenblatt.features.sequences import AMBIGUOUS, LETTERS, encode
from rosenblatt.kernels.words import UNKNOWN

SETS = ("", *map(str, range(10)))
LETTERS_OF_A_SEQUENCE = set((LETTERS + "U" + AMBIGUOUS).lower())


@dataclass(frozen=True)
class SequenceTable:
    """A file of sequences: numbers, one [L] uint8 a row, and ids as written, or None."""

    path: Path
    numbers: list[np.ndarray]
    ids: tuple[str, ...] | None


def matches(folder: Path) -> str | None:
    """Return why the folder is of this edition, or None: a file Xtr holds sequences."""
    for name in SETS:
        path = find_file(folder, f"Xtr{name}.csv")
        if path is not None and any(_is_sequence(cells[-1]) for _, cells in raw_rows(path, 2)):
            return f"{path.name} holds letters of DNA"
    return None


def read(folder: Path, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: sequences of all sets, one set after another, as encode gives them.

    An unknown letter is never an error; missing_allowed changes nothing.
    Raises UserError: a file missing or faulty, a letter that is none, labels that do not match the
    rows, one class only.
    """
    settings = read_settings(folder)
    names = [name for name in SETS if find_file(folder, f"Xtr{name}.csv")]
    paths = [[need_file(folder, f"{kind}{name}.csv") for kind in ("Xtr", "Ytr", "Xte")]
             for name in names]  # fmt: skip
    trains, tests = [_read(p[0]) for p in paths], [_read(p[2]) for p in paths]
    tables = [read_label_table(p[1]) for p in paths]
    classes = settings.classes or encode_labels(paths[0][1], _joined(tables), None)[1]
    labels, notes = [], [f"edition DNA: {matches(folder)}; {len(names)} sets, one model each"]
    for path, table, train in zip(paths, tables, trains, strict=True):
        order, matching = match_rows(path[1], table, train.path, train)  # type: ignore[arg-type]
        labels.append(encode_labels(path[1], table, classes)[0][order])
        notes.append(f"{path[1].name}: {matching}")
    ids, origin = _test_ids(folder, tables, tests)
    header = (tables[0].id_column or "Id", tables[0].label_column)
    sample = find_sample(folder)
    if sample is not None:
        ids, header = read_sample(sample, tests[0].path, len(ids), None)
        origin = f"test Ids and header as in {sample.name}"
    width = max(len(row) for table in (*trains, *tests) for row in table.numbers)
    used = [(path, kind) for p in paths for path, kind in zip(p, KINDS, strict=True)]
    return Challenge(
        name=settings.name or folder.resolve().name,
        kind="dna",
        train=_stacked(trains, width),
        labels=np.concatenate(labels),
        classes=classes,
        test=_stacked(tests, width),
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest([path for path, _ in used], [classes]),
        files=tuple((path.name, kind) for path, kind in (*used, *_others(folder))),
        notes=(*notes, origin),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
        train_sets=_numbers(trains),
        test_sets=_numbers(tests),
    )


KINDS = "training sequences", "training labels", "test sequences"


def _others(folder: Path) -> list[tuple[Path, str]]:
    """Return the files that are known, and not needed."""
    found = [(path, "word counts of the sequences; not used, they hold no more than those")
             for path in sorted(folder.glob("X*_mat*.csv"))]  # fmt: skip
    settings = folder / FILE
    return [*found, (settings, "settings")] if settings.exists() else found


def _is_sequence(cell: str) -> bool:
    return len(cell) > 1 and set(cell.strip().lower()) <= LETTERS_OF_A_SEQUENCE


def _read(path: Path) -> SequenceTable:
    rows = read_rows(path)
    if not _is_sequence(rows[0][1][-1]) and len(rows) > 1:
        rows = rows[1:]
    width = len(rows[0][1])
    if width > 2:
        raise UserError(f"{path}: has {width} columns; keep two, the Id and the sequence.")
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(f"{path}: row {line}: has {len(cells)} columns, others have {width}.")
    ids = tuple(cells[0].strip() for _, cells in rows) if width == 2 else None
    if ids is not None:
        check_unique(path, ids, tuple(line for line, _ in rows))
    return SequenceTable(path, [_encode(path, row) for row in rows], ids)


def _encode(path: Path, row: Row) -> np.ndarray:
    try:
        return encode([row[1][-1].strip()])[0]
    except UserError as error:
        raise UserError(f"{path}: {str(error).replace('row 1', f'row {row[0]}', 1)}") from error


def _joined(tables: list[LabelTable]) -> LabelTable:
    labels = tuple(label for table in tables for label in table.labels)
    lines = tuple(line for table in tables for line in table.lines)
    return LabelTable((), labels, lines)


def _stacked(tables: list[SequenceTable], width: int) -> np.ndarray:
    rows = [row for table in tables for row in table.numbers]
    out = np.full((len(rows), width), UNKNOWN, np.uint8)
    for target, row in zip(out, rows, strict=True):
        target[: len(row)] = row
    return out


def _numbers(tables: list[SequenceTable]) -> np.ndarray:
    return np.repeat(np.arange(len(tables)), [len(table.numbers) for table in tables])


def _test_ids(
    folder: Path, tables: list[LabelTable], tests: list[SequenceTable]
) -> tuple[tuple[str, ...], str]:
    """Return the test Ids in the order of the rows, and where they are from."""
    written = [name for test in tests for name in (test.ids or ())]
    count = sum(len(test.numbers) for test in tests)
    if len(set(written)) == count:
        return tuple(written), "test Ids as in the test files"
    numbers = whole(tables[0].ids)
    base = 0 if numbers is None else int(numbers.min())
    return (
        tuple(str(base + row) for row in range(count)),
        f"test Ids run on over the sets from {base}",
    )
