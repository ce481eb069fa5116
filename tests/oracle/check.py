"""One case of the fuzz: a folder is written and altered, read by the program and by the oracle."""

import operator
import random
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from inspect import getmembers, isfunction
from pathlib import Path

import numpy as np

from rosenblatt.challenge import Challenge, load_challenge
from rosenblatt.challenge.oddities import oddities
from rosenblatt.challenge.target import Values
from rosenblatt.errors import UserError
from tests.oracle import columns, dress, values
from tests.oracle.cells import MISSING, AmbiguousError, number
from tests.oracle.cure import cured
from tests.oracle.formats import EDITIONS, Draft
from tests.oracle.notes import Mutation, Note
from tests.oracle.reading import Reading, read

MUTATIONS: tuple[Mutation, ...] = tuple(
    function
    for module in (columns, dress, values)
    for name, function in getmembers(module, isfunction)
    if function.__module__ == module.__name__ and not name.startswith("_")
)
GOOD = ("read", "refused")
CURES = re.compile(
    r"\b(write|give|save|fix|download|correct|drop|fill|keep|rename|list|name|leave|remove|add|"
    r"unpack|delete|allow|look for|use|put|set|take|spell|say|did you mean|known? are|expected|"
    r"make)\b",
    re.I,
)


@dataclass
class Outcome:
    """What came of a case: "read", "refused", or what was wrong; and how it was made."""

    kind: str
    detail: str
    edition: str
    mutations: tuple[str, ...]


def draft(seed: str) -> tuple[Draft, list[tuple[str, Note]]]:
    """Return a folder of some edition with none, one or two mutations, and their notes."""
    draw = random.Random(seed)
    made = draw.choice(EDITIONS)(draw)
    count, notes = draw.choices([0, 1, 2], [1, 20, 9])[0], []
    while len(notes) < count:
        mutation = draw.choice(MUTATIONS)
        try:
            note = mutation(made, draw)
        except (LookupError, ValueError, AssertionError):  # nothing left to mutate
            return draft(f"{seed}'")
        if note is not None:
            notes.append((mutation.__name__, note))
    return made, notes


def run(seed: str) -> Outcome:
    """Write, read and judge one case."""
    made, notes = draft(seed)
    names = tuple(name for name, _ in notes)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "data"
        lines = made.write(folder)
        wanted, found = _both(folder)
        if isinstance(found, Challenge):
            kind, detail = _acceptance(found, notes, wanted)
        elif not isinstance(found, UserError):
            kind, detail = "crash", f"{type(found).__name__}: {found}"
        else:
            kind, detail = _refusal(str(found), made, notes, lines, folder, wanted)
            if kind == "refused" and len(notes) < 2 and cured(str(found), made, folder):
                kind, detail = _after_cure(folder, notes, str(found))
    return Outcome(kind, detail.replace(place, ""), made.edition, names)


def _both(folder: Path) -> tuple[Reading | str, Challenge | Exception]:
    """Return what the oracle and the program read, or why they do not."""
    wanted: Reading | str
    try:
        wanted = read(folder)
    except AmbiguousError as error:
        wanted = str(error)
    try:
        return wanted, load_challenge(folder)
    except Exception as error:  # whatever is no UserError is a bug
        return wanted, error


def _after_cure(folder: Path, notes: list[tuple[str, Note]], said: str) -> tuple[str, str]:
    """Judge the reading once challenge.toml says what the refusal asked for."""
    wanted, found = _both(folder)
    if isinstance(found, Challenge):
        kind, detail = _acceptance(found, notes, wanted)
        return ("refused" if kind in ("read", "not said") else kind), f"{said} [cured] {detail}"
    if str(found) == said:
        return "its cure does not cure", f"{said} [then] {found}"
    return "refused", said


def _refusal(
    said: str,
    made: Draft,
    notes: list[tuple[str, Note]],
    lines: dict[str, dict[int, range]],
    folder: Path,
    wanted: Reading | str,
) -> tuple[str, str]:
    """Judge a refusal: had it a reason, and does it name file, row and a cure that may cure?"""
    said = said.replace(f"{folder}/", "")
    if isinstance(wanted, Reading) and all(note.harmless for _, note in notes):
        return "refused what is plain", said
    files = [*(path.name for path in folder.iterdir()), *lines]
    if not any(name.lower() in said.lower() for name in files):
        return "names no file", said
    if "\n" in said.strip() or not CURES.search(said):
        return "names no cure", said
    if len(notes) == 1:
        note = notes[0][1]
        first = note.sheet is not None and note.row is note.sheet.rows[0]  # tells what others have
        if note.sheet is not None and not first and isinstance(wanted, str):
            covered = lines[note.sheet.name].get(id(note.row), range(0))
            rows = [f"row {line}" for line in covered]
            if not any(re.search(rf"\b{row}\b", said) for row in rows):
                named = [word for word in note.words if word in said]
                if not named:
                    return "names no row", f"{said} [expected {note.sheet.name} {rows}]"
        if note.cure and not any(word in said for word in note.cure):
            return "names another cure", f"{said} [expected {note.cure}]"
        if any(word in said.lower() for word in note.wrong):
            return "names a cure that cures nothing", said
    return "refused", said


def _acceptance(
    found: Challenge, notes: list[tuple[str, Note]], wanted: Reading | str
) -> tuple[str, str]:
    """Judge what was read: is it what the oracle reads, and are its choices told?"""
    if isinstance(wanted, str):
        return "accepted what is ambiguous", wanted
    for difference in _differences(found, wanted):
        return "read otherwise", difference
    told = unicodedata.normalize("NFC", "\n".join([*found.notes, *oddities(found)]))
    for name in (*wanted.left_out, *(note.said for _, note in notes if len(notes) == 1)):
        if name and name not in told:
            return "not said", f"{name!r} in {told!r}"
    return "read", ""


def _differences(found: Challenge, wanted: Reading) -> Iterator[str]:
    if (found.id_column, found.label_column) != wanted.header:
        yield f"header {found.id_column!r}, {found.label_column!r}; right: {wanted.header}"
    right = wanted.spellings
    if isinstance(found.target, Values) or not right:
        values = getattr(found.target, "values", np.zeros((0, 1)))[:, 0].tolist()
        if values != [float(label) for _, label in wanted.train]:
            yield f"values {values}; right: {[label for _, label in wanted.train]}"
    elif len(found.classes) != len(right) or not all(map(operator.contains, right, found.classes)):
        yield f"classes {found.classes}; right: {right}"
    elif found.labels.tolist() != [label for _, label in wanted.train]:
        yield f"labels {found.labels.tolist()}; right: {[label for _, label in wanted.train]}"
    if list(found.test_ids) != [name for name, _ in wanted.test]:
        yield f"test Ids {found.test_ids}; right: {[name for name, _ in wanted.test]}"
    if found.kind == "table":
        yield from _cells_that_differ(found, wanted)
        return
    for name, array, rows in (
        ("training", found.train, [row for row, _ in wanted.train]),
        ("test", found.test, [row for _, row in wanted.test]),
    ):
        flat = array.reshape(len(array), -1)
        right = _array(rows, flat.shape[1] if found.kind == "dna" else None)
        if flat.shape != right.shape:
            yield f"{name} rows {flat.shape}; right: {right.shape}"
        elif not np.allclose(flat, right, rtol=1e-6, atol=0):
            row, column = np.argwhere(~np.isclose(flat, right, rtol=1e-6, atol=0))[0]
            yield (f"{name} row {row + 1}, feature {column + 1}: {flat[row, column]}; "
                   f"right: {right[row, column]}")  # fmt: skip


def _cells_that_differ(found: Challenge, wanted: Reading) -> Iterator[str]:
    """Yield what a table holds otherwise, cell by cell; a column left out must deserve it."""
    kinds = {column.name: column for column in found.columns
             if column.name not in wanted.left_out or column.name in found.train}  # fmt: skip
    if [*kinds] != wanted.names:
        yield f"columns {[*kinds]}; right: {wanted.names}"
        return
    for place, (name, column) in enumerate(kinds.items()):
        cells = [row[place] for row, _ in wanted.train], [row[place] for _, row in wanted.test]
        if name not in found.train:
            if not _worthless(cells[0], wanted, place):
                yield f"column {name!r} is left out: {column.why}"
            continue
        for frame, texts in zip((found.train, found.test), cells, strict=True):
            for row, (value, text) in enumerate(zip(frame[name], texts, strict=True), 1):
                if not _means(value, text, column.missing):
                    yield f"row {row}, column {name!r}: {value!r}; right: {text!r}"


def _worthless(cells: list[str], wanted: Reading, place: int) -> bool:
    """Say whether nothing can be learned from a column: one cell, words all different, a copy."""
    held = {number(cell) or cell for cell in cells} - {*MISSING}
    copies = any([number(row[other]) or row[other] for row, _ in wanted.train]
                 == [number(cell) or cell for cell in cells] for other in range(place))  # fmt: skip
    return len(held) <= 1 or len({*cells}) == len(cells) or copies


def _means(value: object, text: str, missing: tuple[str, ...]) -> bool:
    if value is None or value != value:
        return text in MISSING or text in missing
    if isinstance(value, float):
        right = number(text)
        return right is not None and float(right) == value
    return value == text


def _array(rows: list[list], width: int | None) -> np.ndarray:
    """Return rows as an array; sequences are filled up with unknown letters to a width."""
    if width is not None:
        rows = [[*row, *[4] * (width - len(row))] for row in rows]
    with np.errstate(under="ignore"):
        return np.array([[float(cell) for cell in row] for row in rows]).astype(np.float32)
