"""What `inspect` says of a table's columns, against the definitions spelled out."""

import csv
import random

import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.table_inspection import inspect_columns, repeated_rows

ROWS, ASKED = 80, 20


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """Return a challenge and its columns [(training cells, test cells)] by name."""
    draw, folder = random.Random(4), tmp_path_factory.mktemp("table")
    labels = [draw.choice("ab") for _ in range(ROWS)]
    train = {
        "size": [round(draw.uniform(0, 1), 3) for _ in range(ROWS)],
        "town": [draw.choice(["Rome", "Oslo", "Bern"]) for _ in range(ROWS)],
        "seal": ["red" if label == "a" else "blue" for label in labels],
    }
    test = {
        "size": [round(draw.uniform(0.5, 1.5), 3) for _ in range(ASKED)],
        "town": [draw.choice(["Rome", "Oslo", "Lima"]) for _ in range(ASKED)],
        "seal": [draw.choice(["red", "blue"]) for _ in range(ASKED)],
    }
    for cells in train.values():
        cells[7] = cells[3]  # a row that stands there twice
    labels[7] = labels[3]
    for name, cells in test.items():
        cells[5] = train[name][9]
    for name, columns in (("train", {**train, "kind": labels}), ("test", test)):
        with open(folder / f"{name}.csv", "w", newline="") as file:
            csv.writer(file).writerows([columns, *zip(*columns.values(), strict=True)])
    return load_challenge(folder), {name: (train[name], test[name]) for name in train}, labels


def test_columns_that_drift_or_tell_the_target(told):
    challenge, cells, labels = told
    found = {one.name: one for one in inspect_columns(challenge)}
    train, test = cells["size"]
    apart = [
        sum(cell <= edge for cell in train) / ROWS - sum(cell <= edge for cell in test) / ASKED
        for edge in train + test
    ]
    assert found["size"].drift == pytest.approx(max(map(abs, apart)))
    train, test = cells["town"]
    shares = [abs(train.count(town) / ROWS - test.count(town) / ASKED) for town in {*train, *test}]
    assert found["town"].drift == pytest.approx(sum(shares) / 2)
    assert found["town"].only_test == ("Lima",)
    right = sum(
        max(
            sum(pair == (town, label) for pair in zip(train, labels, strict=True)) for label in "ab"
        )
        for town in set(train)
    )
    errors = ROWS - max(map(labels.count, "ab"))
    assert found["town"].tells == pytest.approx(1 - (ROWS - right) / errors)
    assert found["seal"].tells == 1
    assert "looks like a leak: tells 1.000 of the target" in found["seal"].line()
    assert "1 only in test: Lima; drifts: train and test differ by" in found["town"].line()


def test_rows_that_stand_twice_are_said(told):
    challenge, cells, _ = told
    train, test = (list(zip(*part, strict=True)) for part in zip(*cells.values(), strict=True))
    earlier, known = ROWS - len(set(train)), sum(row in train for row in test)
    assert min(earlier, known) > 0
    assert repeated_rows(challenge) == [
        f"{earlier} training rows repeat an earlier one",
        f"{known} test rows are also training rows",
    ]
