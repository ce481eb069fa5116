"""`leaderboard` and `recipes`: tables that say what the files say."""

import json

from rosenblatt.challenge.recipe import SHIPPED, read_recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.challenge.shipped import shipped_recipes
from rosenblatt.cli import main
from tests.challenge.folders import lines, small_course


def boards(tmp_path):
    folder = small_course(tmp_path / "data")
    solution = [
        f"{place},{place % 2},{'Public' if place < 5 else 'Private'}" for place in range(12)
    ]
    lines(folder / "solution.csv", ["Id,Prediction,Usage", *solution])
    for name, right in (("good", range(12)), ("lucky", range(6)), ("bad", range(3, 7))):
        rows = [f"{place},{(place + (place not in right)) % 2}" for place in range(12)]
        lines(tmp_path / "submissions" / f"{name}.csv", ["Id,Prediction", *rows])
    lines(tmp_path / "submissions" / "ledger.csv", ["not a submission"])
    return folder


def test_leaderboard(tmp_path, capsys, monkeypatch):
    folder = boards(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main(["leaderboard", str(folder), "--json", "-"]) == 0
    said = capsys.readouterr()
    found = json.loads(said.out)
    assert found["scores"]["good"] == {"public": 1, "private": 1, "overall": 1}
    assert found["scores"]["lucky"]["public"] == 1
    assert found["scores"]["lucky"]["private"] == 1 / 7
    assert found["scores"]["bad"]["private"] == 2 / 7
    places = {line.split()[0]: line.split()[3:5] for line in said.err.splitlines()[2:5]}
    assert places == {"good": ["1", "1.5"], "bad": ["2", "3"], "lucky": ["3", "1.5"]}
    picture = (tmp_path / "submissions" / "leaderboard.pdf").read_bytes()
    assert picture.startswith(b"%PDF")
    assert main(["leaderboard", str(folder), "submissions/good.csv", "--out", "one.svg"]) == 0
    assert main(["leaderboard", str(folder)]) == 0
    assert (tmp_path / "submissions" / "leaderboard.pdf").read_bytes() == picture


def test_leaderboard_without_files(tmp_path, capsys, monkeypatch):
    folder = boards(tmp_path)
    monkeypatch.chdir(folder)
    assert main(["leaderboard", "."]) == 2
    assert "holds no submission" in capsys.readouterr().err
    assert main(["leaderboard", ".", "../submissions/good.csv", "--out", "x.gif"]) == 2
    assert "name it so" in capsys.readouterr().err


def test_recipes_are_listed(capsys):
    assert main(["recipes", "--json", "-"]) == 0
    said = capsys.readouterr()
    listed = json.loads(said.out)["recipes"]
    assert set(listed) == {path.stem for path in SHIPPED.glob("*.toml")}
    assert all(recipe["purpose"] for recipe in listed.values())


def test_figures_belong_to_the_recipe_as_it_is(tmp_path):
    recipe = read_recipe(SHIPPED / "small_digits.toml")
    (tmp_path / "a.toml").write_text(f"# Digits.\n{to_toml(recipe)}")
    figures = {"recipe_digest": recipe.digest, "once": {}}
    (tmp_path / "a.json").write_text(json.dumps(figures))
    assert shipped_recipes(tmp_path)[0].measured == figures
    (tmp_path / "a.json").write_text(json.dumps(figures | {"recipe_digest": "of another time"}))
    assert shipped_recipes(tmp_path)[0].measured is None
    assert shipped_recipes(tmp_path)[0].purpose == "Digits."
