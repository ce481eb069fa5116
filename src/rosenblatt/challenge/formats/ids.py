"""Rows of different files belong together by their Ids, never by an order that nobody states."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge.label_file import LabelTable
from rosenblatt.data.source import Source
from rosenblatt.data.text import exact, short
from rosenblatt.errors import UserError

ASK = "put the challenge's sample_submission.csv into the folder, which lists them"


class Keys(NamedTuple):
    """The rows of a file: how many, their Ids or None, and the line (from 1) of each."""

    source: Source
    total: int
    ids: Sequence[str] | None
    lines: Sequence[int] | np.ndarray


def join_labels(table: LabelTable, rows: Keys) -> tuple[np.ndarray, str]:
    """Return for each row [N] the place of its label in a file of labels, and how it was told.

    Raises UserError where rows and labels differ in number or Ids, and where the rows have no Ids
    and those of the labels do not count them.
    """
    path, name = table.source, rows.source.name
    if len(table.labels) != rows.total:
        raise UserError(
            f"{path}: has {len(table.labels)} labels (the last in row {table.lines[-1]}) where "
            f"{name} has {rows.total} rows; give each row its label."
        )
    if table.ids is None:
        return np.arange(rows.total), f"{path.name} holds labels alone: the n-th is row n's"
    if rows.ids is not None:
        order = match_ids(Keys(path, rows.total, table.ids, table.lines), rows)
        return order, "labels matched to rows by Id"
    numbers = _counting(table)
    first = min(numbers)
    how = "Ids count the rows" if numbers == sorted(numbers) else "labels matched to rows by Id"
    return np.argsort([number - first for number in numbers], kind="stable"), f"{how} from {first}"


def match_ids(keys: Keys, rows: Keys) -> np.ndarray:
    """Return for each row of `rows` the place of its Id among `keys`; both have Ids.

    Ids are equal as written, or else all as whole numbers. Raises UserError naming the first Id
    that one file has and the other has not.
    """
    assert keys.ids is not None
    assert rows.ids is not None
    ids, others = list(keys.ids), list(rows.ids)
    if ids == others:
        return np.arange(len(ids))
    if set(ids) != set(others):
        numbers, wanted = _whole(ids), _whole(others)
        if numbers is None or wanted is None or set(numbers) != set(wanted):
            raise _unequal(keys, rows)
        if len(set(numbers)) < len(numbers):
            raise UserError(f"{keys.source}: two of its Ids are one number; correct one of them.")
        ids, others = numbers, wanted
    place = {name: index for index, name in enumerate(ids)}
    return np.array([place[name] for name in others])


def _unequal(keys: Keys, rows: Keys) -> UserError:
    for one, other in ((keys, rows), (rows, keys)):
        known = set(other.ids or ())
        for name, line in zip(one.ids or (), one.lines, strict=True):
            if name not in known:
                return UserError(
                    f"{one.source}: row {line}: Id {short(name)} is not in {other.source.name}; "
                    "correct it there or here, or give the file that belongs to it."
                )
    return UserError(
        f"{keys.source}: has {len(keys.ids or ())} Ids where {rows.source.name} has "
        f"{len(rows.ids or ())}; give the file that belongs to it."
    )


def _whole(ids: Sequence[str]) -> list | None:
    """Return Ids by their value, if all are whole numbers."""
    numbers = [exact(name) for name in ids]
    if any(value is None or value.adjusted() > 30 or value != int(value) for value in numbers):
        return None
    return [int(value) for value in numbers if value is not None]


def _counting(table: LabelTable) -> list[int]:
    """Return the Ids of labels as numbers that count the rows, in any order.

    Raises UserError naming the row of the first that does not.
    """
    ids = table.ids or ()
    padded = [name for name in ids if name[0] == "0" and name.isdigit() and len(name) > 1]
    numbers = []
    for name, line in zip(ids, table.lines, strict=True):
        found = _whole([name])
        if found is None or (padded and len(name) != len(padded[0])):
            raise _no_count(table, name, line)
        numbers += found
    N, least, most = len(ids), min(numbers), max(numbers)
    held = {first: sum(first <= number < first + N for number in numbers)
            for first in (1, 0, least, most - N + 1)}  # fmt: skip
    first = max(held, key=lambda key: held[key])
    seen: set[int] = set()
    for name, line, number in zip(ids, table.lines, numbers, strict=True):
        if number in seen or not first <= number < first + N:
            raise _no_count(table, name, line)
        seen.add(number)
    return numbers


def _no_count(table: LabelTable, name: str, line: int) -> UserError:
    return UserError(
        f"{table.source}: row {line}: Id {short(name)} does not count the rows, which have no Ids "
        f"of their own, as the others would; correct it, or give the rows an Id column named "
        f"{table.id_column}."
    )


def counted_ids(
    source: Source, ids: Sequence[str] | None, count: int
) -> tuple[tuple[str, ...], str]:
    """Return the Ids of test rows that have none, and how they were told: as those of training.

    source: where the training Ids are; without any they count from 1.
    Raises UserError where the training Ids are not plain whole numbers from 0 or 1.
    """
    if ids is None:
        ids = ("1",)
        how = "no file shows the test Ids: they count the rows from 1, as is usual"
    else:
        how = f"test Ids count the test rows as the Ids of {source.name} do, from"
    digits = all(name.isascii() and name.isdigit() for name in ids)
    width = len(ids[0]) if any(name[0] == "0" and len(name) > 1 for name in ids) else 0
    if not digits or min(map(int, ids)) > 1 or (width and any(len(name) != width for name in ids)):
        raise UserError(
            f"{source}: no file lists the Ids of the test rows, and the training Ids, such as "
            f"{short(ids[0])}, do not count from 0 or 1; {ASK}."
        )
    first = min(map(int, ids))
    found = tuple(str(first + row).zfill(width) for row in range(count))
    return found, how if how.endswith("usual") else f"{how} {found[0]}"
