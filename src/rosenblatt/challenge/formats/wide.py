"""Wide tables of times: rows are quantities, columns hours; a sample is a window of hours."""

import dataclasses
import datetime
import itertools
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.ids import Keys
from rosenblatt.challenge.formats.roles import Roles
from rosenblatt.challenge.formats.samples import sample_order
from rosenblatt.challenge.label_file import LabelTable
from rosenblatt.challenge.settings import FILE, Hours, Settings, Wide, default_notes
from rosenblatt.challenge.target import Values
from rosenblatt.data.dates import date_formats, read_date
from rosenblatt.data.rows import Row, find_delimiter, raw_rows
from rosenblatt.data.schema import Column
from rosenblatt.data.source import Source
from rosenblatt.data.text import LARGEST, MISSING, number, short
from rosenblatt.errors import UserError, meant

DAY = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Block:
    """The hours of all quantities that stand under one key: a day, or a window of the test."""

    key: tuple[str, ...]
    line: int
    hours: dict[str, np.ndarray]


def read(folder: Folder, roles: Roles, settings: Settings, sample: LabelTable | None) -> Challenge:
    """Return the challenge: a row for each window of hours, a column for each quantity and hour.

    A column holds the last known value of a quantity, or its change since an hour of the window; so
    answers are learned as a change from the last known value. Days of training that follow one
    another are joined, so that windows run over midnight.
    Raises UserError: no sample submission; a quantity or hour that is missing; a cell that is no
    number and no mark of a fault; test windows of another length.
    """
    import pandas

    wide = settings.table
    assert wide is not None
    if sample is None:
        raise UserError(
            f"{folder.path}: has no sample submission, which lists the Ids; put it into the folder."
        )
    if "metric" not in settings.told:
        settings = dataclasses.replace(settings, metric="rmse")
    days, names = _blocks(roles.train, wide, None)
    rows, target, notes = _training(days, names, wide)
    place = names.index(wide.target) * wide.window
    hours = Hours(wide, tuple(names), float(np.median(rows[:, place])))
    test, keys, filled = read_windows(roles.test, hours)
    order, told = sample_order(sample, keys)
    notes += (*filled, told)
    labels = [label for name in names for label in _labels(name, wide)]
    files = [(roles.train, "training hours"), (roles.test, "test hours"),
             (sample.source, "the form of a submission")]  # fmt: skip
    return Challenge(
        name=settings.name or folder.name,
        kind="table",
        train=pandas.DataFrame(rows, columns=labels),
        target=target,
        test=pandas.DataFrame(test[order], columns=labels),
        test_ids=sample.ids or (),
        id_column=sample.id_column,
        label_column=sample.label_column,
        digest=data_digest((file for file, _ in files), [wide, labels]),
        files=tuple((file.name, meaning) for file, meaning in files),
        notes=(*notes, *default_notes(settings)),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
        columns=tuple(Column(label, "number", "hours of a quantity") for label in labels),
        hours=hours,
        folds="blocks",
    )


def _training(
    days: list[Block], names: list[str], wide: Wide
) -> tuple[np.ndarray, Values, tuple[str, ...]]:
    """Return the windows of training rows whose value is known, these, and what was chosen."""
    stretches, joined = _stretches(days)
    rows, values = _windows(stretches, names, wide)
    start = _labels(wide.target, wide)[0]
    known = np.isfinite(values[:, 0] + rows[:, names.index(wide.target) * wide.window])
    notes = (
        f"edition table of times, as [table] in {FILE} says: {len(names)} quantities, windows of "
        f"{wide.window} hours, {wide.target} {wide.horizon} ahead",
        joined,
        "windows that follow one another overlap: folds are blocks of them",
        f"{int((~known).sum())} windows without a value of {wide.target}, or of one before it, are "
        "left out",
        f"answers are learned as the change from column {start!r}",
    )
    return rows[known], Values(values[known], (wide.target,), start), notes


def read_windows(source: Source, hours: Hours) -> tuple[np.ndarray, Keys, tuple[str, ...]]:
    """Return the windows of a file, [M, quantities * hours], their Ids, and what was filled in.

    Raises UserError as read.
    """
    blocks, names = _blocks(source, hours.wide, [*hours.names])
    rows = np.array([_row(block, names, hours.wide, source) for block in blocks])
    ids = [block.key[0] if block.key else "" for block in blocks]
    keys = Keys(source, len(ids), ids, [block.line for block in blocks])
    unknown = np.isnan(rows[:, hours.start])
    if not unknown.any():
        return rows, keys, ()
    rows[unknown, hours.start] = hours.middle
    note = (
        f"test windows that know no value of what is asked for: {int(unknown.sum())}; "
        f"{hours.middle:g}, the median of training windows, stands there"
    )
    return rows, keys, (note,)


def _blocks(source: Source, wide: Wide, names: list[str] | None) -> tuple[list[Block], list[str]]:
    """Return the blocks of a file, in its order, and the quantities; `names`: those wanted.

    The header, if there is one, names the column of the quantities; else it is the first one that
    holds the target.
    """
    rows = [(line, [cell.strip() for cell in cells])
            for line, cells in raw_rows(source, None, find_delimiter(source))]  # fmt: skip
    place = rows[0][1].index(wide.rows) if wide.rows in rows[0][1] else None
    body = rows if place is None else rows[1:]
    if place is None:
        held = ({cells[column] for _, cells in rows if column < len(cells)}
                for column in range(len(rows[0][1])))  # fmt: skip
        place = next((column for column, texts in enumerate(held) if wide.target in texts), None)
    if place is None:
        raise UserError(
            f"{source}: row 1: has no column {wide.rows!r}, as rows in {FILE} says; "
            f"{meant(wide.rows, rows[0][1])}"
        )
    blocks: list[Block] = []
    for line, cells in body:
        if len(cells) != len(rows[0][1]):
            raise UserError(
                f"{source}: row {line}: has {len(cells)} columns where the first row has "
                f"{len(rows[0][1])}; fix this row, or download the file again."
            )
        key, name = tuple(cells[:place]), cells[place]
        if not blocks or blocks[-1].key != key:
            blocks.append(Block(key, line, {}))
        if name in blocks[-1].hours:
            raise UserError(f"{source}: row {line}: {name} is there twice; correct one of them.")
        blocks[-1].hours[name] = _numbers(source, (line, cells[place + 1 :]), place, wide)
    names = names or [*blocks[0].hours]
    if wide.target not in names:
        raise UserError(
            f"{source}: has no quantity {wide.target!r}, as target in {FILE} says; "
            f"{meant(wide.target, names)}"
        )
    for block in blocks:
        if {*block.hours} != {*names}:
            odd = sorted({*block.hours} ^ {*names})[0]
            raise UserError(
                f"{source}: row {block.line}: the quantities from here on are others than before: "
                f"{odd}; give each block the same ones."
            )
    return blocks, names


def _numbers(source: Source, row: Row, place: int, wide: Wide) -> np.ndarray:
    line, cells = row
    found = np.empty(len(cells))
    for hour, cell in enumerate(cells):
        value = float("nan") if cell in wide.missing or cell in MISSING else number(cell)
        if value is None or abs(value) > LARGEST:
            raise UserError(
                f"{source}: row {line}, column {place + 2 + hour}: {short(cell)} is not a number; "
                f"fix it, or name it among missing of [table] in {FILE}."
            )
        found[hour] = value
    return found


def _stretches(days: list[Block]) -> tuple[list[list[Block]], str]:
    """Return days that follow one another together, and how that was told.

    The date is the last part of the key; the parts before it, such as a place, must be equal.
    """
    texts = [*dict.fromkeys(day.key[-1] if day.key else "" for day in days)]
    forms = date_formats(texts)
    if not forms:
        return [[day] for day in days], "no column of dates before the quantities: no days joined"
    found = {form: [[days[0]]] for form in forms}
    for form, stretches in found.items():
        for one, other in itertools.pairwise(days):
            step = _moment(other, form) - _moment(one, form)
            if one.key[:-1] == other.key[:-1] and step == DAY:
                stretches[-1].append(other)
            else:
                stretches.append([other])
    best = min(found, key=lambda form: len(found[form]))
    return found[best], f"days by {best!r}: {len(days)} in {len(found[best])} stretches without gap"


def _moment(day: Block, form: str) -> datetime.datetime:
    moment = read_date(day.key[-1], form)
    assert moment is not None
    return moment


def _windows(
    stretches: list[list[Block]], names: list[str], wide: Wide
) -> tuple[np.ndarray, np.ndarray]:
    """Return all windows [N, quantities * hours] of stretches, and the values asked for, [N, 1]."""
    rows, values = [], []
    for stretch in stretches:
        hours = np.array([np.concatenate([day.hours[name] for day in stretch]) for name in names])
        count = hours.shape[1] - wide.window - wide.horizon + 1
        if count < 1:
            continue
        seen = np.lib.stride_tricks.sliding_window_view(hours, wide.window, axis=1)[:, :count]
        rows.append(_described(seen.transpose(1, 0, 2)))
        values.append(hours[names.index(wide.target), wide.window + wide.horizon - 1 :])
    if not rows:
        raise UserError(
            f"{FILE}: [table] window = {wide.window} is longer than any stretch of hours; give a "
            "shorter one."
        )
    return np.concatenate(rows), np.concatenate(values)[:, None]


def _row(block: Block, names: list[str], wide: Wide, source: Source) -> np.ndarray:
    hours = np.array([block.hours[name] for name in names])
    if hours.shape[1] != wide.window:
        raise UserError(
            f"{source}: row {block.line}: has {hours.shape[1]} hours where window = {wide.window} "
            f"in {FILE}; correct it there."
        )
    return _described(hours[None])[0]


def _labels(name: str, wide: Wide) -> list[str]:
    """Return the columns of a quantity: its last value, and its changes, the farthest first."""
    ahead = range(wide.window + wide.horizon - 1, wide.horizon, -1)
    return [f"{name} last known", *(f"{name} change since {hour} h before" for hour in ahead)]


def _described(hours: np.ndarray) -> np.ndarray:
    """Return windows [n, quantities, hours] as rows of last known values and changes to these."""
    known = np.where(np.isnan(hours), -1, np.arange(hours.shape[2])).max(2, keepdims=True)
    last = np.take_along_axis(hours, np.maximum(known, 0), 2)
    return np.concatenate([last, last - hours[..., :-1]], 2).reshape(len(hours), -1)
