"""Tables that are no challenge, or hardly one: one message each, or read and said."""

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.cli import main
from rosenblatt.features.tables.encoding import AS_IT_IS, SCALED, encode
from tests.challenge.folders import lines

ROWS = 60
HALF = "age,job\n" + "\n".join(f"{20 + row % 40},{'ab'[row % 2]}" for row in range(20)) + "\n"


def train(header="age,job,paid", cell=lambda row: f"{20 + row},{'abc'[row % 3]},{'ny'[row % 2]}"):
    return "\n".join([header, *map(cell, range(ROWS)), ""])


BAD = {
    "two targets": (
        train("age,job,paid,late", lambda row: f"{row},{'ab'[row % 2]},{'ny'[row % 2]},{row % 5}"),
        HALF,
        "train.csv: which column is the label? test.csv should lack it, and nothing else; it may "
        'be paid, late. Write target = "paid", or what it is, in challenge.toml.',
    ),
    "a target that test has": (
        train(),
        HALF.replace("job", "paid"),
        "test.csv: its column",
    ),
    "all columns in both": (train(), train(), "train.csv: which column is the label?"),
    "one class": (
        train(cell=lambda row: f"{7 * row % 60},{'ab'[row % 2]},y"),
        HALF,
        "train.csv: every label is y; there is nothing to tell apart",
    ),
    "a name there twice": (
        train("age,age,paid"),
        HALF,
        "train.csv: row 1: 'age' names the columns 1 and 2; give each its own name",
    ),
    "a class for each row": (
        train(cell=lambda row: f"{7 * row % 60},{'ab'[row % 2]},name{row}"),
        HALF,
        "60 different labels in 60 rows",
    ),
    "nothing but missing cells": (
        train("Id,age,job,paid", lambda row: f"{row},,NA,{'ny'[row % 2]}"),
        "Id,age,job\n" + "\n".join(f"{row},," for row in range(20)) + "\n",
        "no column of features is left: columns 'age', 'job' are left out: each holds no value",
    ),
    "a label is missing": (
        train(cell=lambda row: f"{row},{'ab'[row % 2]},{'ny'[row % 2] if row != 9 else ''}"),
        HALF,
        "train.csv: row 11, column 3: the cell is empty",
    ),
    "no rows to predict": (train(), "age,job\n", "test.csv: has a header and no rows"),
}  # fmt: skip


@pytest.mark.parametrize(("first", "second", "message"), BAD.values(), ids=BAD)
def test_one_message(tmp_path, capsys, first, second, message):
    (tmp_path / "train.csv").write_text(first)
    (tmp_path / "test.csv").write_text(second)
    if message == "test.csv: its column":
        (tmp_path / "challenge.toml").write_text('target = "paid"\n')
    assert main(["inspect", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert message in said.err.replace(f"{tmp_path}/", "")
    assert said.err.count("\n") == 1
    assert "Traceback" not in said.err + said.out


def test_a_million_columns_are_refused_before_they_are_read(tmp_path, capsys):
    for name in ("train.csv", "test.csv"):
        row = ",".join(["0"] * 1_000_000)
        (tmp_path / name).write_text("\n".join([row, row, row, ""]))
    assert main(["inspect", str(tmp_path)]) == 2
    assert "has 1,000,000 columns, more than" in capsys.readouterr().err


def test_empty_columns_and_a_category_of_very_many_levels_are_read_and_said(tmp_path):
    levels = 20_000
    rows = [f"town {row // 3},,{row % 7},{'ny'[row % 2]}" for row in range(3 * levels)]
    lines(tmp_path / "train.csv", ["town,gone,size,paid", *rows])
    lines(tmp_path / "test.csv", ["town,gone,size", *(f"town {row},,1" for row in range(50))])
    challenge = load_challenge(tmp_path)
    kinds = {column.name: (column.kind, column.why) for column in challenge.columns}
    assert kinds["gone"] == ("empty", "holds no value in training rows")
    assert kinds["town"] == ("category", "20,000 levels, of high cardinality")
    assert "column 'gone' is left out" in " ".join(challenge.notes)
    for features, most in ((SCALED, 10), (AS_IT_IS, 3)):  # levels of three rows are rare
        encoding, numbers = encode(challenge.train, features)
        assert numbers.shape[1] <= most
        assert len(encoding(challenge.test)) == 50
        assert np.isfinite(numbers).all()
