"""`submit`, `evaluate`, `reproduce`: what a user types, and what is there afterwards."""

import hashlib
import json
import os
import sys
import time

import numpy as np
import pytest

from rosenblatt.challenge import check_submission, ledger, load_challenge, submission_form
from rosenblatt.cli import main, run
from rosenblatt.pipeline import budget
from tests.challenge.folders import course

RECIPE = """
name = "tiny"
[[members]]
blocks = [[4]]
dense = 0
dropout = 0.0
epochs = 6
batch_size = 8
[[members]]
kind = "kernel_perceptron"
gamma = 0.1
epochs = 3
"""


def stripes(rows: int, seed: int):
    """Return 8x8 images of upright and of lying stripes, in noise, and which they are."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % 2
    images = rng.integers(0, 5, (rows, 8, 8))
    images[labels == 0, :, ::2] += 11
    images[labels == 1, ::2, :] += 11
    return images.reshape(rows, 64), labels


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Return a challenge folder; the working folder is an empty one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    train, labels = stripes(40, seed=0)
    names = np.array(["up", "across"])[labels]
    return course(tmp_path / "stripes", train, names, stripes(10, seed=1)[0])


@pytest.fixture
def recipe(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(RECIPE)
    return path


def test_submit_writes_a_checked_submission_and_a_line_in_the_ledger(folder, recipe, tmp_path):
    out, figures = tmp_path / "out" / "mine.csv", tmp_path / "figures.json"
    words = ["submit", folder, "--recipe", recipe, "--out", out, "--threads", 1, "--json", figures]
    assert main([str(word) for word in words]) == 0
    challenge = load_challenge(folder)
    assert check_submission(out, submission_form(folder, challenge)) == []
    truth = np.array(["up", "across"])[stripes(10, seed=1)[1]]
    assert [row.split(",")[1] for row in out.read_text().split()[1:]] == truth.tolist()
    said = json.loads(figures.read_text())
    [line] = ledger.read(tmp_path / "out" / "ledger.csv")
    assert line.file == said["file_digest"]
    assert (line.recipe, line.data) == (said["recipe_digest"], challenge.digest)
    assert "numba" in line.versions


def test_seed_and_recipe_decide_not_threads(folder, recipe, tmp_path):
    digests = {}
    for name, options in {
        "a": ["--threads", "1"],
        "b": ["--threads", "2"],
        "c": ["--threads", "1", "--seed", "5"],
    }.items():
        figures = tmp_path / f"{name}.json"
        words = ["submit", str(folder), "--recipe", str(recipe), "--json", str(figures), *options]
        assert main(words) == 0
        digests[name] = json.loads(figures.read_text())
    assert digests["a"]["file_digest"] == digests["b"]["file_digest"]
    assert digests["a"]["recipe_digest"] == digests["b"]["recipe_digest"]
    assert digests["a"]["recipe_digest"] != digests["c"]["recipe_digest"]


@pytest.mark.parametrize("split", ["stratified", "blocks"])
def test_evaluate_scores_members_and_ensemble(folder, recipe, split, tmp_path, capsys):
    figures = tmp_path / "figures.json"
    words = ["evaluate", folder, "--recipe", recipe, "--folds", 2, "--split", split]
    assert main([*map(str, words), "--threads", "1", "--json", str(figures)]) == 0
    said = json.loads(figures.read_text())
    assert said["ensemble"]["mean"] >= 0.95  # stripes are easy
    assert len(said["ensemble"]["folds"]) == 2
    assert "ensemble: " in capsys.readouterr().out


def test_a_fault_before_the_training_leaves_the_earlier_submission(folder, recipe, capsys):
    out = folder.parent / "mine.csv"
    out.write_text("earlier")
    (folder / "Xte.csv").write_text("1,2\n3,x\n")
    assert main(["submit", str(folder), "--recipe", str(recipe), "--out", str(out)]) == 2
    assert out.read_text() == "earlier"
    said = capsys.readouterr().err
    assert "Xte.csv" in said
    assert "Traceback" not in said


def test_an_interruption_in_the_training_leaves_the_earlier_submission(
    folder, recipe, monkeypatch, capsys
):
    def interrupted(*arguments):
        raise KeyboardInterrupt

    monkeypatch.setattr(sys.modules["rosenblatt.train.fit"], "train_step", interrupted)
    out = folder.parent / "mine.csv"
    out.write_text("earlier")
    words = ["submit", folder, "--recipe", recipe, "--out", out, "--threads", 1]
    assert main([str(word) for word in words]) == 130
    assert out.read_text() == "earlier"
    assert [path.name for path in folder.parent.glob("*.part")] == []


def test_a_place_that_cannot_be_written_is_found_before_the_training(folder, recipe, capsys):
    place = folder / "Xtr.csv" / "mine.csv"  # in a folder that is a file
    assert main(["submit", str(folder), "--recipe", str(recipe), "--out", str(place)]) == 2
    said = capsys.readouterr()
    assert "cannot be written" in said.err
    assert "training" not in said.out


PLACES = {
    "submit": ("--json", "--out", "--results"),
    "evaluate": ("--json", "--keep", "--worst", "--results"),
    "search": ("--json", "--out"),
    "curve": ("--json",),
    "report": ("--json", "--results"),
    "package": ("--out",),
    "reproduce": ("--json",),
    "leaderboard": ("--out",),
    "inspect": ("--out",),
    "gallery": ("--out",),
}


@pytest.mark.parametrize(
    ("command", "option"), [(name, option) for name in PLACES for option in PLACES[name]]
)
def test_every_place_to_write_is_checked_first(command, option, tmp_path, monkeypatch, capsys):
    """A folder that is a file, and for files a folder: one message, and nothing else is done."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "file").write_text("here")
    (tmp_path / "folder.png").mkdir()
    folder = option == "--results" or command == "gallery"
    for place in ["file", "file/below"] if folder else ["file/below.png", "folder.png"]:
        assert main([command, option, place]) == 2
        said = capsys.readouterr()
        assert said.err.startswith(f"error: {place}")
        assert "cannot be written" in said.err
        assert (said.err.count("\n"), said.out) == (1, "")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "folder.png"]


def test_a_damaged_ledger_is_found_before_the_training(folder, recipe, monkeypatch, capsys):
    monkeypatch.chdir(folder.parent)
    (folder.parent / "submissions").mkdir()
    (folder.parent / "submissions" / "ledger.csv").write_text("something else\n")
    assert main(["evaluate", str(folder), "--recipe", str(recipe), "--threads", "1"]) == 2
    said = capsys.readouterr()
    assert "ledger.csv" in said.err
    assert said.out == ""


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--recipe", "none.toml"], "none.toml"),
        (["--folds", "41"], "--folds 41"),
    ],
)
def test_wrong_options_are_one_line(folder, options, words, capsys):
    assert main(["evaluate", str(folder), *options]) == 2
    assert words in capsys.readouterr().err


@pytest.fixture
def final(folder, recipe, tmp_path, monkeypatch):
    """Return submissions/final.toml of a project in `tmp_path`, made by `submit`."""
    path = tmp_path / "submissions" / "final.toml"
    out = path.with_suffix(".csv")
    words = ["submit", folder, "--recipe", recipe, "--out", out, "--threads", 1]
    assert main([str(word) for word in words]) == 0
    [line] = ledger.read(path.with_name("ledger.csv"))
    table = {"challenge": "stripes", "data": line.data, "submission": line.file}
    rows = [f'{key} = "{value}"' for key, value in table.items()]
    path.write_text("\n".join([RECIPE, "[final]", *rows]))
    monkeypatch.chdir(tmp_path)
    return path


def test_reproduce_finds_the_final_submission_identical(final, capsys):
    before = final.with_suffix(".csv").read_bytes()
    assert main(["reproduce", "--threads", "1"]) == 0
    assert "identical" in capsys.readouterr().out
    assert final.with_name("reproduced.csv").read_bytes() == before
    assert main(["reproduce", "--threads", "1", "--out", "elsewhere/again.csv"]) == 0
    again = final.parents[1] / "elsewhere" / "again.csv"
    assert again.read_bytes() == before


def test_reproduce_names_the_rows_that_differ(final, capsys):
    csv = final.with_suffix(".csv")
    rows = csv.read_text().splitlines()
    rows[3] = "3,up" if rows[3] == "3,across" else "3,across"
    content = "\n".join(rows) + "\n"
    csv.write_text(content)
    right = final.read_text().splitlines()
    right[-1] = f'submission = "{hashlib.sha256(content.encode()).hexdigest()}"'
    final.write_text("\n".join(right))
    assert main(["reproduce", "--threads", "1"]) == 1
    said = capsys.readouterr().out
    assert "NOT identical" in said
    assert f"row 4: 3,{'across' if rows[3] == '3,up' else 'up'}, expected {rows[3]}" in said
    assert "1 rows differ" in said


def test_reproduce_refuses_other_data(final, folder, capsys):
    lines = (folder / "Xtr.csv").read_text().splitlines()
    (folder / "Xtr.csv").write_text("\n".join([lines[1], lines[0], *lines[2:]]) + "\n")
    assert main(["reproduce"]) == 2
    assert "data differ" in capsys.readouterr().err


def test_a_budget_keeps_the_best_so_far(folder, capsys, monkeypatch):
    """Each stage writes a submission and its line in the ledger; the last is the recipe's own."""
    monkeypatch.chdir(folder.parent)
    (folder.parent / "r.toml").write_text(
        "[[members]]\ncount = 2\nblocks = [[2]]\ndense = 0\nepochs = 3\nbatch_size = 2\n"
        '[[members]]\nkind = "kernel_perceptron"\nepochs = 1\n'
    )
    words = ["submit", str(folder), "--recipe", "r.toml", "--threads", "1"]
    assert main([*words, "--out", "a/plain.csv"]) == 0
    assert main([*words, "--out", "b/timed.csv", "--budget", "10m", "--json", "j.json"]) == 0
    assert (folder.parent / "a/plain.csv").read_bytes() == (
        folder.parent / "b/timed.csv"
    ).read_bytes()
    runs = ledger.read(folder.parent / "b/ledger.csv")
    assert len(runs) == 4  # a first result, one network, two, and the perceptron too
    found = json.loads((folder.parent / "j.json").read_text())
    assert found["recipe_digest"] == runs[-1].recipe
    assert found["budget"] == 600
    said = capsys.readouterr().out
    assert "network: 2 x 3 epochs" in said
    assert main([*words, "--budget", "1s", "--out", "b/short.csv"]) == 0
    assert "none: there is not enough time" in capsys.readouterr().out
    assert (folder.parent / "b/short.csv").exists()
    with pytest.raises(SystemExit):
        main([*words, "--budget", "soon"])


def test_a_budget_that_nothing_fits_into_is_refused(folder, recipe, capsys, monkeypatch):
    monkeypatch.setattr(budget.Costs, "of", lambda *anything: 240.0)
    out = folder.parent / "mine.csv"
    words = ["submit", str(folder), "--recipe", str(recipe), "--out", str(out)]
    assert main([*words, "--budget", "3s"]) == 2
    assert "takes about 240 s here" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.skipif(os.name == "nt", reason="needs alarms")
def test_a_stage_that_takes_too_long_is_broken_off(folder, recipe, capsys, monkeypatch):
    honest, out = run.predict, folder.parent / "mine.csv"

    def slow(output, challenge, stage, *how):
        if len(stage.members) == 2:
            time.sleep(60)
        return honest(output, challenge, stage, *how)

    monkeypatch.setattr(run, "predict", slow)
    monkeypatch.setattr(budget, "START", 0.0)
    monkeypatch.setattr(budget.Costs, "of", lambda *anything: 0.0)
    words = ["submit", str(folder), "--recipe", str(recipe), "--threads", "2", "--out", str(out)]
    assert main([*words, "--budget", "3s"]) == 0
    assert "the time is up" in capsys.readouterr().out
    assert out.exists()
