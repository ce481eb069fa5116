"""`explain`: the columns that a recipe goes by, as a user asks for them."""

import json

import numpy as np
import pandas
import pytest

from rosenblatt.challenge.target import Classes
from rosenblatt.cli import main
from rosenblatt.pipeline.explain import Explanation
from rosenblatt.report.explained import write_explanation
from tests.challenge.folders import course


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Go to a folder with a table whose label is one of its columns, under noise."""
    rng = np.random.default_rng(0)
    table = pandas.DataFrame({
        "size": rng.random(120).round(3),
        "price$": rng.random(120).round(3),
        "where": np.array(["near", "far"])[rng.integers(0, 2, 120)],
    })  # fmt: skip
    sure = rng.random(120) < 0.95
    table["label"] = np.where((table["where"] == "near") == sure, "yes", "no")
    (tmp_path / "data").mkdir()
    table.to_csv(tmp_path / "data" / "train.csv", index_label="Id")
    table.drop(columns="label").to_csv(tmp_path / "data" / "test.csv", index_label="Id")
    monkeypatch.chdir(tmp_path)
    return tmp_path


WORDS = ["explain", "data", "--recipe", "trees", "--set", "boosting.rounds=20", "--threads", "1"]


def test_the_column_that_tells_is_named_first_and_drawn(place, capsys):
    assert main([*WORDS, "--out", "e.svg", "--json", "-"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    importance = {name: np.mean(lost) for name, lost in found["importance"].items()}
    assert next(iter(importance)) == "where"
    assert importance["where"] > 0.2 > abs(importance["size"])
    assert found["score"] > 0.8
    assert (place / "e.svg").read_text().startswith("<?xml")
    assert main([*WORDS, "--out", "f.svg"]) == 0
    assert (place / "e.svg").read_bytes() == (place / "f.svg").read_bytes()


def test_a_learned_metric_is_told_and_evaluate_draws_it(place, capsys):
    metric = ["data", "--recipe", "metric", "--threads", "1", "--json", "-"]
    assert main(["explain", *metric, "--out", "e.svg"]) == 0
    counts = json.loads(capsys.readouterr().out)["learned_metric"]
    assert counts["where = near"] == pytest.approx(counts["where = far"], rel=1e-3)
    assert max(counts["size"], counts["price$"]) < counts["where mean of answer 1"]
    assert main(["evaluate", *metric, "--folds", "2", "--plots", "plots"]) == 0
    assert (place / "plots" / "columns.png").read_bytes().startswith(b"\x89PNG")


def test_what_a_report_keeps_draws_the_same_picture(tmp_path):
    """Evidence holds it as JSON; a level and a date are texts there, a number stays one."""
    along = [(np.array(["far", "near"]), np.eye(2)), (np.array([0.5, 2.0]), np.eye(2))]
    found = Explanation(0.5, ["where", "size"], np.ones((2, 3)), along, {"where = far": 1.0})
    again = Explanation.from_json(json.loads(json.dumps(found.to_json())))
    for name, one in (("a.svg", found), ("b.svg", again)):
        write_explanation(tmp_path / name, one, "accuracy", Classes(np.zeros(1), ("n", "y")), 1)
    assert (tmp_path / "a.svg").read_bytes() == (tmp_path / "b.svg").read_bytes()


def test_what_has_no_columns_is_refused(place, capsys):
    course(place / "pixels", np.zeros((30, 64)), (np.arange(30) % 2).tolist(), np.zeros((5, 64)))
    assert main(["explain", "pixels", "--recipe", "small_digits", "--quick"]) == 2
    assert "no columns to explain" in capsys.readouterr().err
