"""`check`: 0 if a submission may be handed in, 2 and a line for each fault if not."""

import json

from rosenblatt.challenge.form import COUNTED
from rosenblatt.cli import main
from rosenblatt.cli.check import SHOWN
from tests.challenge.folders import lines, small_course


def said(capsys):
    printed = capsys.readouterr().out.splitlines()
    return [line for line in printed if not line.startswith("why ")]


def test_fine(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    lines(tmp_path / "out.csv", ["Id,Prediction", "1,0", "2,1", "3,1"])
    assert main(["check", str(tmp_path / "out.csv"), str(folder), "--json", "-"]) == 0
    printed = capsys.readouterr()
    assert json.loads(printed.out)["fine"] is True
    assert "fine, 3 rows" in printed.err


def test_faults(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", "1,5", "2,1", "2,1"])
    assert main(["check", str(path), str(folder), "--json", str(tmp_path / "found.json")]) == 2
    assert said(capsys) == [
        f"{path}: row 2: label '5' is not one of 0, 1",
        f"{path}: row 4: Id 2 occurs already in row 3",
        f"{path}: Id 3 is missing",
        "compared labels with Ytr.csv",
        f"unknown  {COUNTED}",
        "unknown  the header: no sample submission shows it",
    ]
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["fine"] is False
    assert [fault["row"] for fault in found["faults"]] == [2, 4, 0]


def test_a_flood_of_faults_is_cut_short(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", *(f"x{index},0" for index in range(1000))])
    assert main(["check", str(path), str(folder)]) == 2
    found = [line for line in said(capsys) if line.startswith((str(path), "..."))]
    assert len(found) == SHOWN + 1
    assert found[-1] == f"... and {1000 + 3 + 1 - SHOWN} more faults (--json FILE lists all)"


def test_no_file(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    assert main(["check", str(tmp_path / "absent.csv"), str(folder)]) == 2
    assert "no such file" in capsys.readouterr().err


def test_rows_in_another_order_are_fine_and_the_sample_is_odd(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    lines(folder / "sample_submission.csv", ["Id,Prediction", "2,0", "3,0", "1,0"])
    lines(tmp_path / "out.csv", ["Id,Prediction", "3,1", "2,1", "1,0"])
    assert main(["check", str(tmp_path / "out.csv"), str(folder)]) == 0
    assert "compared Ids with sample_submission.csv" in said(capsys)
    assert main(["check", str(folder / "sample_submission.csv"), str(folder)]) == 0
    assert said(capsys)[0].startswith("odd      every label is that of the sample submission")
