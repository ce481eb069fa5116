"""`check`: 0 if a submission may be handed in, 2 and a line for each fault if not."""

import json

from rosenblatt.cli import main
from rosenblatt.cli.check import SHOWN
from tests.challenge.folders import lines, small_course


def test_fine(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    lines(tmp_path / "out.csv", ["Id,Prediction", "1,0", "2,1", "3,1"])
    assert main(["check", str(tmp_path / "out.csv"), str(folder), "--json", "-"]) == 0
    said = capsys.readouterr()
    assert json.loads(said.out)["fine"] is True
    assert "fine, 3 rows" in said.err


def test_faults(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", "1,5", "2,1", "2,1"])
    assert main(["check", str(path), str(folder), "--json", str(tmp_path / "found.json")]) == 2
    assert capsys.readouterr().out.splitlines() == [
        f"{path}: row 2: label '5' is none of 0, 1",
        f"{path}: row 4: Id 2 occurs already in row 3",
        f"{path}: row 4: Id 3 is missing, expected here",
    ]
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["fine"] is False
    assert [fault["row"] for fault in found["faults"]] == [2, 4, 4]


def test_a_flood_of_faults_is_cut_short(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    path = tmp_path / "out.csv"
    lines(path, ["Id,Prediction", *(f"x{index},0" for index in range(1000))])
    assert main(["check", str(path), str(folder)]) == 2
    said = capsys.readouterr().out.splitlines()
    assert len(said) == SHOWN + 1
    assert said[-1] == f"... and {1000 + 3 + 1 - SHOWN} faults more (--json FILE lists all)"


def test_no_file(tmp_path, capsys):
    folder = small_course(tmp_path / "data")
    assert main(["check", str(tmp_path / "absent.csv"), str(folder)]) == 2
    assert "no such file" in capsys.readouterr().err
