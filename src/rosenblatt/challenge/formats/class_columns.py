"""A sample submission with a column for each class, or each value, matched to them by name."""

from pathlib import Path

from rosenblatt.challenge.label_file import (
    LabelTable,
    check_text,
    check_texts,
    check_unique,
    is_id_name,
)
from rosenblatt.challenge.target import Classes, Target
from rosenblatt.data.rows import find_delimiter, read_rows
from rosenblatt.data.source import Source, as_source
from rosenblatt.data.text import exact
from rosenblatt.errors import UserError


def read_class_columns(
    path: Path | Source, header: bool = True, placeholders: bool = True, target: str | None = None
) -> LabelTable:
    """Return a sample submission of Ids and several columns; its labels are those of the first.

    Raises UserError: a ragged row, a name or an Id that is empty or there twice.
    """
    source = as_source(path)
    (line, first), *rows = read_rows(source, find_delimiter(source))
    names = [name.strip() for name in first]
    for place, name in enumerate(names):
        check_text(source, line, place + 1, name)
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise UserError(f"{source}: row {line}: {twice!r} names two columns; rename one.")
    for number, cells in rows:
        if len(cells) != len(names):
            raise UserError(
                f"{source}: row {number}: has {len(cells)} columns where the header names "
                f"{len(names)}; fix this row, or download the file again."
            )
    key = next((place for place, name in enumerate(names) if is_id_name(name)), 0)
    ids, lines = tuple(cells[key].strip() for _, cells in rows), tuple(line for line, _ in rows)
    check_texts(source, lines, key + 1, ids)
    check_unique(source, ids, lines)
    others = [place for place in range(len(names)) if place != key]
    labels = tuple(cells[others[0]].strip() for _, cells in rows)
    columns = tuple(names[place] for place in others)
    return LabelTable(source, ids, labels, lines, names[key], columns[0], columns)


def class_columns(
    names: tuple[str, ...], target: Target
) -> tuple[tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Return each column of a sample with the place of its class, and how they were matched.

    A column is named as its class, or so after the letters with which all begin, as Class_1 is; or
    as a value is. Raises UserError where columns and classes, or values, are not one to one.
    """
    if not names:
        return (), ()
    if not isinstance(target, Classes):
        if {*names} != {*target.names}:
            raise UserError(
                f"the columns of the sample submission ({', '.join(names[:5])}) are not those that "
                f"are asked for ({', '.join(target.names[:5])}), which the training table has and "
                "the test table lacks; give all of them the same names."
            )
        told = f"{len(names)} values are asked for, as the sample submission has columns"
        return tuple((name, target.names.index(name)) for name in names), (told,)
    for cut in range(min(map(len, names))):
        found = [_place(name[cut:], target.names) for name in names]
        if None not in found and len({*found}) == len(found) == len(target.names):
            after = f" after {names[0][:cut]!r}" if cut else ""
            told = f"columns of the sample submission are the classes, by their names{after}"
            return tuple(zip(names, found, strict=True)), (told,)  # type: ignore[arg-type]
        if len({name[: cut + 1] for name in names}) > 1:
            break
    shown = [", ".join(some[:5]) for some in (names, target.names)]
    raise UserError(
        f"the columns of the sample submission ({shown[0]}) are not the classes of the training "
        f"labels ({shown[1]}), which have no other; rename the one or the other, so that each "
        "column is named as its class."
    )


def _place(name: str, classes: tuple[str, ...]) -> int | None:
    """Return the place of the class that a column is named as, as written or as a number."""
    values = [exact(one) for one in classes]
    if name in classes:
        return classes.index(name)
    return values.index(exact(name)) if exact(name) is not None and exact(name) in values else None
