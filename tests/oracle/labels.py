"""The oracle's reading of Ids and labels."""

import unicodedata
from decimal import Decimal

from tests.oracle.cells import IDS, MISSING, AmbiguousError, Table, number


def label_table(table: Table) -> tuple[list[str], list[str], tuple[str, str]]:
    """Return Ids, labels and the two names of a file of labels, or of labels alone."""
    width = len(table.rows[0])
    if width > 2:
        raise AmbiguousError("more than two columns")
    if width == 1:
        ids = [str(row) for row in range(1, len(table.rows) + 1)]
        return ids, table.column(0), ("Id", table.names[0] if table.names else "Prediction")
    names = table.names or ["Id", "Prediction"]
    swapped = names[1].casefold() in IDS and names[0].casefold() not in IDS
    ids, labels = table.column(int(swapped)), table.column(1 - int(swapped))
    unique(ids)
    return ids, labels, (names[int(swapped)] or "Id", names[1 - int(swapped)])


def unique(ids: list[str]) -> None:
    """Refuse Ids of which one occurs twice or is empty."""
    if "" in ids or len({*ids}) != len(ids):
        raise AmbiguousError("an Id is empty or occurs twice")


def whole(ids: list[str]) -> list[int] | None:
    """Return Ids as whole numbers by value, or None."""
    numbers = [number(name) for name in ids]
    if any(value is None or value != value.to_integral_value() for value in numbers):
        return None
    return [int(value) for value in numbers if value is not None]


def join(ids: list[str], labels: list[str], rows: list[str] | None, count: int) -> list[str]:
    """Return the labels in the order of the rows, whose Ids are `rows`, or None where they count.

    One constant width of zero-padded Ids is fine, several are not.
    """
    if len(ids) != count:
        raise AmbiguousError("rows and labels differ in number")
    if rows is not None:
        unique(rows)
        keys: list | None = ids
        if {*ids} != {*rows}:
            keys, rows = whole(ids), whole(rows)  # type: ignore[assignment]
            if keys is None or rows is None or {*keys} != {*rows}:
                raise AmbiguousError("Ids of rows and labels differ")
        by_id = dict(zip(keys, labels, strict=True))
        if len(by_id) != count:
            raise AmbiguousError("an Id occurs twice by value")
        return [by_id[name] for name in rows]
    numbers = whole(ids)
    if numbers is None or sorted(numbers) != [*range(min(numbers), min(numbers) + count)]:
        raise AmbiguousError("Ids do not count the rows")
    padded = any(name[0] == "0" and len(name) > 1 and name.isdigit() for name in ids)
    if padded and len({len(name) for name in ids}) > 1:
        raise AmbiguousError("Ids are padded to several widths")
    return [label for _, label in sorted(zip(numbers, labels, strict=True))]


def counted_on(ids: list[str], count: int) -> list[str]:
    """Return test Ids that count as the training Ids do, from 0 or 1."""
    numbers = whole(ids)
    if numbers is None or min(numbers) not in (0, 1) or not all(name.isdigit() for name in ids):
        raise AmbiguousError("the training Ids do not tell the test Ids")
    first = min(numbers)
    padded = any(name[0] == "0" and len(name) > 1 for name in ids)
    width = len(ids[0]) if padded else 0
    return [str(first + row).zfill(width) for row in range(count)]


def encode(
    labels: list[str], listed: list[str] | None, shown: list[str]
) -> tuple[dict[str, int], list[set[str]]]:
    """Return the class of each label as written, and how the classes may be spelled, in order.

    listed: the classes in challenge.toml, or None; shown: the labels of a sample submission.
    """
    found = {*labels}
    values = {name: number(name) for name in found}
    if listed is not None:
        return _among(values, listed), [{name} for name in listed]
    if found & {*MISSING}:
        raise AmbiguousError("a label is missing")
    numbers = sorted({value for value in values.values() if value is not None})
    if not numbers:
        if len({_folded(name) for name in found}) != len(found):
            raise AmbiguousError("two labels differ in case or Unicode form alone")
        spellings = [{name} for name in sorted(found)]
        classes = {name: place for place, name in enumerate(sorted(found))}
    else:
        if None in values.values():
            raise AmbiguousError("text among numbers")
        if any(value != value.to_integral_value() for value in numbers):
            raise AmbiguousError("labels that are not whole numbers")
        spellings = [_spellings(value, labels, shown) for value in numbers]
        classes = {
            name: numbers.index(value) for name, value in values.items() if value is not None
        }
    if len(spellings) < 2:
        raise AmbiguousError("one class")
    if len(spellings) > 2 and 10 * len(spellings) > len(labels):
        raise AmbiguousError("too many classes")
    return classes, spellings


def _folded(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def _among(values: dict[str, Decimal | None], listed: list[str]) -> dict[str, int]:
    classes = {}
    for name, value in values.items():
        same = [place for place, other in enumerate(listed) if other == name]
        equal = [
            place
            for place, other in enumerate(listed)
            if other.strip() == name or (value is not None and number(other.strip()) == value)
        ]
        if not (same or equal):
            raise AmbiguousError("a label is not one of the listed classes")
        classes[name] = (same or equal)[0]
    return classes


def _spellings(value: Decimal, labels: list[str], shown: list[str]) -> set[str]:
    """Return how a number may be spelled: as the sample submission does, where it shows several.

    Else as the labels do where they agree, as the sample's one placeholder does, or plainly. Where
    that is one of the labels, spelled 1.0, the others may be spelled so too: one file, one way.
    """
    in_sample = {name for name in shown if number(name) == value}
    if in_sample and len({*shown}) > 1:
        return in_sample
    written = {name for name in labels if number(name) == value}
    plain = {f"{value.normalize():f}"}
    if {number(name) for name in shown} <= {number(name) for name in labels}:
        ends = {name.partition(".")[2] for name in shown if "." in name}
        plain |= {f"{one}.{end}" for one in plain for end in ends if not end.strip("0")}
    return plain | in_sample | (written if len(written) == 1 else set())
