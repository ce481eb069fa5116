"""Kept results: the table says what the files say, and the README what the table says."""

import json
from pathlib import Path

import pytest

from rosenblatt.challenge import shipped
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.report import gallery_table
from rosenblatt.report.results import BEGIN, END, read_results, section, update_readme

ROOT = Path(__file__).parents[2]
COMMON = {
    "challenge": "mnist5k",
    "recipe": "digits",
    "recipe_digest": "ab" * 32,
    "data_digest": "cd",
    "cpu": "znver3",
    "threads": 2,
}
EVALUATION = COMMON | {
    "command": "evaluate",
    "seconds": 600.0,
    "folds": 5,
    "first": 5,
    "repeats": 2,
    "rows": 5000,
    "tried": 7,
    "ensemble": {"mean": 0.9942, "standard_error": 0.0011},
    "network 1/3": {"mean": 0.9897},
    "network 2/3": {"mean": 0.9925},
    "kernel_perceptron 3/3": {"mean": 0.95},  # no network: not counted
    "test": {"rows": 10000, "low": 0.9922, "high": 0.9961},
}
POINTS = [{"rows": r, "score": 1 - 3 / r, "standard_error": 0.001} for r in (100, 1000)]


@pytest.fixture
def folder(tmp_path):
    place = tmp_path / "report" / "results"
    place.mkdir(parents=True)
    (tmp_path / "report" / "published.toml").write_text(
        '[record.mnist5k]\naccuracy = 0.9897\nby = "scattering"\n'
        '[[curve]]\nname = "CNN"\nrows = [100, 1000]\nerror = [9.0, 3.0]\n'
    )
    (place / "a.json").write_text(json.dumps(EVALUATION))
    return place


def test_a_row_has_all_that_judges_a_score(folder):
    row = section(folder).splitlines()[2]
    for words in (
        "accuracy 0.9942 ± 0.0011 (5 folds x 2)",
        "0.9922 to 0.9961 (10,000)",
        "0.9911, 0.9925",
    ):
        assert f"| {words} |" in row
    assert "| 7 | 1.0 min a fold, 2 threads, znver3 | 0.9897, scattering |" in row
    (folder / "other.json").write_text('{"figures": []}')  # of another kind
    submission = COMMON | {"command": "submit", "seconds": 90.0, "file_digest": "ef"}
    (folder / "b.json").write_text(json.dumps(submission))
    assert "| 1.5 min, 2 threads, znver3 |" in section(folder)


def test_the_command_renews_readme_figures_and_recipes(folder, tmp_path, monkeypatch, capsys):
    curve = COMMON | {"command": "curve", "seconds": 5.0, "held": 500, "points": POINTS}
    (folder / "c.json").write_text(json.dumps(curve))
    recipes = tmp_path / "recipes"
    recipes.mkdir()
    (recipes / "r.toml").write_text("# Digits.\n[[members]]\n")
    digest = shipped.shipped_recipes(recipes)[0].digest
    (folder / "a.json").write_text(json.dumps(EVALUATION | {"recipe_digest": digest}))
    monkeypatch.setattr(shipped.shipped_recipes, "__defaults__", (recipes,))
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}stale\n{END}after\n{''.join(gallery_table.MARKS)}")
    assert main(["results", "--project", str(tmp_path)]) == 0
    text = readme.read_text()
    assert text.startswith(f"before\n{BEGIN}\n| challenge |")
    assert text.endswith(
        f"{END}after\n{gallery_table.MARKS[0]}\n{gallery_table.table(folder)}\n{gallery_table.MARKS[1]}"
    )
    assert "stale" not in text
    assert "(report/results/rows.svg)" in text
    assert (folder / "time.svg").read_text().startswith("<?xml")
    measured = shipped.shipped_recipes(recipes)[0].measured
    assert measured["tried"] == 7
    assert measured["once"] == {"seconds": 60, "of": "a fold", "threads": 2, "cpu": "znver3"}
    assert "| r `" in text  # the file's name, whatever the recipe calls itself
    before = (folder / "rows.svg").read_bytes()
    assert main(["results", "--project", str(tmp_path)]) == 0
    assert (text, before) == (readme.read_text(), (folder / "rows.svg").read_bytes())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "not a result"),
        ('{"command": "submit"}', "lacks file_digest"),
        ('{"command": "bake"}', "not a result"),
    ],
)
def test_mistakes(folder, text, words):
    (folder / "a.json").write_text(text)
    with pytest.raises(UserError, match=words):
        read_results(folder)
    readme = folder / "README.md"
    readme.write_text("no markers")
    with pytest.raises(UserError, match="has no lines"):
        update_readme(readme, "text")


def test_the_readme_is_up_to_date():
    place = ROOT / "report" / "results"
    text = f"{BEGIN}\n{section(place)}\n{END}"
    assert text in (ROOT / "README.md").read_text(encoding="utf-8")
