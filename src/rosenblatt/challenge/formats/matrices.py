"""Sets of plain columns of numbers between spaces, such as the DNA editions' word counts alone:
Xtr0_mat50.csv, Ytr0.csv, Xte0_mat50.csv ... for each set, or one set without a number."""

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import Tables, match_columns
from rosenblatt.challenge.formats.images import Part, read_parts
from rosenblatt.challenge.formats.sets import Sets, SetTable, challenge_of_sets, set_names
from rosenblatt.challenge.settings import Settings, read_settings
from rosenblatt.data.layout import read_layouts
from rosenblatt.data.source import Source
from rosenblatt.errors import UserError

KEYS = ("classes", "header", "target", "columns")
WIDTHS = "_mat100", "_mat50"  # the wider one is taken where both are there


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: a file Xtr..._mat holds numbers."""
    for width in WIDTHS:
        for name in set_names(folder, f"Xtr{{}}{width}.csv"):
            return f"Xtr{name}{width}.csv is there, and no sequences are"
    return None


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: rows of numbers [N, D] float32 of all sets, one set after another.

    Raises UserError: a file missing or faulty, a cell that is no finite number (NaN where missing
    values are allowed), rows of unequal length, labels that do not match the rows.
    """
    settings = read_settings(folder.path)
    width = next(width for width in WIDTHS if set_names(folder, f"Xtr{{}}{width}.csv"))
    kinds = f"Xtr{{}}{width}.csv", "Ytr{}.csv", f"Xte{{}}{width}.csv"
    files = [[folder.need(kind.format(name)) for kind in kinds]
             for name in set_names(folder, kinds[0])]  # fmt: skip
    read = [_read(train, test, settings, missing_allowed) for train, _, test in files]
    first = read[0][0]
    for part, _, _ in read:
        found, wanted = part.numbers.shape[1], first.numbers.shape[1]
        if found != wanted:
            raise UserError(
                f"{part.table.source}: has {found} columns where {first.table.source.name} has "
                f"{wanted}; give sets of one width."
            )
    trains = [SetTable(part.keys, part.numbers) for part, _, _ in read]
    tests = [SetTable(part.keys, part.numbers) for _, part, _ in read]
    sets = Sets(
        kind="numbers",
        trains=trains,
        labels=[labels for _, labels, _ in files],
        tests=tests,
        train=np.concatenate([table.numbers for table in trains]),
        test=np.concatenate([table.numbers for table in tests]),
        reason=f"of number matrices: {matches(folder)}",
        notes=tuple(dict.fromkeys(note for _, _, notes in read for note in notes)),
    )
    return challenge_of_sets(folder, settings, sets)


def _read(
    train: Source, test: Source, settings: Settings, missing: bool
) -> tuple[Part, Part, tuple[str, ...]]:
    layouts = read_layouts((train, test), settings.header, spaces=True)
    tables = Tables((train, test), (layouts[0], layouts[1]))
    columns = match_columns(tables, settings, (None, None))
    return *read_parts(tables, columns, settings, missing), columns.notes
