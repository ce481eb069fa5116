"""Kaggle's Digit Recognizer: train.csv with its label column, test.csv, sample_submission.csv."""

from pathlib import Path

from rosenblatt.challenge.challenge import Challenge, data_digest
from rosenblatt.challenge.formats.images import (
    check_same_width,
    find_file,
    id_place,
    image_shape,
    need_file,
    read_table,
)
from rosenblatt.challenge.formats.samples import find_sample, read_sample
from rosenblatt.challenge.labels import LabelTable, encode_labels
from rosenblatt.challenge.settings import read_settings
from rosenblatt.data.layout import Layout, read_layout
from rosenblatt.errors import UserError

NAMES = ("train.csv", "test.csv")


def matches(folder: Path) -> str | None:
    """Return why the folder is of this edition, or None: train.csv and test.csv are there."""
    return "train.csv and test.csv are there" if all(map(find_file, (folder,) * 2, NAMES)) else None


def read(folder: Path, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: the label is the column of train.csv that test.csv lacks.

    Without a sample submission its header is ImageId,Label and its Ids count from 1.
    Raises UserError: a file missing or faulty, no single label column, an unknown image shape,
    unequal columns.
    """
    settings = read_settings(folder)
    train_path, test_path = (need_file(folder, name) for name in NAMES)
    train_layout, test_layout = read_layout(train_path), read_layout(test_path)
    column = label_place(train_path, train_layout, test_path, test_layout)
    id_column = id_place(train_layout, settings) if train_layout.header else None
    test_id = id_place(test_layout, settings) if test_layout.header else None
    train = read_table(train_path, train_layout, id_column, (column,), missing_allowed)
    test = read_table(test_path, test_layout, test_id, (), missing_allowed)
    check_same_width(train_path, test_path, train.numbers.shape[1], test.numbers.shape[1])
    shape = image_shape(train_path, train.numbers.shape[1], settings)
    lines = tuple(range(train_layout.first_row, train_layout.first_row + len(train.numbers)))
    table = LabelTable(lines=lines, labels=tuple(train.text[column]), ids=())
    labels, classes = encode_labels(train_path, table, settings.classes)
    sample_path = find_sample(folder)
    paths = [train_path, test_path]
    header, origin = ("ImageId", "Label"), "test Ids count the test rows from 1"
    ids = test.ids or tuple(str(index + 1) for index in range(len(test.numbers)))
    if sample_path:
        paths.append(sample_path)
        ids, header, origin = read_sample(sample_path, test_path, len(test.numbers), test.ids)
    meaning = ["training images and labels", "test images", "the form of a submission"]
    name = train_layout.header[column] if train_layout.header else f"{column + 1}"
    return Challenge(
        name=settings.name or folder.resolve().name,
        kind="image",
        train=train.numbers.reshape(-1, *shape),
        labels=labels,
        classes=classes,
        test=test.numbers.reshape(-1, *shape),
        test_ids=ids,
        id_column=header[0],
        label_column=header[1],
        digest=data_digest(paths, (shape, classes)),
        files=tuple(zip((path.name for path in paths), meaning, strict=False)),
        notes=(
            f"edition Digit Recognizer: {matches(folder)}",
            f"label is column {name} of train.csv, which test.csv lacks",
            origin,
        ),
        metric=settings.metric,
        quota=settings.quota,
        public_share=settings.public_share,
    )


def label_place(train_path: Path, train: Layout, test_path: Path, test: Layout) -> int:
    """Return the place of the one column that the training table has and the test table lacks.

    Raises UserError where there is not just one.
    """
    if train.header is None or test.header is None:
        if train.width == test.width + 1:
            return 0
        extra = [str(column + 1) for column in range(test.width, train.width)]
    else:
        extra = [name for name in train.header if name not in test.header]
        if len(extra) == 1:
            return train.header.index(extra[0])
    raise UserError(
        f"{train_path}: has {train.width} columns where {test_path.name} has {test.width}; just "
        f"one more, the label, was expected (found: {', '.join(extra[:5]) or 'none'}). "
        "Download both again."
    )
