"""The oracle's reading of features: by name where both files have names; leaks left out."""

import itertools
import re
from decimal import Decimal

from tests.oracle.cells import AmbiguousError, Table, is_index, number, value
from tests.oracle.labels import whole

PIXELS = (64, 784, 3072)


def leaks(
    train: Table,
    used: list[int | None],
    labels: list[str],
    keys: list[str] | None,
    settings: dict,
    image: bool,
) -> list[str]:
    """Return the names (or numbers from 1) of columns that tell the row's place, Id or label."""
    columns = settings.get("columns", {})
    left = []
    for place in range(len(train.rows[0])):
        name = train.names[place] if train.names else str(place + 1)
        cells = train.column(place)
        if place in used or columns.get(name) == "number":
            continue
        index = train.names is not None and is_index(name)
        leak = not image and len(cells) >= 20 and _tells(cells, labels, keys)
        if columns.get(name) == "identifier" or index or leak:
            left.append(name)
    return left


def _tells(cells: list[str], labels: list[str], keys: list[str] | None) -> bool:
    numbers = whole(cells)
    if numbers is not None:
        pairs = [*itertools.pairwise(numbers)]
        if all(a < b for a, b in pairs) or all(a > b for a, b in pairs):
            return True
    return any(_same(cells, other) for other in (labels, keys) if other is not None)


def _same(cells: list[str], others: list[str]) -> bool:
    def key(cell: str) -> Decimal | str:
        found = number(cell)
        return cell if found is None else found

    return all(key(a) == key(b) for a, b in zip(cells, others, strict=True))


def features(
    train: Table,
    test: Table,
    ids: list[int | None],
    left: list[str],
    image: bool,
    target: tuple[int | None, int | None] = (None, None),
) -> tuple[list[list], list[list], list[str], list[str]]:
    """Return the features of both files in the training file's order, by name where both have.

    Pixels are numbers, cells of a table as they are. Then the columns left out, and the names.
    """
    kept = [[place for place in range(len(table.rows[0])) if place not in (own, label)]
            for table, own, label in zip((train, test), ids, target, strict=True)]  # fmt: skip
    if train.names is None or test.names is None:
        if len(kept[0]) != len(kept[1]):
            raise AmbiguousError("unequal columns")
        names = [train.names[place] if train.names else str(place + 1) for place in kept[0]]
        pairs = [(a, b) for a, b, name in zip(*kept, names, strict=True) if name not in left]
        names = [name for name in names if name not in left]
    else:
        own = {train.names[place]: place for place in kept[0]}
        other = {test.names[place]: place for place in kept[1]}
        own = {name: place for name, place in own.items() if name not in left}
        other = {name: place for name, place in other.items() if name not in left}
        if not image and not {*other} - {*own}:  # a table's columns that only training rows have
            left += [name for name in own if name not in other]
            own = {name: place for name, place in own.items() if name in other}
        if {*own} != {*other}:
            raise AmbiguousError("unequal names")
        names = _in_order([*own]) if image else [*own]
        pairs = [(own[name], other[name]) for name in names]
    if not pairs or (image and len(pairs) not in PIXELS):
        raise AmbiguousError("no features, or no image")
    read = value if image else str
    return (
        [[read(row[a]) for a, _ in pairs] for row in train.rows],
        [[read(row[b]) for _, b in pairs] for row in test.rows],
        left,
        names,
    )


def _in_order(names: list[str]) -> list[str]:
    """Return pixels in the order of their numbers, where a prefix and a number name them all."""
    parts = [re.fullmatch(r"(.*?)([0-9]+)", name) for name in names]
    if not all(parts) or len({part[1] for part in parts if part}) != 1:
        return names
    return sorted(names, key=lambda name: int(re.fullmatch(r".*?([0-9]+)", name)[1]))  # type: ignore[index]
