"""`evaluate`: scores, interval, confusion, comparison, and work shared by parts and results."""

import csv
import json

import numpy as np
import pytest

from rosenblatt.cli import evaluate, main
from rosenblatt.data.archive import read_archive
from tests.challenge.folders import course

RECIPE = """
[[members]]
kind = "kernel_perceptron"
gamma = 0.02
epochs = 2
[[members]]
kind = "kernel_perceptron"
kernel = "polynomial"
epochs = 1
"""


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Go to a folder with a challenge of three classes, each with a bright corner, and a recipe."""
    rng = np.random.default_rng(0)
    images = rng.integers(0, 12, (50, 8, 8))
    labels = np.arange(40) % 3
    for row, label in enumerate(labels):
        images[row, 4 * (label // 2) :, 4 * (label % 2) :][:4, :4] += 4
    flat = images.reshape(50, 64)
    course(tmp_path / "data", flat[:40], labels.tolist(), flat[40:])
    (tmp_path / "r.toml").write_text(RECIPE)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(capsys, *more, code=0):
    arguments = ["evaluate", "data", "--recipe", "r.toml", "--folds", "4", "--threads", "1"]
    assert main([*arguments, *more, "--json", "-"]) == code
    said = capsys.readouterr()
    return json.loads(said.out) if code == 0 else None, said.err


def test_figures(place, capsys):
    found, said = run(capsys, "--keep", "votes.npz", "--worst", "worst.png", "--repeats", "2")
    table = np.array(found["confusion"])
    assert table.sum() == 40
    assert table.sum(1).tolist() == np.bincount(np.arange(40) % 3).tolist()
    assert len(found["ensemble"]["folds"]) == 8
    facts, arrays = read_archive(place / "votes.npz")
    right = arrays["votes"].argmax(2) == np.arange(40) % 3
    assert found["ensemble"]["mean"] == right.mean()
    assert np.trace(table) == right[0].sum()
    assert arrays["members"].shape == (2, 2, 40, 3)
    assert not np.array_equal(arrays["fold"][0], arrays["fold"][1])
    assert facts["recipe"] == found["recipe_digest"]
    assert found["private"]["rows"] == 5
    assert found["private"]["low"] <= found["ensemble"]["mean"] <= found["private"]["high"]
    assert found["test"]["rows"] == 10
    assert "95 % of scores on 5 such rows" in said
    single = [found[f"kernel_perceptron {place}/2"]["mean"] for place in (1, 2)]
    assert found["members"]["best"] == max(single)
    assert found["members"]["gain"] == right.mean() - max(single)
    assert (found["rows"], found["tried"], found["threads"]) == (40, 1, 1)
    assert (place / "worst.png").read_bytes().startswith(b"\x89PNG")
    assert "evaluate data --recipe r.toml" in (place / "submissions" / "ledger.csv").read_text()


def test_what_a_trained_eye_looks_for(place, capsys):
    found, said = run(capsys, "--plots", "plots", "--out-of-fold", "rows.csv")
    counts = np.array(found["confusion"])
    one = found["classes"]["1"]
    assert one["recall"] == counts[1, 1] / counts[1].sum()
    assert one["precision"] == counts[1, 1] / counts[:, 1].sum()
    assert one["f1"] == pytest.approx(
        2 * one["recall"] * one["precision"] / (one["recall"] + one["precision"])
    )
    assert "true, predicted:" in said
    with (place / "rows.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["row"] for row in rows] == [str(n) for n in range(1, 41)]
    assert [row["true"] for row in rows] == [str(n % 3) for n in range(40)]
    assert sum(row["true"] == row["predicted"] for row in rows) == counts.trace()
    for row in rows:
        shares = {name: float(row[name]) for name in "012"}
        assert sum(shares.values()) == pytest.approx(1)
        assert shares[row["predicted"]] == max(shares.values())
    for name in ("confusion", "roc", "precision_recall", "calibration"):
        assert (place / "plots" / f"{name}.png").read_bytes().startswith(b"\x89PNG")
    _, said = run(capsys, "--plots", "data", code=2)
    assert "the command reads that folder" in said


def test_against_itself_and_against_a_worse_one(place, capsys):
    found, said = run(capsys, "--against", "r.toml")
    assert found["against"]["difference"] == 0
    assert found["against"]["luck"] is True
    assert "may well be luck" in said
    weak = RECIPE.replace("gamma = 0.02", "gamma = 90.0").replace("polynomial", "gaussian")
    (place / "weak.toml").write_text(weak.replace("epochs = 1", "gamma = 90.0\nepochs = 1"))
    found, said = run(capsys, "--against", "weak.toml", "--set", "kernel_perceptron.epochs=3")
    assert found["against"]["difference"] > 0.2
    assert found["against"]["luck"] is False
    assert "is more than luck" in said


def test_recipes_that_are_not_there_are_told_before_anything_is_trained(place, capsys, monkeypatch):
    monkeypatch.setattr(evaluate, "cross_validate", None)
    for words in (["--against", "smal_digits"], ["--recipe", "r.tml"]):
        assert main(["evaluate", "data", *words]) == 2
        said = capsys.readouterr().err
        assert f"{words[1]}: no such file, and no shipped recipe" in said
        assert "small_digits" in said


def test_parts_meet_in_a_folder_of_results(place, capsys):
    _, said = run(capsys, "--results", "fits", "--part", "1/2", code=2)
    assert "part 1 of 2 is done; 4 fits are left" in said
    _, said = run(capsys, "--part", "1/2", code=2)
    assert "needs --results" in said
    together, _ = run(capsys, "--results", "fits", "--part", "2/2")
    assert len(list((place / "fits").iterdir())) == 8
    again, _ = run(capsys, "--results", "fits")
    plain, _ = run(capsys)
    assert again["ensemble"] == plain["ensemble"] == together["ensemble"]


def test_first_folds_alone_and_the_rest_later(place, capsys):
    one, _ = run(capsys, "--results", "fits", "--first", "1", "--keep", "votes.npz")
    every, _ = run(capsys, "--results", "fits")
    assert one["rows"] == sum(map(sum, one["confusion"])) == 10
    p = one["ensemble"]["mean"]
    assert one["ensemble"]["folds"] == [p] == every["ensemble"]["folds"][:1]
    assert one["ensemble"]["standard_error"] == pytest.approx((p * (1 - p) / 10) ** 0.5)
    _, arrays = read_archive(place / "votes.npz")
    assert arrays["fold"].tolist() == [[0] * 10]
    assert (one["first"], every["first"]) == (1, 4)
    lines = (place / "submissions" / "ledger.csv").read_text().splitlines()
    assert ["--first 1" in line for line in lines[-2:]] == [True, False]
    assert len(list((place / "fits").iterdir())) == 8  # no fold was trained twice


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--split", "blocks", "--repeats", "2"], "in one way only"),
        (["--first", "5"], "give at most that"),
        (["--first", "2", "--repeats", "2"], "needs all folds"),
        (["--folds", "41"], "from 2 to 40"),
        (["--set", "combine=stack", "--folds", "2"], "at least three folds"),
        (["--set", "network.epochs=2"], "no member of kind network"),
    ],
)
def test_mistakes(place, capsys, more, words):
    assert words in run(capsys, *more, code=2)[1]


@pytest.mark.parametrize(
    ("labels", "more", "words"),
    [
        ("aaaabbbb", ["--split", "blocks"], "fold 1 all training rows are of class 'b'"),
        ("aaaabbbb", ["--split", "blocks"], "split the rows with --split stratified"),
        ("aaabaaaa", [], "of class 'a', so there is nothing to tell apart; give a second class"),
    ],
)
def test_a_fold_without_which_one_class_is_left(place, capsys, labels, more, words):
    images = np.random.default_rng(1).integers(0, 12, (8, 64))
    course(place / "data", images, list(labels), images[:2])
    assert words in run(capsys, "--folds", "2", *more, code=2)[1]
