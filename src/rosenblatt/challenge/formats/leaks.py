"""Columns of a table that tell a row's place, its Id or its label, and so would be learned from."""

import itertools
from collections.abc import Sequence

import numpy as np

from rosenblatt.challenge.settings import Settings
from rosenblatt.data.csv import Table, read_numbers
from rosenblatt.data.text import exact

LEAST_ROWS = 20  # with fewer, numbers may rise by chance
MONOTONE = "rises or falls with every row, as a row number does"
EXACT = 2.0**24  # whole numbers beyond are rounded in float32


def find_leaks(
    table: Table,
    numbers: np.ndarray,
    columns: Sequence[int],
    settings: Settings,
    told: dict[str, Sequence[str]],
) -> dict[int, str]:
    """Return the places among features that tell too much, with what each tells.

    numbers: [N, D] float32, the training features; columns: their places in the file; told: what
    may be repeated, by its name: the Ids and the labels as written.
    Looked for: whole numbers that strictly rise or fall from row to row, and copies.
    """
    if len(numbers) < LEAST_ROWS:
        return {}
    found = {}
    others = {name: _values(cells) for name, cells in told.items()}
    for place, column in enumerate(columns):
        if settings.columns.get(table.layout.name(column)) == "number":
            continue
        values = numbers[:, place]
        copied = [name for name, other in others.items()
                  if other is not None and np.array_equal(values, other)]  # fmt: skip
        if copied:
            found[place] = f"repeats the {copied[0]}"
        elif _is_monotone(table, values, column):
            found[place] = MONOTONE
    return found


def _values(cells: Sequence[str]) -> np.ndarray | None:
    numbers = [exact(cell) for cell in cells]
    if any(value is None for value in numbers):
        return None
    with np.errstate(over="ignore"):
        return np.array([float(value) for value in numbers if value is not None]).astype(np.float32)


def _is_monotone(table: Table, values: np.ndarray, column: int) -> bool:
    if not np.isfinite(values).all():
        return False
    steps = np.diff(values)
    if not ((steps >= 0).all() or (steps <= 0).all()) or (values != np.floor(values)).any():
        return False
    if np.abs(values).max() < EXACT:
        return bool((steps != 0).all())
    others = tuple(place for place in range(table.layout.width) if place != column)
    cells = read_numbers(table.source, (column,), True, table.layout, others).text[column]
    exactly = [exact(cell.replace(",", ".")) for cell in cells]
    if any(value is None or value != value.to_integral_value() for value in exactly):
        return False
    pairs = [*itertools.pairwise(exactly)]
    return all(a < b for a, b in pairs) or all(a > b for a, b in pairs)  # type: ignore[operator]
