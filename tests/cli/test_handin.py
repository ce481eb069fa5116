"""From a submission to the final one: ledger, hand-ins, quota, final.toml."""

import hashlib
import io
import json
import shutil
import sys
from dataclasses import replace
from datetime import datetime

import pytest

from rosenblatt.challenge import handin, kaggle, load_challenge, lock
from rosenblatt.challenge.ledger import Run, append, read
from rosenblatt.challenge.recipe import SHIPPED, read_final, read_recipe
from rosenblatt.challenge.recipe_file import keep_recipe
from rosenblatt.cli import main
from rosenblatt.cli.run import conditions
from rosenblatt.errors import UserError
from tests.challenge.folders import lines, small_course

RECIPE = read_recipe(SHIPPED / "small_digits.toml")


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Make a project with a challenge and a submission `a.csv` as `submit` leaves it."""
    folder = small_course(tmp_path / "data" / "small")
    monkeypatch.chdir(tmp_path)
    for name, labels in (("a", "010"), ("b", "011"), ("c", "111")):
        rows = [f"{place},{label}" for place, label in enumerate(labels, 1)]
        lines(tmp_path / "submissions" / f"{name}.csv", ["Id,Prediction", *rows])
        digest = hashlib.sha256((tmp_path / "submissions" / f"{name}.csv").read_bytes()).hexdigest()
        keep_recipe(tmp_path / "submissions", RECIPE)
        run = Run("submit data/small", RECIPE.digest, load_challenge(folder).digest, file=digest)
        append(tmp_path / "submissions" / "ledger.csv", run)
    return tmp_path


def test_the_third_of_a_day_is_refused(desk, capsys):
    assert main(["submitted", "submissions/a.csv", "--public", "0.98"]) == 0
    said = capsys.readouterr().out
    assert "2 hand-ins a day (no challenge.toml says so: assumed)" in said
    assert "1 of 2 left" in said
    assert main(["submitted", "submissions/b.csv", "--public", "0.97"]) == 0
    assert main(["submitted", "submissions/c.csv"]) == 2
    said = capsys.readouterr().err
    assert "2 submissions of" in said
    assert "a.csv at" in said
    assert main(["submitted", "submissions/c.csv", "--force"]) == 0
    assert "forced: " in capsys.readouterr().out
    noted = [run for run in read("submissions/ledger.csv") if run.command.startswith("submitted")]
    assert [run.public for run in noted] == [0.98, 0.97, None]
    assert {run.recipe for run in noted} == {RECIPE.digest}


def test_the_quota_is_the_challenges_and_the_day_is_utc(desk, capsys):
    (desk / "data" / "small" / "challenge.toml").write_text("quota = 1\n")
    runs = [
        Run("submitted a.csv", data="d", time="2016-01-10T23:59:59Z"),
        Run("submitted a.csv", data="d", time="2016-01-11T00:00:01Z"),
        Run("submitted a.csv", data="other", time="2016-01-11T00:00:01Z"),
        Run("submit x", data="d", time="2016-01-11T00:00:01Z"),
    ]
    for clock in ("2016-01-11T00:30:00+00:00", "2016-01-10T19:30:00-05:00"):
        assert handin.handins(runs, "d", datetime.fromisoformat(clock)) == runs[1:2]
    assert main(["submitted", "submissions/a.csv"]) == 0
    assert "assumed" not in capsys.readouterr().out
    assert main(["submitted", "submissions/b.csv"]) == 2


def test_a_file_system_without_locks_is_told_first(desk, capsys, monkeypatch):
    monkeypatch.setattr(lock, "has_locks", lambda path: False)
    assert main(["submitted", "submissions/a.csv"]) == 0
    assert "ledger.csv has no locks: do not let two commands" in capsys.readouterr().err


def test_the_same_file_again_is_asked_about(desk, capsys, monkeypatch):
    again = ["submitted", "submissions/a.csv"]
    assert main([*again, "--public", "0.98"]) == 0
    assert "submitted submissions/a.csv --undo" in capsys.readouterr().out
    assert main(again) == 2
    assert "--again notes one more" in capsys.readouterr().err
    monkeypatch.setattr(sys, "stdin", io.StringIO("no\ny\n"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert main(again) == 2
    assert "nothing was noted" in capsys.readouterr().err
    assert main(again) == 0
    assert main([*again, "--undo"]) == 0
    assert main([*again, "--public", "0.97", "--correct"]) == 0
    assert main([*again, "--correct"]) == 2
    assert main([*again, "--undo", "--public", "1"]) == 2
    runs = handin.standing(read("submissions/ledger.csv"), read("submissions/ledger.csv")[0].data)
    assert [run.public for run in runs] == [0.97]


@pytest.mark.parametrize(("metric", "score"), [("matthews", "-0.5"), ("log_loss", "3.25")])
def test_a_score_may_be_what_the_metric_may_be(desk, capsys, metric, score):
    (desk / "data" / "small" / "challenge.toml").write_text(f'metric = "{metric}"\n')
    assert main(["submitted", "submissions/a.csv", f"--public={score}"]) == 0
    assert read("submissions/ledger.csv")[-1].public == float(score)
    assert main(["submitted", "submissions/a.csv", "--public=-2", "--correct"]) == 2


@pytest.mark.parametrize("score", ["98.71", "-1", "nan"])
def test_a_score_is_a_share(desk, capsys, score):
    assert main(["submitted", "submissions/a.csv", f"--public={score}"]) == 2
    assert "0.9871" in capsys.readouterr().err


def test_a_file_of_unknown_origin_needs_its_challenge(desk, capsys):
    lines(desk / "submissions" / "z.csv", ["Id,Prediction", "1,1", "2,1", "3,0"])
    assert main(["submitted", "submissions/z.csv"]) == 2
    assert "leave it unedited" in capsys.readouterr().err
    assert main(["submitted", "submissions/z.csv", "data/small"]) == 0
    assert main(["submitted", "submissions/z.csv", "--public", "0.5"]) == 0  # known from now on
    assert main(["submitted", "submissions/z.csv", "--undo"]) == 0
    assert main(["final", "submissions/z.csv"]) == 2
    assert "no recipe is known for it" in capsys.readouterr().err


def test_upload_checks_then_hands_in_then_notes(desk, capsys, monkeypatch):
    sent = []
    monkeypatch.setattr(kaggle, "submissions", lambda name: [])
    monkeypatch.setattr(kaggle, "scored", lambda *words: None)
    monkeypatch.setattr(kaggle, "upload", lambda *words: sent.append(words) or "Successfully")
    assert main(["upload", "submissions/a.csv", "--competition", "mva"]) == 0
    assert sent[0][1:] == ("mva", f"rosenblatt recipe {RECIPE.digest[:8]}")
    assert main(["submitted", "submissions/a.csv", "--public", "0.5"]) == 0
    assert "score of its hand-in" in capsys.readouterr().out
    assert main(["submitted", "submissions/b.csv"]) == 0
    assert main(["upload", "submissions/c.csv", "--competition", "mva"]) == 2
    lines(desk / "submissions" / "bad.csv", ["Id,Prediction", "1,7"])
    assert main(["upload", "submissions/bad.csv", "data/small", "--competition", "mva"]) == 2
    assert "label '7' is not one of" in capsys.readouterr().err
    assert len(sent) == 1

    def refuse(*words):
        raise UserError("Kaggle refused it")

    monkeypatch.setattr(kaggle, "upload", refuse)
    assert main(["submitted", "submissions/b.csv", "--undo"]) == 0
    assert main(["upload", "submissions/c.csv", "--competition", "mva"]) == 2
    assert main(["submitted", "submissions/c.csv"]) == 0  # the refused one did not count


def test_final(desk):
    assert main(["final", "submissions/b.csv"]) == 0
    path = desk / "submissions" / "final.toml"
    final = read_final(path)
    assert read_recipe(path) == RECIPE
    assert final.challenge == "data/small"
    assert final.data == load_challenge(desk / "data" / "small").digest
    content = (desk / "submissions" / "final.csv").read_bytes()
    assert content == (desk / "submissions" / "b.csv").read_bytes()
    assert hashlib.sha256(content).hexdigest() == final.submission


def test_final_keeps_no_path_of_this_machine(desk, capsys):
    outside = small_course(desk.parent / f"{desk.name} elsewhere" / "my digits")
    run = read("submissions/ledger.csv")[-1]
    append("submissions/ledger.csv", replace(run, folder=str(outside), command="submit --quick"))
    assert main(["final", "submissions/c.csv"]) == 2
    said = capsys.readouterr().err
    assert "lies outside the project" in said
    assert f"Copy it to {desk / 'data' / 'my digits'}" in said
    shutil.copytree(outside, desk / "data" / "my digits")
    assert main(["final", "submissions/c.csv", "data/my digits"]) == 0
    assert "a trial run (--quick)" in capsys.readouterr().out
    assert read_final("submissions/final.toml").challenge == "data/my digits"
    assert str(desk) not in (desk / "submissions" / "final.toml").read_text()
    lines(desk / "data" / "my digits" / "Xte.csv", ["1"])
    small_course(desk / "data" / "other")
    (desk / "data" / "other" / "challenge.toml").write_text('classes = ["0", "1", "2"]\n')
    assert main(["final", "submissions/c.csv", "data/other"]) == 2
    assert "written for other data" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("submit data", []),
        ("submit data --seed=3 --set network.epochs=2", ["another seed", "other settings"]),
        ("submit --qui data --budget 5m", ["trial run", "cut to a time"]),
        ("submit data --recipe --split", []),
    ],
)
def test_conditions_of_a_run(words, said):
    found = conditions(Run(words, folder="data"))
    assert len(found) == len(said)
    assert all(text in note for text, note in zip(said, found, strict=True))
    assert "does not say" in conditions(Run("submit data"))[0]


def test_final_refuses_other_data_and_edited_files(desk, capsys):
    lines(desk / "data" / "small" / "Ytr.csv", ["Id,Prediction", *(f"{i},1" for i in range(2, 7))])
    lines(desk / "submissions" / "b.csv", ["Id,Prediction", "1,1", "2,1", "3,0"])
    assert main(["final", "submissions/b.csv"]) == 2
    assert "leave it unedited" in capsys.readouterr().err
    small_course(desk / "data" / "small")
    (desk / "data" / "small" / "challenge.toml").write_text('classes = ["0", "1", "2"]\n')
    assert main(["final", "submissions/a.csv"]) == 2
    assert "data have changed" in capsys.readouterr().err
    assert not (desk / "submissions" / "final.toml").exists()


def test_ledger(desk, capsys):
    assert main(["submitted", "submissions/a.csv", "--public", "0.98"]) == 0
    capsys.readouterr()
    assert main(["ledger", "--last", "2", "--json", "-"]) == 0
    said = capsys.readouterr()
    runs = json.loads(said.out)["runs"]
    assert [run["command"] for run in runs] == ["submit data/small", "submitted a.csv"]
    assert "0.9800" in said.err
    assert "2 of 4 lines" in said.err
    assert main(["ledger", "nowhere.csv"]) == 2
