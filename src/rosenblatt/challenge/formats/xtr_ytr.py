"""The course's image editions: Xtr.csv and Xte.csv hold pixels, Ytr.csv Ids and labels."""

from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.formats.images import (
    Answers,
    ImageTable,
    find_file,
    id_place,
    image_challenge,
    need_file,
    read_images,
)
from rosenblatt.challenge.labels import LabelTable, encode_labels, read_label_table, whole_ids
from rosenblatt.challenge.settings import Settings, read_settings
from rosenblatt.data.layout import read_layout
from rosenblatt.errors import UserError

NAMES = ("Xtr.csv", "Ytr.csv", "Xte.csv")


def matches(folder: Path) -> str | None:
    """Return why the folder is of this edition, or None: two of its three files are there."""
    found = [name for name in NAMES if find_file(folder, name)]
    return f"{' and '.join(found)} are there" if len(found) >= 2 else None


def read(folder: Path, missing_allowed: bool = False) -> Challenge:
    """Return the challenge: training images, their labels, test images and the Ids to predict.

    Raises UserError: a file missing or faulty, an unknown image shape, unequal columns of Xtr.csv
    and Xte.csv, labels that do not match the rows.
    """
    settings = read_settings(folder)
    train_path, label_path, test_path = (need_file(folder, name) for name in NAMES)
    train = _read(train_path, settings, missing_allowed)
    test = _read(test_path, settings, missing_allowed)
    table = read_label_table(label_path)
    order, matching = match_rows(label_path, table, train_path, train)
    labels, classes = encode_labels(label_path, table, settings.classes)
    ids, origin = _test_ids(table, test)
    answers = Answers(
        labels=labels[order],
        classes=classes,
        ids=ids,
        header=(table.id_column, table.label_column),
        files=(
            (train_path, "training images"),
            (label_path, "training labels"),
            (test_path, "test images"),
        ),
        notes=(f"edition Xtr/Ytr/Xte: {matches(folder)}", matching, origin),
    )
    return image_challenge(folder, settings, train, test, answers)


def match_rows(
    path: Path, table: LabelTable, train_path: Path, train: ImageTable
) -> tuple[np.ndarray, str]:
    """Return for each training row the place of its label in the label file, and why.

    Raises UserError where rows and labels differ in number, or no label bears a row's Id.
    """
    rows = len(train.numbers)
    if len(table.ids) != rows:
        raise UserError(
            f"{path}: has {len(table.ids)} labels (the last in row {table.lines[-1]}) where "
            f"{train_path.name} has {rows} rows; download both again."
        )
    if train.ids is not None:
        place = {name: index for index, name in enumerate(table.ids)}
        missing = next((name for name in train.ids if name not in place), None)
        if missing is not None:
            raise UserError(
                f"{path}: has no label for Id {missing} of {train_path.name}; download both again."
            )
        return np.array([place[name] for name in train.ids]), "labels matched to rows by Id"
    numbers = whole_ids(table.ids)
    if numbers is None or np.ptp(numbers) != rows - 1:
        return np.arange(rows), "labels matched to rows by order: the Ids do not count the rows"
    if (np.diff(numbers) == 1).all():
        return np.arange(rows), f"Ids count the rows from {numbers[0]}"
    return np.argsort(
        numbers, kind="stable"
    ), f"labels matched to rows by Id, counting from {numbers.min()}"


def _read(path: Path, settings: Settings, missing_allowed: bool) -> ImageTable:
    layout = read_layout(path)
    return read_images(path, layout, id_place(layout, settings), (), missing_allowed)


def _test_ids(table: LabelTable, test: ImageTable) -> tuple[tuple[str, ...], str]:
    if test.ids is not None:
        return test.ids, "test Ids as in the test file"
    numbers = whole_ids(table.ids)
    base = 1 if numbers is None else int(numbers.min())
    ids = tuple(str(base + index) for index in range(len(test.numbers)))
    return ids, f"test Ids count the test rows from {base}, as the training Ids do"
