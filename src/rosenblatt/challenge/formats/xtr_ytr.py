"""The course's image editions: Xtr.csv and Xte.csv hold pixels, Ytr.csv Ids and labels."""

from collections.abc import Sequence

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import find_tables, match_columns
from rosenblatt.challenge.formats.ids import counted_ids, join_labels
from rosenblatt.challenge.formats.images import Answers, Part, read_parts, sizes_of, table_challenge
from rosenblatt.challenge.formats.samples import read_sample
from rosenblatt.challenge.labels import LabelTable, read_label_table
from rosenblatt.challenge.settings import FILE, Settings, read_settings
from rosenblatt.data.text import exact
from rosenblatt.errors import UserError

NAMES = ("Xtr.csv", "Ytr.csv", "Xte.csv")


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: two of its three files are there."""
    found = [name for name in NAMES if name.lower() in folder.sources]
    return f"{' and '.join(found)} are there" if len(found) >= 2 else None


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: training images, their labels, test images and the Ids to predict.

    Raises UserError: a file missing or faulty, an unknown image shape, columns of Xtr.csv and
    Xte.csv that do not match, labels that do not match the rows.
    """
    settings = read_settings(folder.path)
    train_file, label_file, test_file = (folder.need(name) for name in NAMES)
    sample = read_sample(folder, settings)
    files = train_file, test_file
    shown = sample.id_column if sample else ""
    tables, ids = find_tables(files, settings, sizes_of(settings), shown)
    columns = match_columns(tables, settings, ids)
    train, test = read_parts(tables, columns, settings, missing_allowed)
    labels = read_label_table(label_file, settings.header, target=settings.target)
    order, matching = join_labels(labels, train.keys)
    _check_order(labels, train, columns.train, settings)
    written = [labels.labels[place] for place in order]
    places = [(label_file, labels.lines[place]) for place in order]
    encoded = encode_labels(
        Labels(written, places), settings.classes, sample.labels if sample else ()
    )
    test_ids, origin = _test_ids(labels, test) if sample is None else ((), ())
    answers = Answers(
        labels=encoded.indices,
        classes=encoded.classes,
        written=written,
        ids=test_ids,
        header=(labels.id_column, labels.label_column),
        files=(
            (train_file, "training images"),
            (label_file, "training labels"),
            (test_file, "test images"),
        ),
        notes=(f"edition Xtr/Ytr/Xte: {matches(folder)}", matching, *origin, *encoded.notes),
    )
    return table_challenge(folder, settings, (train, test), columns, answers, sample)


def _test_ids(labels: LabelTable, test: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the test Ids where no sample submission tells them, and how they were told."""
    if test.ids is not None:
        return test.ids, (f"test Ids are those of {test.table.source.name}",)
    ids, told = counted_ids(labels.source, labels.ids, len(test.numbers))
    return ids, (told,)


def _check_order(
    labels: LabelTable, train: Part, places: Sequence[int], settings: Settings
) -> None:
    """Raise UserError where a nameless column holds the Ids of the labels in another order."""
    nameless = settings.kind == "table" and not train.table.layout.header
    if train.ids is not None or labels.ids is None or not nameless:
        return
    wanted = [exact(name) for name in labels.ids]
    values = [float(value) for value in wanted if value is not None]
    if len(values) < len(wanted):
        return
    for place, column in enumerate(places):
        found = train.numbers[:, place].tolist()
        name = train.table.layout.name(column)
        told = settings.columns.get(name)
        if told is None and sorted(found) == sorted(values) != found:
            raise UserError(
                f"{train.table.source}: column {name} holds the Ids of {labels.source.name}, in "
                f'another order than the rows; write id = "{name}" in {FILE}, or under [columns] '
                f'{name} = "number" if they are no Ids.'
            )
