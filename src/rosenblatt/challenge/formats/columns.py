"""Which columns of a training and a test table belong together: by name where both have names."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rosenblatt.challenge.label_file import is_index_name
from rosenblatt.challenge.settings import FILE, Settings
from rosenblatt.data.layout import ID_NAMES, Layout, read_layouts
from rosenblatt.data.schema import Rule
from rosenblatt.data.source import Source
from rosenblatt.data.text import short
from rosenblatt.errors import UserError, meant

NUMBERED = re.compile(r"(.*?)([0-9]+)")
LISTED = 5

Pair = tuple[int | None, int | None]  # places (from 0) in the training table and in the test table


@dataclass(frozen=True)
class Columns:
    """Where things lie in both tables.

    ids, target: the places of the Id and of the label, or None; names: of the features, in the
    order in which both tables are to be read; train, test: their places; notes: what was chosen;
    odd: what is odd; more: the places of labels beside the first, in the training table.
    """

    ids: Pair
    target: Pair
    names: tuple[str, ...]
    train: tuple[int, ...]
    test: tuple[int, ...]
    notes: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
    more: tuple[int, ...] = ()


@dataclass(frozen=True)
class Tables:
    """A training table and a test table, not yet read."""

    sources: tuple[Source, Source]
    layouts: tuple[Layout, Layout]


def match_columns(
    tables: Tables,
    settings: Settings,
    ids: Pair,
    target: Pair = (None, None),
    more: tuple[int, ...] = (),
) -> Columns:
    """Return which features of the tables belong together; more: places of further labels.

    Those that challenge.toml calls identifiers, and an index of pandas, are left out. Pixels that
    are named by one word and numbers are ordered by these.
    Raises UserError: unequal names, or numbers of columns; [columns] names one that is not there.
    """
    _check_settings(tables, settings)
    kept = [
        [place for place in range(layout.width) if place not in (own, label, *others)]
        for layout, own, label, others in zip(tables.layouts, ids, target, (more, ()), strict=True)
    ]
    left = _left_out(tables, kept, settings)
    notes = [note for pair in zip(tables.sources, tables.layouts, strict=True)
             for note in _of_layout(*pair)]  # fmt: skip
    train, test = tables.layouts
    if train.header and test.header:
        if settings.kind == "table":
            left |= _train_only(tables, kept, left)
        pairs = _by_name(tables, kept, set(left))
        if [other for _, other in pairs] != sorted(other for _, other in pairs):
            notes.append(
                f"columns of {tables.sources[1].name} come in another order: matched by name"
            )
    else:
        pairs = _by_position(tables, kept, set(left))
        if train.header or test.header:
            with_names, without = tables.sources if train.header else tables.sources[::-1]
            notes.append(
                f"{with_names.name} names its columns, {without.name} does not: matched by position"
            )
    notes += [left_note(name, why, settings) for name, why in left.items()]
    if settings.kind != "table":
        pairs, note = _pixels(pairs, train, tables.sources[0])
        notes += note
    names = tuple(train.name(place) for place, _ in pairs)
    own, other = tuple(place for place, _ in pairs), tuple(place for _, place in pairs)
    odd = tuple(
        f"column {name!r} {why}" for name, why in left.items() if name not in settings.columns
    )
    return Columns(ids, target, names, own, other, tuple(notes), odd, more)


def _of_layout(source: Source, layout: Layout) -> Iterator[str]:
    """Yield what is to be said of how a file is written."""
    if layout.delimiter == ";":
        yield (
            f"{source.name}: semicolons separate the cells, so a comma in a number is a decimal "
            "comma"
        )
    if layout.comment:
        yield (f"{source.name}: its first line, {short(layout.comment)}, is a comment and left out")


def find_tables(
    files: tuple[Source, Source],
    settings: Settings,
    sizes: Sequence[tuple[int, int]],
    shown: str,
) -> tuple[Tables, Pair]:
    """Return how the two tables lie, and the places of their Ids.

    The Id is the column that challenge.toml names, or the sample submission (`shown`), or one named
    so, or an index of pandas; or, where neither table has a header, the first of both
    if it makes them wider than the images in them: `sizes` are their columns without it, in turn of
    the training table and of the test table.
    Raises UserError as read_layouts, and where two columns may be the Id.
    """
    layouts = read_layouts(files, settings.header)
    tables = Tables(files, (layouts[0], layouts[1]))
    found = [
        _id_place(source, layout, settings, shown)
        for source, layout in zip(files, layouts, strict=True)
    ]
    nameless = not any(layout.header for layout in layouts) and settings.kind != "table"
    if (
        nameless
        and settings.id is None
        and any(
            [layout.width - 1 - size for layout, size in zip(layouts, pair, strict=True)] == [0, 0]
            for pair in sizes
        )
    ):
        return tables, (0, 0)
    return tables, (found[0], found[1])


def _id_place(source: Source, layout: Layout, settings: Settings, shown: str) -> int | None:
    names = [layout.name(place) for place in range(layout.width)]
    for told in (settings.id, shown if layout.header else None):
        if told and told in names:
            return names.index(told)
    if not layout.header:
        return None
    usable = [place for place, name in enumerate(names) if settings.kind_of(name) is None]
    known = [place for place in usable if names[place].casefold() in ID_NAMES]
    if len(known) > 1:
        listed = " and ".join(names[place] for place in known)
        raise UserError(
            f"{source}: row 1: {listed} may both be the Id; name the one in {FILE}, such as "
            f"id = {json.dumps(names[known[0]])}."
        )
    index = [place for place in usable if is_index_name(names[place])]
    return next(iter(known + index), None)


def left_note(name: str, why: str, settings: Settings) -> str:
    """Return the sentence that says why a column is left out, and how to keep it."""
    key = json.dumps(name, ensure_ascii=False)
    kept = name in settings.columns or why.startswith("is not in ")
    keep = "" if kept else f'; [columns] and {key} = "number" in {FILE} keep it'
    return f"column {name!r} is left out: it {why}{keep}"


def _check_settings(tables: Tables, settings: Settings) -> None:
    names = [layout.name(place) for layout in tables.layouts for place in range(layout.width)]
    told = [*settings.columns, *filter(None, [settings.id])]
    for name in told:
        if name not in names:
            raise UserError(
                f"{tables.sources[0].path.parent / FILE}: no file has a column {name!r}; "
                f"{meant(name, [*dict.fromkeys(names)])}"
            )
    for name, rule in settings.columns.items():
        if settings.kind != "table" and rule not in (Rule("number"), Rule("identifier")):
            raise UserError(
                f"{tables.sources[0].path.parent / FILE}: [columns] {name}: pixels are numbers; "
                'write "identifier" to leave the column out, or kind = "table" where these are no '
                "images."
            )


def _left_out(tables: Tables, kept: list[list[int]], settings: Settings) -> dict[str, str]:
    """Return the names of columns that are no features, each with the reason."""
    left = {}
    for layout, places in zip(tables.layouts, kept, strict=True):
        for name in (layout.name(place) for place in places):
            told = settings.kind_of(name)
            if told == "identifier":
                left[name] = f"is an identifier, as {FILE} says"
            elif told is None and layout.header and is_index_name(name):
                left[name] = "is named as pandas names an index of rows"
    return left


def _train_only(tables: Tables, kept: list[list[int]], left: dict[str, str]) -> dict[str, str]:
    """Return the columns that only training rows have, where test rows have no other ones."""
    own, other = (
        [name for place in places if (name := layout.name(place)) not in left]
        for layout, places in zip(tables.layouts, kept, strict=True)
    )
    if {*other} - {*own}:
        return {}
    why = f"is not in {tables.sources[1].name}"
    return {name: why for name in own if name not in other}


def _by_name(tables: Tables, kept: list[list[int]], left: set[str]) -> list[tuple[int, int]]:
    own, other = (
        {layout.name(place): place for place in places if layout.name(place) not in left}
        for layout, places in zip(tables.layouts, kept, strict=True)
    )
    alone = [name for name in own if name not in other], [name for name in other if name not in own]
    if any(alone):
        lists = [
            f"{', '.join(map(repr, names[:LISTED]))}{' ...' if len(names) > LISTED else ''} only "
            f"in {source.name}"
            for names, source in zip(alone, tables.sources, strict=True)
            if names
        ]
        raise UserError(
            f"{tables.sources[1]}: has other columns than {tables.sources[0].name}: "
            f"{'; '.join(lists)}. Give both the same names, or leave a column out: [columns] and "
            f'{json.dumps((alone[0] or alone[1])[0], ensure_ascii=False)} = "identifier" in {FILE}.'
        )
    return [(place, other[name]) for name, place in own.items()]


def _by_position(tables: Tables, kept: list[list[int]], left: set[str]) -> list[tuple[int, int]]:
    if len(kept[0]) != len(kept[1]):
        raise UserError(
            f"{tables.sources[1]}: has {len(kept[1])} columns of features where "
            f"{tables.sources[0].name} has {len(kept[0])}; give both files the same columns, or "
            "both a header that names them."
        )
    train = tables.layouts[0]
    return [pair for pair in zip(*kept, strict=True) if train.name(pair[0]) not in left]


def _pixels(
    pairs: list[tuple[int, int]], train: Layout, source: Source
) -> tuple[list[tuple[int, int]], list[str]]:
    """Return pixels in the order of the numbers in their names, if one word begins them all."""
    parts = [NUMBERED.fullmatch(train.name(place)) for place, _ in pairs]
    words = {part[1] for part in parts if part}
    numbers = [int(part[2]) for part in parts if part]
    if not train.header or len(numbers) < len(pairs) or len(words) != 1:
        return pairs, []
    if len(set(numbers)) < len(numbers) or numbers == sorted(numbers):
        return pairs, []
    order = sorted(range(len(pairs)), key=numbers.__getitem__)
    note = f"pixels are ordered by the number in their names, not as {source.name} has them"
    return [pairs[place] for place in order], [note]
