"""Columns of a table that tell a row's place, its Id or its label, and so would be learned from."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from rosenblatt.challenge.label_file import LabelTable
from rosenblatt.challenge.settings import FILE, Settings
from rosenblatt.data.cells import CellTable
from rosenblatt.data.schema import LEFT, Column
from rosenblatt.data.source import Source
from rosenblatt.data.table import Pair
from rosenblatt.data.text import exact
from rosenblatt.errors import UserError

LEAST_ROWS = 20  # with fewer, numbers may rise by chance
MONOTONE = "rises or falls with every row, as a row number does"


def find_leaks(
    pairs: Sequence[Pair],
    columns: Sequence[Column],
    settings: Settings,
    told: dict[str, Sequence[str]],
) -> dict[str, Column]:
    """Return the columns that tell too much or nothing new, by name, as what they are.

    told: what may be repeated, by its name: the Ids and the labels of training rows as written.
    Looked for: whole numbers that strictly rise or fall from row to row, copies of what is told,
    and, in training and test rows, copies of an earlier column.
    """
    found: dict[str, Column] = {}
    seen: dict[tuple, str] = {}
    for pair, column in zip(pairs, columns, strict=True):
        if column.kind in LEFT or settings.kind_of(pair.name) is not None:
            continue
        kept = "number" if column.kind in ("number", "code", "boolean") else "category"
        values = [_value(text) for text in pair.spellings]
        why = _leak(pair, values, told) if len(pair.train) >= LEAST_ROWS else ""
        if why:
            found[pair.name] = replace(column, kind="identifier", why=why, instead=kept)
            continue
        same = seen.setdefault(_content(pair, values), pair.name)
        if same != pair.name:
            why = f"repeats the column {same!r}"
            found[pair.name] = replace(column, kind="copy", why=why, instead=kept)
    return found


def _value(text: str) -> object:
    number = exact(text)
    return text if number is None else number


def _leak(pair: Pair, values: list, told: dict[str, Sequence[str]]) -> str:
    for name, cells in told.items():
        if all(_value(cells[row].strip()) == values[pair.train[row]] for row in (0, -1)):
            known = {text: _value(text.strip()) for text in {*cells}}
            if all(known[cell] == values[place]
                   for cell, place in zip(cells, pair.train.tolist(), strict=True)):  # fmt: skip
                return f"repeats the {name}"
    used = np.unique(pair.train)
    if len(used) < len(pair.train) or any(isinstance(values[place], str) for place in used):
        return ""
    rows = [values[place] for place in pair.train.tolist()]
    if any(value != value.to_integral_value() for value in rows):
        return ""
    steps = [*itertools.pairwise(rows)]
    rises = all(a < b for a, b in steps) or all(a > b for a, b in steps)
    return MONOTONE if rises else ""


def _content(pair: Pair, values: list) -> tuple:
    """Return what is equal for columns of the same cells in all rows."""
    cells = dict.fromkeys(values)
    order = {value: place for place, value in enumerate(cells)}
    places = np.array([order[value] for value in values], np.int32)
    return tuple(cells), places[pair.train].tobytes(), places[pair.test].tobytes()


def check_ids(source: Source, found: dict[str, Column], untold: bool) -> None:
    """Raise UserError where a column that counts may hold the Ids that no file tells."""
    counting = [name for name, column in found.items() if column.why == MONOTONE]
    if untold and counting:
        key = json.dumps(counting[0], ensure_ascii=False)
        raise UserError(
            f"{source}: column {counting[0]} {MONOTONE}: does it hold the Ids? No sample "
            f"submission lists them. Write id = {key} in {FILE}, or under [columns] "
            f'{key} = "identifier" to leave it out, or "number" to learn from it.'
        )


def _shuffled(found: list, wanted: list) -> bool:
    """Say whether numbers are those wanted in another order than a rising one."""
    return None not in found and found != sorted(found) and sorted(found) == sorted(wanted)


def check_order(
    labels: LabelTable,
    train: CellTable,
    ids: Sequence[str] | None,
    places: Sequence[int],
    settings: Settings,
) -> None:
    """Raise UserError where a nameless column holds the Ids of the labels in another order."""
    if ids is not None or labels.ids is None or train.layout.header:
        return
    wanted = [exact(name) for name in labels.ids]
    if None in wanted:
        return
    for column in places:
        name, cells = train.layout.name(column), train.columns[column]
        if len(cells.spellings) < len(wanted) or settings.kind_of(name) is not None:
            continue
        found = [exact(cell) for cell in cells.written()]
        if _shuffled(found, wanted):
            raise UserError(
                f"{train.source}: column {name} holds the Ids of {labels.source.name}, in "
                f'another order than the rows; write id = "{name}" in {FILE}, or under [columns] '
                f'{name} = "number" if they are no Ids.'
            )
