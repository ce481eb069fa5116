"""What editions of several sets share: labels, Ids and one challenge of all sets' rows."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.ids import Keys, counted_ids, join_labels
from rosenblatt.challenge.formats.samples import read_sample, sample_order
from rosenblatt.challenge.label_file import LabelTable, read_label_table
from rosenblatt.challenge.settings import Settings, default_notes, settings_file
from rosenblatt.challenge.target import Classes
from rosenblatt.data.source import Source, as_source
from rosenblatt.errors import UserError

SETS = ("", *map(str, range(10)))  # as in Xtr.csv, Xtr0.csv, ...


@dataclass(frozen=True)
class SetTable:
    """A file of a set: what its rows are joined by, and the rows, as arrays [L] or as [n, D]."""

    keys: Keys
    numbers: Sequence[np.ndarray] | np.ndarray


@dataclass(frozen=True)
class Sets:
    """The files of all sets, and their rows together.

    kind: as in Challenge; labels: the label files; train, test: the rows of all sets, one set
    after another; reason: why the folder is of this edition; notes: what was chosen; others: files
    that are known and not needed, with what they are.
    """

    kind: str
    trains: list[SetTable]
    labels: list[Source]
    tests: list[SetTable]
    train: np.ndarray
    test: np.ndarray
    reason: str
    notes: tuple[str, ...] = ()
    others: tuple[tuple[Source, str], ...] = ()


WORDS = {"dna": "sequences", "numbers": "numbers"}


def set_names(folder: Folder, form: str) -> list[str]:
    """Return the sets of which a file is there; form: its name, {} for the set.

    Raises UserError where a set is missing between two others.
    """
    found = [name for name in SETS if form.format(name).lower() in folder.sources]
    numbers = [int(name) for name in found if name]
    gap = next((n for n in range(min(numbers, default=0), max(numbers, default=0))
                if n not in numbers), None)  # fmt: skip
    if gap is not None:
        raise UserError(
            f"{folder.path}: has {form.format(numbers[-1])} and no {form.format(gap)}; put all "
            "files of the sets into it, or number those that are there in turn."
        )
    return found


def challenge_of_sets(folder: Folder, settings: Settings, sets: Sets) -> Challenge:
    """Return the sets as one challenge; a sample submission, if any, tells Ids and header.

    Raises UserError: a label file faulty, labels that do not match the rows, one class only.
    """
    told = settings.header, False, settings.target
    both = zip(sets.labels, sets.trains, strict=True)
    tables = [read_label_table(source, *told, train.keys.total) for source, train in both]
    sample = read_sample(folder, settings)
    models = "one model each" if len(tables) > 1 else "one model"
    notes = [f"edition {sets.reason}; sets: {len(tables)}, {models}", *sets.notes]
    written: list[str] = []
    places: list[tuple[Source, int]] = []
    for table, train in zip(tables, sets.trains, strict=True):
        order, matching = join_labels(table, train.keys)
        written += [table.labels[place] for place in order]
        places += [(table.source, table.lines[place]) for place in order]
        notes.append(f"{table.source.name}: {matching}")
    shown = sample.labels if sample else ()
    encoded = encode_labels(Labels(written, places), settings.classes, shown)
    ids, header, note, rows = _form(sets, tables, sample)
    files = _files(sets)
    files += [(sample.source, "the form of a submission")] if sample else []
    config = settings_file(folder.path)
    extra = [*sets.others]
    if config.exists():
        extra.append((as_source(config), "settings"))
    return Challenge(
        name=settings.name or folder.name,
        kind=sets.kind,
        train=sets.train,
        target=Classes(encoded.indices, encoded.classes),
        test=sets.test[rows],
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest([source for source, _ in files], [encoded.classes]),
        files=tuple((source.name, meaning) for source, meaning in (*files, *extra)),
        notes=(*notes, note, *encoded.notes, *default_notes(settings)),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
        train_sets=_numbers(sets.trains),
        test_sets=_numbers(sets.tests)[rows],
    )


def _form(
    sets: Sets, tables: list[LabelTable], sample: LabelTable | None
) -> tuple[tuple[str, ...], tuple[str, str], str, np.ndarray | slice]:
    """Return test Ids and header of a submission, how they were told, and the order of the test
    rows in it, if it is another."""
    keys = _test_keys(sets.tests)
    header = (tables[0].id_column, tables[0].label_column)
    if sample is not None:
        order, note = sample_order(sample, keys)
        header = (sample.id_column, sample.label_column)
        same = (np.diff(order) == 1).all()
        return tuple(sample.ids or ()), header, note, slice(None) if same else order
    if keys.ids is not None:
        return tuple(keys.ids), header, "test Ids as in the test files", slice(None)
    ids, note = counted_ids(tables[0].source, tables[0].ids, keys.total)
    return ids, header, note + (", over all sets" if len(tables) > 1 else ""), slice(None)


def _files(sets: Sets) -> list[tuple[Source, str]]:
    word = WORDS[sets.kind]
    found = []
    for train, labels, test in zip(sets.trains, sets.labels, sets.tests, strict=True):
        found += [(train.keys.source, f"training {word}"), (labels, "training labels")]
        found += [(test.keys.source, f"test {word}")]
    return found


def _numbers(tables: list[SetTable]) -> np.ndarray:
    return np.repeat(np.arange(len(tables)), [len(table.numbers) for table in tables])


def _test_keys(tests: list[SetTable]) -> Keys:
    """Return the Ids of all test rows; none where some are missing, or are there in two sets."""
    keys = [test.keys for test in tests]
    count = sum(key.total for key in keys)
    ids = [name for key in keys for name in (key.ids or ())]
    lines = [int(line) for key in keys for line in key.lines]
    return Keys(keys[0].source, count, ids if len(set(ids)) == count else None, lines)
