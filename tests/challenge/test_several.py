"""Several values asked for at once, in the columns of the sample submission; and values' ends."""

import csv
import dataclasses
import json

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Values
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.members.linear import LinearMember
from rosenblatt.train.workers import Workers

ROWS, ASKED = 60, 12
RECIPE = '[[members]]\nkind = "linear"\n'


def house(folder, names=("heating", "cooling"), shown=("cooling", "heating"), whole=False):
    """Write a table whose loads are sums of two columns; return them [N + M, 2]."""
    folder.mkdir()
    rng = np.random.default_rng(1)
    x = rng.normal(0, 1, (ROWS + ASKED, 2)).round(4)
    loads = np.stack([3 + 2 * x[:, 0] - x[:, 1], 50 * x[:, 1]], 1)
    if whole:
        loads = (loads > 0) * 1
    rows = np.arange(len(x))[:, None] + 100
    for name, some, table in (
        ("train.csv", slice(0, ROWS), [rows, x, loads]),
        ("test.csv", slice(ROWS, None), [rows, x]),
        ("sample_submission.csv", slice(ROWS, None), [rows, np.zeros((len(x), len(shown)))]),
    ):
        head = {"train.csv": ["Id", "wall", "roof", *names], "test.csv": ["Id", "wall", "roof"]}
        with (folder / name).open("w", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(head.get(name, ["Id", *shown]))
            writer.writerows([int(row[0]), *row[1:]] for row in np.hstack(table)[some].tolist())
    return loads


def test_several_values_are_learned_scored_and_written_in_the_columns_of_the_sample(
    tmp_path, monkeypatch, capsys
):
    loads = house(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "r.toml").write_text(RECIPE)
    challenge = load_challenge("data")
    assert isinstance(challenge.target, Values)
    assert challenge.target.names == ("cooling", "heating")
    assert challenge.target.values.tolist() == loads[:ROWS, ::-1].tolist()
    assert [*challenge.train] == ["wall", "roof"]
    assert not any("left out" in note for note in challenge.notes)
    assert "2 values are asked for, as the sample submission has columns" in challenge.notes
    words = ["--recipe", "r.toml", "--threads", "1"]
    assert main(["inspect", "data"]) == 0
    assert "submit   Id,cooling,heating and 12 rows" in capsys.readouterr().out
    assert main(["submit", "data", *words, "--out", "mine.csv"]) == 0
    with open("mine.csv", newline="") as file:
        head, *rows = csv.reader(file)
    assert head == ["Id", "cooling", "heating"]
    said = np.array(rows, float)[:, 1:]
    assert np.abs(said - loads[ROWS:, ::-1]).max() < 0.5
    assert main(["check", "mine.csv", "data"]) == 0
    capsys.readouterr()
    assert main(["evaluate", "data", *words, "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["metric"], found["ensemble"]["mean"] < 0.5) == ("rmse", True)
    (tmp_path / "mine.csv").write_text("Id,heating,cooling\n160,1,2\n")
    assert main(["check", "mine.csv", "data"]) == 2
    said = capsys.readouterr()
    assert "expected 'Id,cooling,heating'" in said.out + said.err


def test_columns_of_which_some_are_classes_or_not_there_are_refused(tmp_path):
    house(tmp_path / "a", whole=True)
    with pytest.raises(UserError, match=r'asks for 2 columns .* write metric = "rmse" in chall'):
        load_challenge(tmp_path / "a")
    (tmp_path / "a" / "challenge.toml").write_text('metric = "rmse"\n')
    assert load_challenge(tmp_path / "a").target.columns == 2  # the cure
    house(tmp_path / "b", shown=("cooling", "warming"))
    (tmp_path / "b" / "challenge.toml").write_text('target = "cooling"\n')
    with pytest.raises(UserError, match=r"columns of the sample submission \(cooling, warming\)"):
        load_challenge(tmp_path / "b")


@pytest.mark.parametrize("metric", ["rmse", "rmsle"])
def test_values_keep_within_the_ends_that_challenge_toml_says(tmp_path, metric):
    house(tmp_path / "a", shown=("heating",), names=("heating", "other"))
    challenge = load_challenge(tmp_path / "a")
    target = Values(np.abs(challenge.target.values), ("heating",))
    challenge = dataclasses.replace(challenge, target=target, metric=metric)
    recipe = Recipe("r", members=(LinearMember(),))
    free = pipeline.predict(challenge, recipe, Workers()).rows
    assert free.min() < 1.1
    assert free.max() > 3.1
    ended = dataclasses.replace(challenge, clip=(1.1, 3.1))
    found = pipeline.predict(ended, recipe, Workers()).rows
    np.testing.assert_allclose(found, np.clip(free, 1.1, 3.1), rtol=1e-5)
    assert 1.1 - 1e-5 < found.min() < found.max() < 3.1 + 1e-5
    fold = np.arange(ROWS) % 3
    votes = pipeline.cross_validate(ended, recipe, fold, Workers()).votes
    ends = np.log1p([1.1, 3.1]) if metric == "rmsle" else np.array([1.1, 3.1])
    assert ends[0] - 1e-5 < votes.min() < votes.max() < ends[1] + 1e-5


@pytest.mark.parametrize(("line", "words"), [
    ("clip = [3, 1]", r"clip = \[3.*\]: write the least first"),
    ("clip = [3]", "clip = .*: it must be 2 values"),
    ('clip = [0, 1]\nmetric = "accuracy"', "is of values, and classes are asked for"),
])  # fmt: skip
def test_other_ends_are_refused(tmp_path, line, words):
    house(tmp_path / "a", shown=("heating",), names=("heating", "other"), whole=True)
    (tmp_path / "a" / "challenge.toml").write_text(line + "\n")
    with pytest.raises(UserError, match=words):
        load_challenge(tmp_path / "a")
