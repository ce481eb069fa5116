"""The oracle: what a challenge folder holds, read a second time by name and by Id.

Nothing here comes from the program. Where two readings are possible it raises AmbiguousError.
"""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from tests.oracle.cells import AmbiguousError, Folder, Table, is_index, number, split, value
from tests.oracle.features import PIXELS, features, leaks
from tests.oracle.labels import counted_on, encode, join, label_table, unique, whole

PLACEHOLDERS = ("?", "0", "-1", "")
LETTERS = {**{letter: place for place, letter in enumerate("ACGT")}, "U": 3,
           **dict.fromkeys("NRYSWKMBDHV-.", 4)}  # fmt: skip
SAMPLE = r"(sample|example|random)[-_ ]?submission.*\.csv"


@dataclass
class Reading:
    """What was read.

    train: for each training row its values and the number of its class; spellings: how the classes
    may be spelled, in order; test: for each row of the submission its Id and the values; header: of
    the submission; left_out: names of columns that are no features; names: of a table's features,
    whose values are cells as written. Of quantities the numbers stand for the classes, and there
    are no spellings.
    """

    train: list[tuple[list, int]]
    spellings: list[set[str]]
    test: list[tuple[str, list]]
    header: tuple[str, str]
    left_out: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


@dataclass
class Sample:
    """A sample submission."""

    ids: list[str]
    labels: list[str]
    header: tuple[str, str]


def read(path: Path) -> Reading:
    """Return the oracle's reading of a challenge folder."""
    folder, settings = Folder(path), _settings(path)
    sample = _sample(folder)
    sets = folder.names(r"xtr[0-9]?\.csv")
    matrices = folder.names(r"xtr[0-9]?_mat(50|100)\.csv")
    if sets and settings.get("kind", "dna") == "dna" and _holds_dna(folder, sets[0]):
        return _sets(folder, settings, sample, sets, _sequences)
    if matrices and not sets:
        return _sets(folder, settings, sample, matrices, _matrix)
    if sets:
        return _course(folder, settings, sample)
    return _kaggle(folder, settings, sample)


def _settings(path: Path) -> dict:
    file = path / "challenge.toml"
    try:
        return tomllib.loads(file.read_text("utf-8")) if file.exists() else {}
    except tomllib.TOMLDecodeError as error:
        raise AmbiguousError(f"challenge.toml: {error}") from None


def _sample(folder: Folder) -> Sample | None:
    found = folder.names(SAMPLE)
    if not found:
        return None
    rows = folder.rows(found[0])
    ids, labels, header = label_table(split(rows, None))
    return Sample(ids, labels, header)


def _course(folder: Folder, settings: dict, sample: Sample | None) -> Reading:
    train_rows, test_rows = folder.rows("Xtr.csv"), folder.rows("Xte.csv")
    told = settings.get("header")
    train, test = split(train_rows, told, test_rows), split(test_rows, told, train_rows)
    ids, labels, header = label_table(split(folder.rows("Ytr.csv"), None))
    image = settings.get("kind") != "table"
    counted = image and len(train_rows[0]) - 1 in PIXELS and len(train_rows[0]) not in PIXELS
    shown = sample.header[0] if sample else None
    places = [table.ids(settings.get("id"), shown, counted) for table in (train, test)]
    _known(settings, train, test)
    keys = [None if place is None else table.column(place)
            for table, place in zip((train, test), places, strict=True)]  # fmt: skip
    _no_other_order(train, ids, keys[0])
    joined = join(ids, labels, keys[0], len(train.rows))
    left = leaks(train, [places[0]], joined, keys[0], settings, image)
    values, others, out, named = features(train, test, places, left, image)
    names, classes = _encoded(joined, settings, sample, image)
    test_ids = _test_ids(sample, keys[1], ids, len(test.rows))
    rows = [(row, names[label]) for row, label in zip(values, joined, strict=True)]
    header = sample.header if sample else header
    test_rows = _joined(test_ids, keys[1], others, sample)
    return Reading(rows, classes, test_rows, header, out, named)


def _encoded(
    labels: list[str], settings: dict, sample: Sample | None, image: bool
) -> tuple[dict, list[set[str]]]:
    """Return the classes as encode does; for a table's quantities, the number of each label."""
    numbers = {label: number(label) for label in labels}
    known = [value for value in numbers.values() if value is not None]
    broken = any(value != value.to_integral_value() for value in known)
    if not image and "classes" not in settings and len(known) == len(numbers) and (
        broken or len({*known}) > 30
    ):  # fmt: skip
        return numbers, []
    return encode(labels, settings.get("classes"), sample.labels if sample else [])


def _no_hidden_ids(test: Table, left: list[str]) -> None:
    """Refuse to count the test rows where a column that was left out may be their Id."""
    for name in left:
        place = test.place(name)
        if place is not None and not (test.names and is_index(name)):
            numbers = whole(test.column(place))
            if numbers is not None and len({*numbers}) == len(numbers):
                raise AmbiguousError(f"{name!r} may be the Id")


def _no_other_order(train: Table, ids: list[str], keys: list[str] | None) -> None:
    """Refuse a nameless table of which a column holds the Ids in another order than the rows'."""
    if keys is not None or train.names is not None:
        return
    wanted = whole(ids)
    for place in range(len(train.rows[0])):
        found = whole(train.column(place))
        if found and wanted and sorted(found) == sorted(wanted) and found != sorted(wanted):
            raise AmbiguousError("a column holds the Ids in another order")


def _kaggle(folder: Folder, settings: dict, sample: Sample | None) -> Reading:
    train_rows, test_rows = folder.rows("train.csv"), folder.rows("test.csv")
    told = settings.get("header")
    train, test = split(train_rows, told, test_rows), split(test_rows, told, train_rows)
    shown = sample.header[0] if sample else None
    image = settings.get("kind") != "table"
    width = len(test_rows[0])
    counted = image and width - 1 in PIXELS and width not in PIXELS and len(train_rows[0]) > width
    places = [table.ids(settings.get("id"), shown, counted) for table in (train, test)]
    _known(settings, train, test)
    target, ignored = _target(train, test, places, settings, sample)
    labels = train.column(target)
    keys = [None if place is None else table.column(place)
            for table, place in zip((train, test), places, strict=True)]  # fmt: skip
    for found in keys:
        if found is not None:
            unique(found)
    left = leaks(train, [places[0], target], labels, keys[0], settings, image)
    values, others, out, named = features(train, test, places, left, image, (target, ignored))
    if keys[1] is None and sample is None:
        _no_hidden_ids(test, left)
    names, classes = _encoded(labels, settings, sample, image)
    if sample or keys[1] is not None or keys[0] is None:
        default = [str(row) for row in range(1, len(test.rows) + 1)]
        test_ids = _test_ids(sample, keys[1], default, len(test.rows))
    else:
        test_ids = counted_on(keys[0], len(test.rows))
    rows = [(row, names[label]) for row, label in zip(values, labels, strict=True)]
    header = sample.header if sample else ("ImageId", "Label")
    if sample is None and not image:
        header = "Id", train.names[target] if train.names else "Prediction"
    if sample is None and places[1] is not None and test.names and train.names:
        header = (test.names[places[1]] or "Id", train.names[target])
    test_rows = _joined(test_ids, keys[1], others, sample)
    return Reading(rows, classes, test_rows, header, out, named)


def _known(settings: dict, *tables: Table) -> None:
    """Refuse a column in challenge.toml that no file has."""
    told = [settings[key] for key in ("id", "target") if key in settings]
    for name in [*told, *settings.get("columns", {})]:
        if all(table.place(name) is None for table in tables):
            raise AmbiguousError(f"no file has a column {name!r}")


def _target(
    train: Table, test: Table, places: list[int | None], settings: dict, sample: Sample | None
) -> tuple[int, int | None]:
    """Return the place of the label in train.csv, and in test.csv where a placeholder stands."""
    told, names = settings.get("target"), test.names
    if train.names is None or names is None:
        told = told or (sample.header[1] if sample and train.names else "")
        place = train.place(told)
        if not told and train.names is None and settings.get("kind") != "table":
            place = _end(train, places[0])
        if place is None or len(test.rows[0]) != len(train.rows[0]) - 1:
            raise AmbiguousError("no name tells the label")
        return place, None
    extra = [name for place, name in enumerate(train.names)
             if name not in names and place != places[0]]  # fmt: skip
    if told is None and len(extra) == 1:
        told = extra[0]
    if told is None and sample is not None and sample.header[1] in train.names:
        told = sample.header[1]
    if told is None and not extra:
        held = [
            name
            for place, name in enumerate(names)
            if place != places[1] and name in train.names and _placeholder(test.column(place))
        ]
        held = [name for name in held if len({*train.column(train.names.index(name))}) > 1]
        told = held[0] if len(held) == 1 else None
    if told not in train.names:
        raise AmbiguousError("no name tells the label")
    if told not in names:
        return train.names.index(told), None
    if not _placeholder(test.column(names.index(told))):
        raise AmbiguousError("the label column of test.csv holds more than a placeholder")
    return train.names.index(told), names.index(told)


def _end(train: Table, key: int | None) -> int | None:
    """Return the first or the last column of nameless images, if it alone can hold labels."""
    fit = []
    for place in (0 if key is None else 1, len(train.rows[0]) - 1):
        try:
            encode(train.column(place), None, [])
        except AmbiguousError:
            continue
        fit.append(place)
    return fit[0] if len(fit) == 1 else None


def _placeholder(cells: list[str]) -> bool:
    return len({*cells}) == 1 and cells[0] in PLACEHOLDERS


def _test_ids(sample: Sample | None, keys: list[str] | None, ids: list[str], count: int) -> list:
    """Return the Ids of the submission in its order."""
    if sample is not None:
        if len(sample.ids) != count or (keys is not None and not _matched(keys, sample.ids)):
            raise AmbiguousError("the sample submission has other Ids")
        return sample.ids
    if keys is not None:
        unique(keys)
        return keys
    return counted_on(ids, count)


def _matched(keys: list[str], ids: list[str]) -> dict[str, str] | None:
    """Return for each Id of a sample submission that of the test row, equal or of equal value."""
    if {*keys} == {*ids}:
        return {name: name for name in ids}
    own, others = whole(keys), whole(ids)
    if own is None or others is None or sorted(own) != sorted(others):
        return None
    by_value = dict(zip(own, keys, strict=True))
    if len(by_value) != len(keys):
        return None
    return {name: by_value[value] for name, value in zip(ids, others, strict=True)}


def _joined(
    ids: list[str], keys: list[str] | None, rows: list[list], sample: Sample | None
) -> list[tuple[str, list]]:
    """Return Ids and rows: by Id where the test rows have one, else by position."""
    if sample is None or keys is None:
        return [*zip(ids, rows, strict=True)]
    by_id = dict(zip(keys, rows, strict=True))
    matched = _matched(keys, ids) or {}
    return [(name, by_id[matched[name]]) for name in ids]


def _holds_dna(folder: Folder, name: str) -> bool:
    rows = folder.rows(name)
    return len(rows[0]) <= 2 and all(_sequence(row[-1]) for row in rows[1:])


def _sequence(cell: str) -> bool:
    return bool(cell) and all(letter in LETTERS for letter in cell.upper())


def _sequences(folder: Folder, name: str, told: bool | None, like: Table | int) -> Table:
    """Return sequences and their Ids.

    like: how many there are, or a table with the same header, for one of letters of DNA.
    """
    rows = folder.rows(name)
    first = rows[0]
    if told is None and _sequence(first[-1]) and len(first[-1]) > 1:
        named = len(first) == 2 and number(first[0]) is None and len(rows) > 1
        told = named and all(number(row[0]) is not None for row in rows[1:])
        told = told or (first == like.names if isinstance(like, Table) else len(rows) == like + 1)
    elif told is None:
        told = True
    table = Table(first if told else None, rows[1:] if told else rows)
    if not all(_sequence(row[-1]) for row in table.rows) or len(first) > 2:
        raise AmbiguousError("no sequence")
    return table


def _matrix(folder: Folder, name: str, told: bool | None, like: Table | int) -> Table:
    lines = [line.split() for line in folder.text(name).splitlines()]
    rows = [line for line in lines if line]
    if not rows or len({len(row) for row in rows}) != 1:
        raise AmbiguousError("ragged")
    return Table(None, rows)


def _sets(
    folder: Folder, settings: dict, sample: Sample | None, names: list[str], reader
) -> Reading:
    told, dna = settings.get("header"), reader is _sequences
    rows, labels, tests, written, every = [], [], [], [], []
    header = None
    for name in names:
        label = "ytr" + re.sub(r"_mat[0-9]+", "", name[3:])
        ids, found, own = label_table(split(folder.rows(label), None))
        header, every = header or own, [*every, ids]
        train = reader(folder, name, told, len(ids))
        test = reader(folder, "xte" + name[3:], told, train)
        paired = dna and len(train.rows[0]) == 2
        labels += join(ids, found, train.column(0) if paired else None, len(train.rows))
        rows += train.rows
        if (len(test.rows[0]) == 2) != paired and dna:
            raise AmbiguousError("one file has Ids, the other has none")
        tests += test.rows
        written += test.column(0) if paired else []
    if len({len(row) for row in rows + tests}) != 1:
        raise AmbiguousError("ragged")
    keys = written if written and len({*written}) == len(written) else None
    classes_of, classes = encode(labels, settings.get("classes"), sample.labels if sample else [])
    ids = _test_ids(sample, keys, every[0], len(tests))
    convert = (lambda row: [LETTERS[letter] for letter in row[-1].upper()]) if dna else (
        lambda row: [value(cell) for cell in row])  # fmt: skip
    train = [(convert(row), classes_of[label]) for row, label in zip(rows, labels, strict=True)]
    others = _joined(ids, keys, [convert(row) for row in tests], sample)
    return Reading(train, classes, others, sample.header if sample else header)
