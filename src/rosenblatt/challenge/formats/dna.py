"""The course's DNA editions: Xtr0.csv, Ytr0.csv, Xte0.csv ... for each set, or one set without a
number. A row is a sequence, after an Id or alone; a header may stand above it or not."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats.images import find_file, need_file
from rosenblatt.challenge.formats.sets import SETS, Sets, SetTable, challenge_of_sets, set_names
from rosenblatt.challenge.labels import check_unique
from rosenblatt.data.text import Row, raw_rows, read_rows
from rosenblatt.errors import UserError
from rosenblatt.features.sequences import AMBIGUOUS, LETTERS, encode
from rosenblatt.kernels.words import UNKNOWN

LETTERS_OF_A_SEQUENCE = set((LETTERS + "U" + AMBIGUOUS).lower())


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
    paths = [[need_file(folder, f"{kind}{name}.csv") for kind in ("Xtr", "Ytr", "Xte")]
             for name in set_names(folder, "Xtr{}.csv")]  # fmt: skip
    trains, tests = [_read(train) for train, _, _ in paths], [_read(test) for _, _, test in paths]
    width = max(len(row) for table in (*trains, *tests) for row in table.numbers)
    counts = "word counts of the sequences; not used, they hold no more than those"
    sets = Sets(
        kind="dna",
        trains=trains,
        labels=[path for _, path, _ in paths],
        tests=tests,
        train=_stacked(trains, width),
        test=_stacked(tests, width),
        reason=f"DNA: {matches(folder)}",
        others=tuple((path, counts) for path in sorted(folder.glob("X*_mat*.csv"))),
    )
    return challenge_of_sets(folder, sets)


def _is_sequence(cell: str) -> bool:
    return len(cell) > 1 and set(cell.strip().lower()) <= LETTERS_OF_A_SEQUENCE


def _read(path: Path) -> SetTable:
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
    return SetTable(path, [_encode(path, row) for row in rows], ids)


def _encode(path: Path, row: Row) -> np.ndarray:
    try:
        return encode([row[1][-1].strip()])[0]
    except UserError as error:
        raise UserError(f"{path}: {str(error).replace('row 1', f'row {row[0]}', 1)}") from error


def _stacked(tables: list[SetTable], width: int) -> np.ndarray:
    rows = [row for table in tables for row in table.numbers]
    out = np.full((len(rows), width), UNKNOWN, np.uint8)
    for target, row in zip(out, rows, strict=True):
        target[: len(row)] = row
    return out
