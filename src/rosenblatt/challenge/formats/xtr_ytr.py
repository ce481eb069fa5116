"""The course's image editions: Xtr.csv and Xte.csv hold pixels, Ytr.csv Ids and labels."""

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import find_tables, match_columns
from rosenblatt.challenge.formats.ids import counted_ids, join_labels
from rosenblatt.challenge.formats.images import (
    Answers,
    Part,
    are_images,
    image_challenge,
    read_parts,
    sizes_of,
)
from rosenblatt.challenge.formats.samples import read_sample
from rosenblatt.challenge.label_file import LabelTable, read_label_table
from rosenblatt.challenge.settings import read_settings

KEYS = ("kind = image", "shape", "classes", "header", "target", "id", "columns")
NAMES = ("Xtr.csv", "Ytr.csv", "Xte.csv")


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: two of its three files are there."""
    found = [name for name in NAMES if name.lower() in folder.sources]
    if len(found) < 2:
        return None
    settings, whole = read_settings(folder.path), len(found) == len(NAMES)
    if whole and not are_images((folder.need(NAMES[0]), folder.need(NAMES[2])), settings):
        return None
    return f"{' and '.join(found)} are there"


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
    labels = read_label_table(
        label_file, settings.header, target=settings.target, total=train.keys.total
    )
    order, matching = join_labels(labels, train.keys)
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
    return image_challenge(folder, settings, (train, test), columns, answers, sample)


def _test_ids(labels: LabelTable, test: Part) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the test Ids where no sample submission tells them, and how they were told."""
    if test.ids is not None:
        return test.ids, (f"test Ids are those of {test.table.source.name}",)
    ids, told = counted_ids(labels.source, labels.ids, len(test.numbers))
    return ids, (told,)
