"""What editions of several sets share: labels, Ids and one challenge of all sets' rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.formats.images import find_file
from rosenblatt.challenge.formats.samples import find_sample, read_sample
from rosenblatt.challenge.formats.xtr_ytr import match_rows
from rosenblatt.challenge.labels import LabelTable, encode_labels, read_label_table, whole_ids
from rosenblatt.challenge.settings import FILE, read_settings

SETS = ("", *map(str, range(10)))  # as in Xtr.csv, Xtr0.csv, ...


@dataclass(frozen=True)
class SetTable:
    """A file of a set: its rows, as arrays [L] or together [n, D], and ids as written, or None."""

    path: Path
    numbers: Sequence[np.ndarray] | np.ndarray
    ids: tuple[str, ...] | None


@dataclass(frozen=True)
class Sets:
    """The files of all sets, and their rows together.

    kind: as in Challenge; labels: the paths of the label files; train, test: the rows of all sets,
    one set after another; reason: why the folder is of this edition; others: files that are known
    and not needed, with what they are.
    """

    kind: str
    trains: list[SetTable]
    labels: list[Path]
    tests: list[SetTable]
    train: np.ndarray
    test: np.ndarray
    reason: str
    others: tuple[tuple[Path, str], ...] = ()


WORDS = {"dna": "sequences", "table": "numbers"}


def set_names(folder: Path, form: str) -> list[str]:
    """Return the sets of which a file is there; form: its name, {} for the set."""
    return [name for name in SETS if find_file(folder, form.format(name))]


def challenge_of_sets(folder: Path, sets: Sets) -> Challenge:
    """Return the sets as one challenge; a sample submission, if any, tells Ids and header.

    Raises UserError: a label file faulty, labels that do not match the rows, one class only.
    """
    settings = read_settings(folder)
    tables = [read_label_table(path) for path in sets.labels]
    classes = settings.classes or encode_labels(sets.labels[0], _joined(tables), None)[1]
    models = "one model each" if len(tables) > 1 else "one model"
    labels, notes = [], [f"edition {sets.reason}; sets: {len(tables)}, {models}"]
    for path, table, train in zip(sets.labels, tables, sets.trains, strict=True):
        order, matching = match_rows(path, table, train.path, train)  # type: ignore[arg-type]
        labels.append(encode_labels(path, table, classes)[0][order])
        notes.append(f"{path.name}: {matching}")
    ids, origin = _test_ids(tables, sets.tests)
    header = (tables[0].id_column or "Id", tables[0].label_column)
    sample = find_sample(folder)
    if sample is not None:
        ids, header = read_sample(sample, sets.tests[0].path, len(ids), None)
        origin = f"test Ids and header as in {sample.name}"
    files = _files(sets)
    config = [(folder / FILE, "settings")] if (folder / FILE).exists() else []
    return Challenge(
        name=settings.name or folder.resolve().name,
        kind=sets.kind,
        train=sets.train,
        labels=np.concatenate(labels),
        classes=classes,
        test=sets.test,
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest([path for path, _ in files], [classes]),
        files=tuple((path.name, meaning) for path, meaning in (*files, *sets.others, *config)),
        notes=(*notes, origin),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
        train_sets=_numbers(sets.trains),
        test_sets=_numbers(sets.tests),
    )


def _files(sets: Sets) -> list[tuple[Path, str]]:
    word = WORDS[sets.kind]
    found = []
    for train, labels, test in zip(sets.trains, sets.labels, sets.tests, strict=True):
        found += [(train.path, f"training {word}"), (labels, "training labels")]
        found += [(test.path, f"test {word}")]
    return found


def _joined(tables: list[LabelTable]) -> LabelTable:
    labels = tuple(label for table in tables for label in table.labels)
    lines = tuple(line for table in tables for line in table.lines)
    return LabelTable((), labels, lines)


def _numbers(tables: list[SetTable]) -> np.ndarray:
    return np.repeat(np.arange(len(tables)), [len(table.numbers) for table in tables])


def _test_ids(tables: list[LabelTable], tests: list[SetTable]) -> tuple[tuple[str, ...], str]:
    """Return the test Ids in the order of the rows, and where they are from."""
    written = [name for test in tests for name in (test.ids or ())]
    count = sum(len(test.numbers) for test in tests)
    if len(set(written)) == count:
        return tuple(written), "test Ids as in the test files"
    numbers = whole_ids(tables[0].ids)
    base = 0 if numbers is None else int(numbers.min())
    over = " over the sets" if len(tests) > 1 else ""
    return (
        tuple(str(base + row) for row in range(count)),
        f"test Ids run on{over} from {base}",
    )
