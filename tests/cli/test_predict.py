"""`submit --keep`, `predict`, `show`: what was handed in again, as a user types it."""

import json

import pytest

from rosenblatt.cli import main
from tests.challenge.folders import small_course

RECIPE = '[[members]]\nkind = "kernel_perceptron"\nepochs = 1\n'


@pytest.fixture
def kept(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    small_course(tmp_path / "data")
    (tmp_path / "r.toml").write_text(RECIPE)
    assert main(["submit", "data", "--recipe", "r.toml", "--keep", "kept", "--out", "out.csv"]) == 0
    assert "kept/model.npz: the model, 0.0 MB" in capsys.readouterr().out
    return tmp_path


def test_predict_writes_what_submit_wrote(kept, capsys):
    for rows in ("data", "data/Xte.csv"):
        assert main(["predict", "kept", rows, "--out", "again.csv"]) == 0
        assert (kept / "again.csv").read_bytes() == (kept / "out.csv").read_bytes()
    assert main(["predict", "kept/model.npz", "data/Xte.csv", "--probabilities"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-4].split() == ["Id", "0", "1"]
    assert main(["predict", "kept", "data/Xte.csv", "--json", "p.json"]) == 0
    rows = (kept / "out.csv").read_text().split()[1:]
    assert json.loads((kept / "p.json").read_text())["rows"] == {
        row.split(",")[0]: row.split(",")[1:] for row in rows
    }


def test_a_budget_keeps_the_model_of_its_last_stage(kept):
    (kept / "r.toml").write_text(RECIPE + RECIPE.replace("epochs = 1", "epochs = 2"))
    words = ["submit", "data", "--recipe", "r.toml", "--threads", "1", "--budget", "10m"]
    assert main([*words, "--keep", "kept", "--out", "timed.csv"]) == 0  # the one there is renewed
    assert main(["show", "kept", "--json", "m.json"]) == 0
    assert json.loads((kept / "m.json").read_text())["members"] == {"kernel_perceptron": 2}
    assert main(["predict", "kept", "data", "--out", "again.csv"]) == 0
    assert (kept / "again.csv").read_bytes() == (kept / "timed.csv").read_bytes()


def test_show_says_what_it_is(kept, capsys):
    assert main(["show", "kept", "--json", "m.json"]) == 0
    said = capsys.readouterr().out
    for text in ("6 rows of data", "1 x kernel_perceptron", "shape [1, 8, 8]", "classes: 0, 1"):
        assert text in said
    assert json.loads((kept / "m.json").read_text())["members"] == {"kernel_perceptron": 1}


def test_mistakes_are_one_line(kept, capsys):
    (kept / "other.csv").write_text("1,2,3\n")
    (kept / "other").mkdir()
    (kept / "other" / "model.npz").write_text("mine")
    before = (kept / "data" / "Xte.csv").read_bytes()
    for words, message in (
        (["predict", "kept", "other.csv"], "has 3 columns where the model takes 64"),
        (["predict", "kept", "gone.csv"], "gone.csv: no such file"),
        (["predict", "kept", "data/Xte.csv", "--out", "data/Xte.csv"], "the command reads it"),
        (["predict", "r.toml", "data/Xte.csv"], "r.toml: is not a file of this program"),
        (["show", "data"], "model.npz: no such file"),
        (["submit", "data", "--keep", "data"], "the command reads that folder"),
        (["submit", "data", "--keep", "other"], "is there, and no model that could be renewed"),
    ):
        assert main(words) == 2
        said = capsys.readouterr().err
        assert message in said
        assert said.startswith("error: ")
    assert (kept / "data" / "Xte.csv").read_bytes() == before
