"""Kaggle's Digit Recognizer: train.csv with its label column, test.csv, sample_submission.csv."""

from pathlib import Path

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats.images import (
    Answers,
    find_file,
    id_place,
    image_challenge,
    need_file,
    read_images,
)
from rosenblatt.challenge.labels import LabelTable, encode_labels
from rosenblatt.challenge.settings import read_settings
from rosenblatt.data.layout import Layout, read_layout
from rosenblatt.errors import UserError

NAMES = ("train.csv", "test.csv")


def matches(folder: Path) -> str | None:
    """Return why the folder is of this edition, or None: train.csv and test.csv are there."""
    found = all(find_file(folder, name) for name in NAMES)
    return "train.csv and test.csv are there" if found else None


def read(folder: Path, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: the label is the column of train.csv that test.csv lacks.

    Without a sample submission its header is ImageId,Label and its Ids count from 1.
    Raises UserError: a file missing or faulty, no single label column, an unknown image shape,
    unequal columns.
    """
    settings = read_settings(folder)
    train_path, test_path = (need_file(folder, name) for name in NAMES)
    layouts = read_layout(train_path), read_layout(test_path)
    column = label_place(train_path, layouts[0], test_path, layouts[1])
    id_columns = [id_place(layout, settings) if layout.header else None for layout in layouts]
    train = read_images(train_path, layouts[0], id_columns[0], (column,), missing_allowed)
    test = read_images(test_path, layouts[1], id_columns[1], (), missing_allowed)
    table = LabelTable(ids=(), labels=tuple(train.text[column]), lines=tuple(train.lines))
    labels, classes = encode_labels(train_path, table, settings.classes)
    name = layouts[0].header[column] if layouts[0].header else column + 1
    answers = Answers(
        labels=labels,
        classes=classes,
        ids=test.ids or tuple(str(index + 1) for index in range(len(test.numbers))),
        header=("ImageId", "Label"),
        files=((train_path, "training images and labels"), (test_path, "test images")),
        notes=(
            f"edition Digit Recognizer: {matches(folder)}",
            f"the label is column {name} of train.csv, which test.csv lacks",
            "test Ids are those of test.csv" if test.ids else "test Ids count the rows from 1",
        ),
    )
    return image_challenge(folder, settings, train, test, answers)


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
