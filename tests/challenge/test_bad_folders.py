"""Whatever is wrong with a folder: one line that names it, exit code 2, and nothing overwritten."""

import os
import tempfile
from pathlib import Path

import pytest

from rosenblatt.cli import main
from tests.challenge.folders import lines, pixels, small_course, small_kaggle, table
from tests.data.test_csv import plain_user


def edit(name, old, new):
    def apply(folder):
        path = folder / name
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return apply


def write(name, *rows):
    return lambda folder: lines(folder / name, rows)


def cell(name, row, column, text):
    def apply(folder):
        path = folder / name
        rows = [line.split(",") for line in path.read_text().split("\n")]
        rows[row - 1][column - 1] = text
        path.write_text("\n".join(",".join(cells) for cells in rows))

    return apply


def narrow(name, columns, rows=3):
    return lambda folder: lines(folder / name, table(pixels(rows, columns)))


def toml(text):
    return lambda folder: (folder / "challenge.toml").write_text(text)


COURSE = {
    "missing labels": (lambda folder: (folder / "Ytr.csv").unlink(), "Ytr.csv: no such file"),
    "missing test": (lambda folder: (folder / "Xte.csv").unlink(), "Xte.csv: no such file"),
    "nothing known": (
        lambda folder: [path.rename(path.with_suffix(".txt")) for path in folder.glob("*.csv")],
        "holds no known challenge (found: Xte.txt, Xtr.txt, Ytr.txt)",
    ),
    "empty": (lambda folder: (folder / "Xtr.csv").write_text(""), "Xtr.csv: is empty"),
    "folder for a file": (
        lambda folder: ((folder / "Xtr.csv").unlink(), (folder / "Xtr.csv").mkdir()),
        "Xtr.csv: is a folder where a file belongs",
    ),
    "text": (cell("Xtr.csv", 2, 5, "x"), "Xtr.csv: row 2, column 5: 'x'"),
    "not finite": (cell("Xte.csv", 3, 64, "inf"), "Xte.csv: row 3, column 64: 'inf'"),
    "ragged": (cell("Xtr.csv", 4, 9, "1,1"), "Xtr.csv: row 4: has 65 columns"),
    "fewer columns in test": (
        narrow("Xte.csv", 63),
        "Xte.csv: has 63 columns of features where Xtr.csv has 64",
    ),
    "unknown shape": (
        lambda folder: (narrow("Xtr.csv", 10, 6)(folder), narrow("Xte.csv", 10)(folder)),
        "10 pixels a row is not a known image shape",
    ),
    "one label short": (edit("Ytr.csv", "6,0\n", ""), "Ytr.csv: has 5 labels (the last in row 6)"),
    "one label more": (edit("Ytr.csv", "6,0\n", "6,0\n7,0\n"), "Ytr.csv: has 7 labels"),
    "Id twice": (edit("Ytr.csv", "3,0\n", "2,0\n"), "Ytr.csv: row 4: Id 2 occurs already in row 3"),
    "empty label": (
        edit("Ytr.csv", "3,0\n", "3,\n"),
        "Ytr.csv: row 4, column 2: the cell is empty",
    ),
    "ragged label": (edit("Ytr.csv", "3,0\n", "3\n"), "Ytr.csv: row 4: has 1 columns"),
    "three columns": (write("Ytr.csv", "Id,a,b", "1,2,3"), "Ytr.csv: has 3 columns"),
    "one class": (
        write("Ytr.csv", "Id,Prediction", *(f"{i},7" for i in range(6))),
        "Ytr.csv: every label is 7",
    ),
    "formula": (edit("Ytr.csv", "3,0\n", "3,=1+1\n"), "Ytr.csv: row 4, column 2: '=1+1' would run"),
    "label unknown": (toml('classes = ["0", "2"]'), "Ytr.csv: row 3: label '1' is not one of"),
    "sample short": (write("sample_submission.csv", "Id,P", "1,0"), "sample_submission.csv: has 1"),
    "sample Id twice": (
        write("sample_submission.csv", "Id,P", "1,0", "1,0", "2,0"),
        "sample_submission.csv: row 3: Id 1 occurs already in row 2",
    ),
    "sample of other Ids": (
        lambda folder: (
            lines(folder / "Xte.csv", [f"{i},{row}" for i, row in enumerate(table(pixels(3)))]),
            lines(folder / "Xtr.csv", [f"{i},{row}" for i, row in enumerate(table(pixels(6)), 1)]),
            lines(folder / "sample_submission.csv", ["Id,P", "0,0", "2,0", "7,0"]),
        ),
        "sample_submission.csv: row 4: Id '7' is not in Xte.csv",
    ),
    "Id of an image lost": (
        lambda folder: lines(
            folder / "Xtr.csv", [f"{i},{row}" for i, row in enumerate(table(pixels(6)))]
        ),
        "Xte.csv: has 64 columns of features where Xtr.csv has 65",
    ),
    "not TOML": (toml("shape = ["), "challenge.toml: is not TOML"),
    "unknown key": (toml("shap = [1, 8, 8]"), "unknown key 'shap'; did you mean shape?"),
    "shape of the wrong size": (
        toml("shape = [1, 8, 9]"),
        "has 64 pixels a row where challenge.to",
    ),
    "shape of text": (toml('shape = "8x8"'), "shape = '8x8': it must be a list"),
    "kind": (toml('kind = "sound"'), "kind = 'sound': it must be one of 'image'"),
    "classes twice": (toml('classes = ["0", "0"]'), "'0' stands there twice"),
    "share": (
        toml("public_share = 1.5"),
        "public_share = 1.5: it must be a number from 0 to 1",
    ),
    "quota": (toml("quota = true"), "quota = True: it must be a whole number"),
    "target among columns": (
        toml('[columns]\na = "number"\ntarget = "y"'),
        "target stands below [columns], so it is read as one of its columns; move the line above",
    ),
}
KAGGLE = {
    "text": (cell("train.csv", 3, 4, "x"), "train.csv: row 3, column 4: 'x'"),
    "ragged": (cell("train.csv", 3, 4, "1,1"), "train.csv: row 3: has 786 columns"),
    "empty label": (cell("train.csv", 4, 1, ""), "train.csv: row 4, column 1: the cell is empty"),
    "no label": (
        edit("train.csv", "label,", "pixel0,"),
        "train.csv: row 1: 'pixel0' names the columns 1 and 2",
    ),
    "test column lost": (
        lambda folder: lines(folder / "test.csv", table(pixels(3, 783), header=True)),
        "which column is the label? test.csv should lack it, and nothing else",
    ),
    "sample long": (
        edit("sample_submission.csv", "3,0\n", "3,0\n4,0\n"),
        "sample_submission.csv: has 4 rows (the last in row 5) where test.csv has 3",
    ),
}
CASES = [("course", name, *COURSE[name]) for name in COURSE]
CASES += [("kaggle", name, *KAGGLE[name]) for name in KAGGLE]


@pytest.mark.parametrize(("kind", "name", "damage", "words"), CASES)
def test_damage_is_named_in_one_line(tmp_path, capsys, kind, name, damage, words):
    folder = (small_course if kind == "course" else small_kaggle)(tmp_path / "data")
    sheet = tmp_path / "sheet.png"
    sheet.write_bytes(b"earlier")
    damage(folder)
    assert main(["check", str(sheet), str(folder)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("error: ")
    assert said.err.count("\n") == 1
    assert words in said.err
    if "not finite" not in name:  # inspect shows these
        assert main(["inspect", str(folder), "--out", str(sheet)]) == 2
        assert capsys.readouterr().err == said.err
    assert sheet.read_bytes() == b"earlier"


@pytest.mark.parametrize("command", ["inspect DIR", "check FILE DIR"])
def test_a_folder_that_is_a_file_or_is_not_there(tmp_path, capsys, command):
    path = tmp_path / "file"
    path.write_text("Id,Prediction\n")
    for folder, words in (
        (path, "is a file; give the folder"),
        (tmp_path / "no", "no such folder"),
    ):
        arguments = command.replace("FILE", str(path)).replace("DIR", str(folder)).split()
        assert main(arguments) == 2
        assert words in capsys.readouterr().err


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="needs POSIX permissions")
@pytest.mark.parametrize("rights", [0o000, 0o444])
def test_a_folder_that_may_not_be_read(capsys, rights):
    with tempfile.TemporaryDirectory() as name:
        folder = small_course(Path(name))
        folder.chmod(rights)
        with plain_user():
            assert main(["check", str(folder / "Ytr.csv"), str(folder)]) == 2
        folder.chmod(0o700)
    said = capsys.readouterr().err
    assert "cannot be read (Permission denied)" in said
    assert said.count("\n") == 1
