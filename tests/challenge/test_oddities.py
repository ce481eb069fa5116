"""What every command says of a challenge that is odd."""

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.oddities import oddities
from rosenblatt.cli import main
from tests.challenge.folders import course, lines, small_course


def table(folder, column, labels=None):
    """Write a table of three columns, the second as given."""
    rng = np.random.default_rng(0)
    train = np.column_stack([rng.normal(size=len(column)), column, rng.normal(size=len(column))])
    labels = labels or [row % 2 for row in range(len(column))]
    course(folder, train.round(3), labels, train[:4].round(3))
    (folder / "challenge.toml").write_text('kind = "table"\n')
    return folder


@pytest.mark.parametrize("code", [-999, 9999, -99999])
def test_a_code_far_from_all_values_is_odd(tmp_path, code):
    column = np.linspace(1, 90, 30).round(2)
    column[[3, 17]] = code
    challenge = load_challenge(table(tmp_path, column))
    [found] = oddities(challenge)
    if code < 0:
        assert found.startswith(f"column '2': '{code}.0' taken as missing among numbers")
    else:
        assert found.startswith(f"{code} stands far from all other values of column 2")
    assert np.isnan(challenge.train["2"][[3, 17]]).all() == (code < 0)


def test_a_value_among_others_is_none(tmp_path):
    column = np.linspace(-5000, 5000, 30).round(2)
    column[[3, 17]] = -999
    assert oddities(load_challenge(table(tmp_path, column))) == []


def test_a_class_of_one_row_is_said_by_every_command(tmp_path, capsys):
    labels = ["ham", "spam"] * 16
    labels[4] = "hamm"
    folder = table(tmp_path / "data", np.random.default_rng(1).normal(size=32).round(3), labels)
    words = (
        "odd      classes of one training row, perhaps typos (header not counted): 'hamm' (row 5)"
    )
    (tmp_path / "out.csv").write_text("Id,Prediction\n")
    assert main(["check", str(tmp_path / "out.csv"), str(folder)]) == 2
    assert words in capsys.readouterr().out.splitlines()
    assert main(["inspect", str(folder), "--out", str(tmp_path / "sheet.png")]) == 0
    assert words in capsys.readouterr().out.splitlines()


def test_nothing_is_odd_about_an_ordinary_challenge(tmp_path):
    assert oddities(load_challenge(small_course(tmp_path))) == []


def test_test_images_on_another_scale_are_told(tmp_path):
    folder = small_course(tmp_path)
    rows = (folder / "Xte.csv").read_text().splitlines()
    dark = [",".join(str(float(cell) / 255) for cell in row.split(",") if cell) for row in rows]
    (folder / "Xte.csv").write_text("\n".join(dark))
    [found] = oddities(load_challenge(folder))
    assert found.startswith("the largest pixel of test images is ")


@pytest.mark.parametrize(("asked", "odd"), [("north", 0), ("east", 1)])
def test_levels_that_no_training_row_has_are_told(tmp_path, asked, odd):
    rows = [f"{('north', 'south')[row % 2]},{row * 7 % 5},{row % 2}" for row in range(20)]
    (tmp_path / "train.csv").write_text("\n".join(["side,size,label", *rows]))
    tests = [f"{asked},{row * 3 % 5}" for row in range(6)]
    (tmp_path / "test.csv").write_text("\n".join(["side,size", *tests]))
    found = [one for one in oddities(load_challenge(tmp_path)) if "level" in one]
    assert len(found) == odd
    assert all("'side'" in one for one in found)


def test_a_column_of_other_units_in_test_rows_is_named(tmp_path):
    rows = [f"{row},{row % 40} kg,{row % 2}" for row in range(90)]
    lines(tmp_path / "train.csv", ["Id,weight,y", *rows])
    lines(tmp_path / "test.csv", ["Id,weight", *(f"{row},{row % 40} lb" for row in range(90, 110))])
    [odd] = [line for line in oddities(load_challenge(tmp_path)) if "weight" in line]
    assert "no test row has a level that training rows have" in odd
