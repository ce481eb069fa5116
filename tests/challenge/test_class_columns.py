"""Samples with a column for each class: matched by name, or refused."""

import csv

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.formats.class_columns import class_columns
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from tests.challenge.folders import lines
from tests.challenge.test_tables import FEATURES, ROWS, folder, sheet

STATES = ["C", "CL", "D"]


def states(path, header="Nr,Status_D,Status_C,Status_CL"):
    """Write a challenge of three classes whose sample wants a probability of each."""
    folder(path, sample="")
    labels = [STATES[row % 3] for row in range(ROWS)]
    sheet(path / "train.csv", {"Nr": [*map(str, range(ROWS))], **FEATURES, "Status": labels})
    lines(path / "sample_submission.csv",
          [header, *(f"{2019 - row},0.2,0.5,0.3" for row in range(20))])  # fmt: skip
    return path


def test_columns_are_matched_to_classes_by_name_and_rows_by_id(tmp_path):
    challenge = load_challenge(states(tmp_path))
    assert challenge.classes == ("C", "CL", "D")
    assert challenge.class_columns == (("Status_D", 2), ("Status_C", 0), ("Status_CL", 1))
    assert challenge.metric == "log_loss"
    assert challenge.test_ids[:2] == ("2019", "2018")
    assert challenge.test["age"][0] == float(FEATURES["age"][19] or "nan")
    assert "are the classes, by their names after 'Status_'" in " ".join(challenge.notes)


def test_a_probability_of_each_class_is_written_and_checked(tmp_path, capsys):
    data = states(tmp_path / "data")
    mine = tmp_path / "mine.csv"
    recipe = tmp_path / "r.toml"
    recipe.write_text('[[members]]\nkind = "linear"\n')
    words = ["--recipe", str(recipe), "--threads", "1", "--project", str(tmp_path)]
    assert main(["submit", str(data), "--out", str(mine), *words]) == 0
    assert main(["check", str(mine), str(data)]) == 0
    with open(mine, newline="") as file:
        header, *rows = csv.reader(file)
    assert header == ["Nr", "Status_D", "Status_C", "Status_CL"]
    assert [row[0] for row in rows] == [str(2019 - row) for row in range(20)]
    shares = np.array([row[1:] for row in rows], float)
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-6)
    rows[3][2] = "1.5"
    lines(mine, [",".join(row) for row in (header, *rows)])
    assert main(["check", str(mine), str(data)]) == 2
    assert "row 5: '1.5' is no number from 0 to 1" in capsys.readouterr().out
    lines(mine, [",".join(row[:3]) for row in (header, *rows)])
    assert main(["check", str(mine), str(data)]) == 2
    assert "has 3 columns, expected 4" in capsys.readouterr().out
    (data / "challenge.toml").write_text('metric = "accuracy"\n')
    assert main(["submit", str(data), "--out", str(mine), *words]) == 2
    assert "has a column for each class, and accuracy wants one" in capsys.readouterr().err


@pytest.mark.parametrize(("names", "classes", "places"), [
    (("b", "a"), ("a", "b"), [1, 0]),
    (("Class_1", "Class_2", "Class_10"), ("1", "2", "10"), [0, 1, 2]),
    (("Class_1", "Class_10"), ("10", "1"), [1, 0]),
    (("p_2.0", "p_1"), ("1", "2"), [1, 0]),
    (("EAP", "EBP"), ("EBP", "EAP"), [1, 0]),  # whole names first: both begin with E
])  # fmt: skip
def test_names_of_columns(names, classes, places):
    found, _ = class_columns(names, Classes(np.arange(len(classes)), classes))
    assert found == tuple(zip(names, places, strict=True))


@pytest.mark.parametrize(("header", "message"), [
    ("Nr,Status_D,Status_C,Status_X", "are not the classes of the training labels"),
    ("Nr,Status_D,Status_C,Status_C", "'Status_C' names two columns"),
    ("Nr,Status_D,Status_C", "row 2: has 4 columns where the header names 3"),
    ("Nr,Status_D,Status_C,=cmd", "formula"),
    ("Nr,Status_D,,Status_X", "row 1, column 3: the cell is empty"),
])  # fmt: skip
def test_other_columns_are_refused(tmp_path, header, message):
    with pytest.raises(UserError, match=message):
        load_challenge(states(tmp_path, header))


def test_a_delimiter_at_the_end_of_each_line_is_no_column(tmp_path):
    data = states(tmp_path, "Nr,Status")
    (data / "sample_submission.csv").write_text("Nr,Status,\n" + "".join(
        f"{row.split(',')[0]},C,\n"
        for row in (data / "sample_submission.csv").read_text().splitlines()[1:]
    ))  # fmt: skip
    assert load_challenge(data).class_columns == ()


def test_columns_of_values_that_no_training_row_has_are_refused():
    with pytest.raises(UserError, match=r"are not those that are asked for \(y\)"):
        class_columns(("y1", "y2"), Values(np.zeros((3, 1)), ("y",)))
