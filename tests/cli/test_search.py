"""`search`: trials in the ledger, the best recipe written, and going on after a stop."""

import csv
import json

import pytest

from rosenblatt.challenge import ledger
from rosenblatt.challenge.recipe import read_recipe
from rosenblatt.cli import main
from tests.cli.test_evaluate import place, run  # noqa: F401


def go(capsys, *more, code=0):
    words = ["search", "data", "--recipe", "r.toml", "--folds", "2", "--threads", "1"]
    words += ["--ranges", "ranges.toml", "--trials", "3", "--results", "fits", "--json", "-"]
    assert main([*words, *more]) == code
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else said.err


@pytest.fixture
def ranges(place):  # noqa: F811
    text = '"kernel_perceptron.gamma" = { low = 0.001, high = 90.0, log = true }\n'
    (place / "ranges.toml").write_text(text)
    return place


def test_search(ranges, capsys, monkeypatch):
    found = go(capsys, "--out", "best.toml", "--table", "trials.csv")
    with open("trials.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [float(row["score"]) for row in rows] == [one["score"] for one in found["trials"]]
    gammas = [f"kernel_perceptron.gamma={row['kernel_perceptron.gamma']}" for row in rows]
    assert [[gamma] for gamma in gammas] == [one["settings"] for one in found["trials"]]
    assert [trial["share"] for trial in found["trials"]] == [1 / 3] * 3 + [1]
    best = found["trials"][-1]
    assert read_recipe("best.toml").digest == best["recipe_digest"]
    runs = [r for r in ledger.read("submissions/ledger.csv") if r.command.startswith("search ")]
    assert len(runs) == len({trial["recipe_digest"] for trial in found["trials"]})
    fits = sorted(path.name for path in (ranges / "fits").iterdir())

    def trained_again(*anything):
        raise AssertionError("trained twice")

    monkeypatch.setattr("rosenblatt.pipeline.ensemble.learn", trained_again)
    assert go(capsys) == found  # again from the kept fits alone
    assert sorted(path.name for path in (ranges / "fits").iterdir()) == fits
    assert len(ledger.read("submissions/ledger.csv")) == len(runs)


@pytest.mark.parametrize("method", ["random", "gaussian"])
def test_methods(ranges, capsys, method):
    found = go(capsys, "--method", method)
    assert [trial["share"] for trial in found["trials"]] == [1 / 3, 1] * 3  # too few to stop one


def test_mistakes(ranges, capsys):
    assert "cannot be cut" in go(capsys, "--part", "1/2", code=2)
    (ranges / "ranges.toml").write_text('"network.epoch" = [1]\n')
    assert "no member of kind network" in go(capsys, code=2)
    (ranges / "ranges.toml").write_text('"kernel_perceptron.gama" = [1.0]\n')
    said = go(capsys, code=2)
    assert "ranges.toml: kernel_perceptron.gama" in said
    assert "did you mean gamma?" in said
