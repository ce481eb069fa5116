"""Sets of plain columns of numbers between spaces, such as the DNA editions' word counts alone:
Xtr0_mat50.csv, Ytr0.csv, Xte0_mat50.csv ... for each set, or one set without a number."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats.images import find_file, need_file
from rosenblatt.challenge.formats.sets import SETS, Sets, SetTable, challenge_of_sets, set_names
from rosenblatt.data.text import check_file, number
from rosenblatt.errors import UserError

WIDTHS = "_mat100", "_mat50"  # the wider one is taken where both are there


def matches(folder: Path) -> str | None:
    """Return why the folder is of this edition, or None: a file Xtr..._mat holds numbers."""
    for width in WIDTHS:
        for name in SETS:
            path = find_file(folder, f"Xtr{name}{width}.csv")
            if path is not None:
                return f"{path.name} is there, and no sequences are"
    return None


def read(folder: Path, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: rows of numbers [N, D] float32 of all sets, one set after another.

    Raises UserError: a file missing or faulty, a cell that is no finite number (NaN where missing
    values are allowed), rows of unequal length, labels that do not match the rows.
    """
    width = next(width for width in WIDTHS if set_names(folder, f"Xtr{{}}{width}.csv"))
    kinds = f"Xtr{{}}{width}.csv", "Ytr{}.csv", f"Xte{{}}{width}.csv"
    paths = [[need_file(folder, kind.format(name)) for kind in kinds]
             for name in set_names(folder, kinds[0])]  # fmt: skip
    columns = len(_cells(paths[0][0])[0][1])
    trains = [_read(train, columns, missing_allowed) for train, _, _ in paths]
    tests = [_read(test, columns, missing_allowed) for _, _, test in paths]
    sets = Sets(
        kind="table",
        trains=trains,
        labels=[path for _, path, _ in paths],
        tests=tests,
        train=np.concatenate([table.numbers for table in trains]),
        test=np.concatenate([table.numbers for table in tests]),
        reason=f"of number matrices: {matches(folder)}",
    )
    return challenge_of_sets(folder, sets)


def _cells(path: Path) -> list[tuple[int, list[str]]]:
    """Return the line (from 1) and the cells of each row that is not blank."""
    check_file(path)
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise UserError(f"{path}: is not UTF-8; save it as text in UTF-8.") from None
    rows = [(place, line.replace(",", " ").split()) for place, line in enumerate(lines, 1)]
    rows = [row for row in rows if row[1]]
    if not rows:
        raise UserError(f"{path}: holds blank lines only; download it again.")
    return rows


def _read(path: Path, columns: int, missing_allowed: bool) -> SetTable:
    rows = _cells(path)
    numbers = np.empty((len(rows), columns), np.float32)
    for place, (line, cells) in enumerate(rows):
        if len(cells) != columns:
            raise UserError(
                f"{path}: row {line}: has {len(cells)} columns where others have {columns}; "
                "download the file again."
            )
        values = [number(cell) for cell in cells]
        for column, value in enumerate(values, 1):
            if value is None or not (missing_allowed or np.isfinite(value)):
                raise UserError(
                    f"{path}: row {line}, column {column}: {cells[column - 1]!r} is no finite "
                    "number; correct it or drop the row."
                )
        numbers[place] = values
    return SetTable(path, numbers, None)
