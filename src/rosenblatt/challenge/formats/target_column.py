"""Which column of train.csv holds the labels."""

import json

from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.formats.columns import Pair, Tables
from rosenblatt.challenge.label_file import LabelTable, is_index_name
from rosenblatt.challenge.settings import FILE, Settings
from rosenblatt.data.csv import read_numbers
from rosenblatt.data.layout import LABEL_NAMES, Layout
from rosenblatt.data.rows import rows_of
from rosenblatt.data.source import Source
from rosenblatt.data.text import number, short
from rosenblatt.errors import UserError, meant

PLACEHOLDERS = ("?", "0", "-1", "")


def find_target(
    tables: Tables, settings: Settings, ids: Pair, sample: LabelTable | None
) -> tuple[tuple[int, int | None], str]:
    """Return the place of the label in the training table, and in the test table where that holds
    a placeholder; and how it was told.

    It is the column that challenge.toml names, or the one that the test table lacks, or that the
    sample submission names, or that holds one placeholder in all test rows.
    Raises UserError where none of these tells it.
    """
    train, test = tables.layouts
    name, how = _name(tables, settings, ids, sample)
    place = next(place for place in range(train.width) if train.name(place) == name)
    how = f"the label is column {name} of {tables.sources[0].name}, {how}"
    if not test.header and train.width == test.width and ids[0] == ids[1]:
        return (place, place), f"{how}; {_known(tables, place)}"
    if not test.header or name not in test.header:
        return (place, None), how
    other = test.header.index(name)
    held = constant_columns(tables.sources[1], test).get(other)
    if held not in PLACEHOLDERS:
        raise UserError(
            f"{tables.sources[1]}: its column {name} holds values, where labels are unknown; "
            f"leave the column out, or name another target in {FILE}."
        )
    return (place, other), f"{how}; the column in {tables.sources[1].name} holds {held!r} alone"


def further_targets(
    tables: Tables, place: int | None, sample: LabelTable | None
) -> tuple[int, ...]:
    """Return the places of labels beside the first, where a sample submission has a column for each
    of several that training rows have and test rows lack."""
    names, other = (layout.header or () for layout in tables.layouts)
    shown = sample.columns if sample else ()
    if place is None or not shown or {*shown} - {*names} or {*shown} & {*other}:
        return ()
    return tuple(names.index(name) for name in shown if names.index(name) != place)


def _cells(tables: Tables, side: int) -> list[set[str]]:
    """Return the different cells of each column, trimmed."""
    source, layout = tables.sources[side], tables.layouts[side]
    found: list[set[str]] = [set() for _ in range(layout.width)]
    for line, cells in rows_of(source, layout.delimiter, layout.spaced):
        if line >= layout.first_row:
            for known, cell in zip(found, cells, strict=False):
                known.add(cell.strip())
    return found


def _stopped(tables: Tables) -> list[int]:
    """Return the columns whose cells test rows have with a full stop, as adult.test its labels."""
    pairs = zip(_cells(tables, 0), _cells(tables, 1), strict=True)
    return [
        place
        for place, (own, other) in enumerate(pairs)
        if all(cell[-1:] == "." and cell[:-1] in own and number(cell) is None for cell in other)
        and not own & other
    ]


def _known(tables: Tables, place: int) -> str:
    """Return what is said of the labels that test rows have, of a file like adult.test.

    Raises UserError where others stand there, but for a full stop after each.
    """
    own, other = (_cells(tables, side)[place] for side in (0, 1))
    odd = min({label.removesuffix(".") for label in other} - own - {*PLACEHOLDERS}, default=None)
    if odd is not None:
        raise UserError(
            f"{tables.sources[1]}: its column {place + 1} holds {short(odd)}, which is no label of "
            f"{tables.sources[0].name}; leave the column out, or name another target in {FILE}."
        )
    return f"what {tables.sources[1].name} holds in that column is not looked at"


def _name(
    tables: Tables, settings: Settings, ids: Pair, sample: LabelTable | None
) -> tuple[str, str]:
    train, test = tables.layouts
    names = [train.name(place) for place in range(train.width) if place != ids[0]]
    if settings.target is not None:
        if settings.target not in names:
            raise UserError(
                f"{tables.sources[0].path.parent / FILE}: {tables.sources[0].name} has no column "
                f"{settings.target!r}; {meant(settings.target, names)}"
            )
        return settings.target, f"as {FILE} says"
    shown = sample.label_column if sample else None
    if train.header and test.header:
        known = {*test.header, *settings.columns}
        extra = [name for name in names if name not in known and not is_index_name(name)]
        if len(extra) == 1:
            return extra[0], f"which {tables.sources[1].name} lacks"
        if shown in names:
            return str(shown), "as in the sample submission"
        held = _held(tables, ids) if not extra else []
        if len(held) == 1:
            return held[0], f"for which {tables.sources[1].name} holds a placeholder"
        raise _untold(tables, extra or held)
    if train.header:
        if shown in names:
            return str(shown), "as in the sample submission"
        raise _untold(tables, [])
    stopped = _stopped(tables) if train.width == test.width else []
    if len(stopped) == 1:
        return train.name(stopped[0]), f"whose cells {tables.sources[1].name} has with a full stop"
    wider = train.width - (ids[0] is not None) == test.width - (ids[1] is not None) + 1
    if wider and settings.kind != "table":
        return _first_or_last(tables, names, settings)
    raise _untold(tables, [])


def _untold(tables: Tables, names: list[str]) -> UserError:
    found = f"; it may be {', '.join(names[:5])}" if names else ""
    alone = [name for name in tables.layouts[1].header or () if tables.layouts[0].header
             and name not in tables.layouts[0].header]  # fmt: skip
    if alone:
        found += (
            f"; and {tables.sources[1].name} has {', '.join(map(repr, alone[:5]))}, which "
            f"{tables.sources[0].name} lacks: give both the same names first"
        )
    own = [tables.layouts[0].name(place) for place in range(tables.layouts[0].width)]
    usual = [name for name in names or own if name.casefold() in LABEL_NAMES]
    example = json.dumps((usual or names or own[-1:])[0], ensure_ascii=False)
    return UserError(
        f"{tables.sources[0]}: which column is the label? {tables.sources[1].name} should lack "
        f"it, and nothing else{found}. Write target = {example}, or what it is, in {FILE}."
    )


def _held(tables: Tables, ids: Pair) -> list[str]:
    """Return the columns that hold one placeholder in all test rows, and more in training rows."""
    train, test = tables.layouts
    constant = constant_columns(tables.sources[0], train)
    varied = {train.name(place) for place in range(train.width) if place not in constant}
    held = constant_columns(tables.sources[1], test)
    return [
        test.name(place)
        for place, cell in held.items()
        if cell in PLACEHOLDERS and place != ids[1] and test.name(place) in varied
    ]


def _first_or_last(tables: Tables, names: list[str], settings: Settings) -> tuple[str, str]:
    """Return the first or the last of nameless columns, whichever alone can hold labels."""
    source, layout = tables.sources[0], tables.layouts[0]
    ends = [place for place in range(layout.width) if layout.name(place) in (names[0], names[-1])]
    others = tuple(place for place in range(layout.width) if place not in ends)
    table = read_numbers(source, tuple(ends), True, layout, others)
    fit = []
    for place in ends:
        cells = table.text[place]
        lines = [(source, line) for line in table.lines.tolist()]
        try:
            encode_labels(Labels(cells, lines), settings.classes)
        except UserError:
            continue
        fit.append(layout.name(place))
    if len(fit) != 1:
        raise _untold(tables, [layout.name(place) for place in ends])
    where = "first" if fit[0] == names[0] else "last"
    return fit[0], f"the {where}; no header says so; the column at the other end has no classes"


def constant_columns(source: Source, layout: Layout) -> dict[int, str]:
    """Return the columns that hold one and the same cell, trimmed, in all rows, with that cell.

    Raises UserError where the file cannot be read.
    """
    same: dict[int, str] | None = None
    for line, cells in rows_of(source, layout.delimiter):
        if line < layout.first_row:
            continue
        if same is None:
            same = {place: cell.strip() for place, cell in enumerate(cells[: layout.width])}
        same = {place: cell for place, cell in same.items()
                if place < len(cells) and cells[place].strip() == cell}  # fmt: skip
        if not same:
            break
    return same or {}
