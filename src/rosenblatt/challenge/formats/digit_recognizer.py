"""Kaggle's Digit Recognizer: train.csv with its label column, test.csv, sample_submission.csv."""

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.classes import Labels, encode_labels
from rosenblatt.challenge.folder import Folder
from rosenblatt.challenge.formats.columns import Columns, find_tables, match_columns
from rosenblatt.challenge.formats.ids import counted_ids
from rosenblatt.challenge.formats.images import (
    Answers,
    Part,
    are_images,
    image_challenge,
    read_parts,
    sizes_of,
)
from rosenblatt.challenge.formats.samples import read_sample
from rosenblatt.challenge.formats.target_column import find_target
from rosenblatt.challenge.label_file import check_text
from rosenblatt.challenge.settings import read_settings

KEYS = ("kind = image", "shape", "classes", "header", "target", "id", "columns")
NAMES = ("train.csv", "test.csv")


def matches(folder: Folder) -> str | None:
    """Return why the folder is of this edition, or None: train.csv and test.csv hold images."""
    if not all(name in folder.sources for name in NAMES):
        return None
    files = folder.need(NAMES[0]), folder.need(NAMES[1])
    images = are_images(files, read_settings(folder.path))
    return "train.csv and test.csv are there" if images else None


def read(folder: Folder, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: the label is the column of train.csv that test.csv lacks.

    Without a sample submission its header is ImageId,Label, or the names of the Id and the label,
    and test Ids are those of test.csv, or count as those of train.csv do, or count from 1.
    Raises UserError: a file missing or faulty, no column that is the label, an unknown image shape,
    columns that do not match.
    """
    settings = read_settings(folder.path)
    files = folder.need(NAMES[0]), folder.need(NAMES[1])
    sample = read_sample(folder, settings)
    shown = sample.id_column if sample else ""
    tables, ids = find_tables(files, settings, sizes_of(settings, labels=1), shown)
    target, told = find_target(tables, settings, ids, sample)
    columns = match_columns(tables, settings, ids, target)
    train, test = read_parts(tables, columns, settings, missing_allowed)
    place = target[0]
    written = train.table.text[place]
    lines = train.table.lines.tolist()
    for line, label in zip(lines, written, strict=True):
        check_text(files[0], line, place + 1, label.strip())
    encoded = encode_labels(
        Labels(written, [(files[0], line) for line in lines]),
        settings.classes,
        sample.labels if sample else (),
    )
    test_ids, header, origin = _form(train, test, columns) if sample is None else ((), ("", ""), ())
    answers = Answers(
        labels=encoded.indices,
        classes=encoded.classes,
        written=written,
        ids=test_ids,
        header=header,
        files=((files[0], "training images and labels"), (files[1], "test images")),
        notes=(f"edition Digit Recognizer: {matches(folder)}", told, *origin, *encoded.notes),
    )
    return image_challenge(folder, settings, (train, test), columns, answers, sample)


def _form(
    train: Part, test: Part, columns: Columns
) -> tuple[tuple[str, ...], tuple[str, str], tuple[str, ...]]:
    """Return the test Ids and the header where no sample submission tells them, and why."""
    header = ("ImageId", "Label")
    key, target = columns.ids[1], columns.target[0]
    own, other = train.table.layout, test.table.layout
    if key is not None and target is not None and own.header and other.header:
        header = (other.name(key) or "Id", own.name(target))
    assumed = f"no sample submission shows the header: {','.join(header)} assumed"
    if test.ids is not None:
        return test.ids, header, (f"test Ids are those of {test.table.source.name}", assumed)
    ids, told = counted_ids(train.table.source, train.ids, len(test.numbers))
    return ids, header, (told, assumed)
