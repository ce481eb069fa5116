"""The course's DNA editions: Xtr0.csv, Ytr0.csv, Xte0.csv ... for each set, or one set without a
number. A row is a sequence, after an Id or alone; a header may stand above it or not."""

from collections import Counter

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.ids import Keys
from rosenblatt.challenge.formats.sets import SETS, Sets, SetTable, challenge_of_sets, set_names
from rosenblatt.challenge.label_file import check_text, check_unique, is_id_name
from rosenblatt.challenge.settings import read_settings
from rosenblatt.data.rows import Row, find_delimiter, raw_rows, read_rows, without_trailing
from rosenblatt.data.source import Source
from rosenblatt.data.text import number, short
from rosenblatt.errors import UserError
from rosenblatt.features.sequences import AMBIGUOUS, LETTERS, encode
from rosenblatt.kernels.similarity.kmers import UNKNOWN

KEYS = ("kind = dna", "classes", "header", "target")
LETTERS_OF_A_SEQUENCE = set((LETTERS + "U" + AMBIGUOUS).lower())
SEQUENCE_NAMES = ("seq", "seqs", "sequence", "sequences", "dna")
LOOKED_AT = 20  # rows that tell whether a file holds sequences


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: the rows of a file Xtr are sequences.

    A header may be spelled of their letters, so it tells nothing; challenge.toml may.
    """
    kind = read_settings(folder.path).kind
    if kind not in (None, "dna"):
        return None
    for name in SETS:
        source = folder.find(f"Xtr{name}.csv")
        if source is not None and kind == "dna":
            return "challenge.toml says so"
        if source is not None and _holds_sequences(source):
            return f"{source.name} holds letters of DNA"
    return None


def _holds_sequences(source: Source) -> bool:
    rows = without_trailing(raw_rows(source, LOOKED_AT, find_delimiter(source)))
    below = rows[1:] or rows
    found = sum(len(cells) <= 2 and is_sequence(cells[-1]) for _, cells in below)
    return 2 * found > len(below)


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: sequences of all sets, one set after another, as encode gives them.

    An unknown letter is never an error; missing_allowed changes nothing.
    Raises UserError: a file missing or faulty, a letter that is none, labels that do not match the
    rows, one class only.
    """
    settings = read_settings(folder.path)
    names = set_names(folder, "Xtr{}.csv")
    files = [[folder.need(f"{kind}{name}.csv") for kind in ("Xtr", "Ytr", "Xte")] for name in names]
    pairs = [_read_pair(train, test, settings.header) for train, _, test in files]
    trains, tests = [train for train, _ in pairs], [test for _, test in pairs]
    width = max(len(row) for table in (*trains, *tests) for row in table.numbers)
    counts = "word counts of the sequences; not used, they hold no more than those"
    others = [name for name in sorted(folder.sources) if name.startswith("x") and "_mat" in name]
    sets = Sets(
        kind="dna",
        trains=trains,
        labels=[labels for _, labels, _ in files],
        tests=tests,
        train=stacked(trains, width),
        test=stacked(tests, width),
        reason=f"DNA: {matches(folder)}",
        others=tuple((folder.sources[name][0], counts) for name in others),
    )
    return challenge_of_sets(folder, settings, sets)


def is_sequence(cell: str) -> bool:
    return len(cell.strip()) > 1 and set(cell.strip().lower()) <= LETTERS_OF_A_SEQUENCE


def _read_pair(train: Source, test: Source, header: bool | None) -> tuple[SetTable, SetTable]:
    """Return the training rows and the test rows of a set.

    Raises UserError where just one of the files has Ids, and as _body.
    """
    tables = [read_rows(source, find_delimiter(source)) for source in (train, test)]
    first, second = ([rows[row][1] if row < len(rows) else [] for rows in tables] for row in (0, 1))
    shared = first[0] == first[1] and second[0] != second[1]
    sets = [
        read_table(source, rows, header, shared)
        for source, rows in zip((train, test), tables, strict=True)
    ]
    if (sets[0].keys.ids is None) != (sets[1].keys.ids is None):
        with_ids, without = (train, test) if sets[1].keys.ids is None else (test, train)
        raise UserError(f"{without}: has no Ids, {with_ids.name} has; give both, or none.")
    return sets[0], sets[1]


def _body(source: Source, rows: list[Row], shared: bool, header: bool | None) -> list[Row]:
    """Return the rows that hold sequences: all, or those below a header.

    shared: the first row is the same in the training and the test file.
    """
    width = Counter(len(cells) for _, cells in rows).most_common(1)[0][0]
    for line, cells in rows:
        if len(cells) != width:
            raise UserError(
                f"{source}: row {line}: has {len(cells)} columns, others have {width}; fix it."
            )
    if width > 2:
        raise UserError(f"{source}: has {width} columns; keep two, the Id and the sequence.")
    if header is None:
        header = _is_header(source, rows, shared)
    if header and len(rows) == 1:
        raise UserError(f"{source}: has a header and no rows; add the rows.")
    return rows[1:] if header else rows


def _is_header(source: Source, rows: list[Row], shared: bool) -> bool:
    """Say whether a first row names the columns. Raises UserError where it could be either."""
    line, cells = rows[0]
    key, name = cells[0].strip(), cells[-1].strip()
    if len(cells) == 2 and (number(key) is not None or is_id_name(key)):
        return number(key) is None
    numbered = len(cells) == 2 and all(number(other[0]) is not None for _, other in rows[1:])
    if shared or (name.casefold() in SEQUENCE_NAMES and not is_sequence(name)):
        return True
    if is_sequence(name) and not numbered:
        return False
    raise UserError(
        f"{source}: row {line}: is {short(name)} a name, or a damaged row? Write header = true or "
        "header = false in challenge.toml, or fix the row."
    )


def read_table(
    source: Source, rows: list[Row], header: bool | None, shared: bool = False
) -> SetTable:
    """Return the rows of a file that hold sequences. Raises UserError as _body."""
    rows = _body(source, rows, shared, header)
    width = len(rows[0][1])
    for line, cells in rows:
        if not cells[-1].strip():
            raise UserError(
                f"{source}: row {line}, column {width}: holds no sequence; fill it in or drop the "
                "row."
            )
    lines = tuple(line for line, _ in rows)
    ids = tuple(cells[0].strip() for _, cells in rows) if width == 2 else None
    if ids is not None:
        for line, name in zip(lines, ids, strict=True):
            check_text(source, line, 1, name)
        check_unique(source, ids, lines)
    sequences = [_encode(source, row) for row in rows]
    return SetTable(Keys(source, len(rows), ids, lines), sequences)


def _encode(source: Source, row: Row) -> np.ndarray:
    try:
        return encode([row[1][-1].strip()])[0]
    except UserError as error:
        said = str(error).replace("row 1", f"row {row[0]}", 1)
        raise UserError(f"{source}: {said}") from error


def stacked(tables: list[SetTable], width: int) -> np.ndarray:
    """Return sequences as rows of one width, [N, width] uint8, unknown letters beyond their end."""
    rows = [row for table in tables for row in table.numbers]
    out = np.full((len(rows), width), UNKNOWN, np.uint8)
    for target, row in zip(out, rows, strict=True):
        target[: len(row)] = row
    return out
