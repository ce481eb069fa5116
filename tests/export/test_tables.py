"""Models of tables as scripts: typed cells, features and learners answer as the originals do."""

import csv

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.new_rows import read_new_rows
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.classic import BoostedTreesRegressor, RandomForestClassifier
from rosenblatt.data.schema import Column
from rosenblatt.export.script import export
from rosenblatt.export.twins import features, files, tables
from rosenblatt.export.twins.parts import Part, UnfitError
from rosenblatt.export.twins.trees import boosted_values, forest_classes
from rosenblatt.members.linear import LinearMember
from rosenblatt.pipeline.model import Model
from rosenblatt.train.workers import Workers
from tests.challenge.folders import lines
from tests.challenge.test_tables import wide
from tests.export.test_script import run_alone
from tests.pipeline import test_model as kept


def rows_of(path):
    with open(path, newline="") as file:
        return list(csv.reader(file))


@pytest.mark.parametrize(("way", "start"), [("classes", 0), ("values", 0.25), ("values", 1e12)])
def test_a_script_answers_as_its_model_of_a_table(way, start, tmp_path):
    folder = kept.tables(tmp_path / "data", way == "values", start)
    challenge = load_challenge(folder)
    found = pipeline.predict(challenge, kept.TABLES[way], Workers(), keep=True)
    model = Model.of(challenge, kept.TABLES[way], found, {"score": None})
    script, _ = export(model, tmp_path / "run.py")
    header, *rows = (folder / "test.csv").read_text().splitlines()
    turned = [",".join(line.split(",")[::-1]) for line in (header, *rows[::-1])]
    lines(folder / "test.csv", turned)  # rows by Id, columns by name
    run_alone(script, str(folder), "--out", "made.csv")
    (_, name), *made = rows_of(tmp_path / "made.csv")
    assert name == "answer"
    answers = dict(made)
    assert [*answers] == [*challenge.test_ids][::-1]
    mine = [answers[key] for key in challenge.test_ids]
    if way == "classes":
        assert mine == [challenge.classes[place] for place in found.rows]
    else:
        made, wanted = np.array(mine, float) - start, found.rows - start
        rounded = 1e-5 + 4 * np.spacing(start)
        np.testing.assert_allclose(made, wanted, rtol=1e-5, atol=rounded)


def test_a_script_answers_as_its_model_of_hours(tmp_path):
    folder = wide(tmp_path / "data")
    test = (folder / "test.csv").read_text().replace("PM,1,1,1,1", "PM,2,#,5,#")
    (folder / "test.csv").write_text(test.replace("PM,0,0,0,0", "PM,#,#,#,#"))
    challenge, recipe = load_challenge(folder), Recipe(members=(LinearMember(),))
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    model = Model.of(challenge, recipe, found, {"score": None})
    new = read_new_rows(folder / "test.csv", model.expected)
    assert new.ids == ("id_0", "id_1")
    assert any("know no value of what is asked for: 1;" in note for note in new.notes)
    np.testing.assert_array_equal(model.answers(new), found.rows[::-1])
    script, _ = export(model, tmp_path / "run.py")
    run_alone(script, str(folder), "--out", "made.csv")
    made = rows_of(tmp_path / "made.csv")[1:]
    assert [key for key, _ in made] == ["id_1", "id_0"]
    np.testing.assert_allclose([float(value) for _, value in made], found.rows, rtol=1e-6)


@pytest.mark.parametrize("way", ["no header", "Id that is learned from, decimal commas"])
def test_unusual_files_are_read_by_predict_and_by_the_script(way, tmp_path):
    rng, folder = np.random.default_rng(0), tmp_path / "data"
    numbers = [f"{number:.3f}" for number in rng.normal(size=40)]
    if way == "no header":
        rows = [f"{'uvw'[place % 3]},{number}" for place, number in enumerate(numbers)]
        lines(folder / "train.csv", [f"{row},{int(',-' in row)}" for row in rows[:30]])
        lines(folder / "test.csv", rows[30:])
        (folder / "challenge.toml").write_text('header = false\ntarget = "3"\n')
        ids = None
    else:
        ids = [f"2020-01-{1 + place // 24:02d} {place % 24:02d}:00" for place in range(40)]
        rows = [f"{key};{text.replace('.', ',')}" for key, text in zip(ids, numbers, strict=True)]
        taught = [f"{row};{place},5" for place, row in enumerate(rows[:30])]
        lines(folder / "train.csv", ["when;size;y", *taught])
        lines(folder / "test.csv", ["when;size", *rows[30:]])
        ids = ids[30:]
        lines(folder / "sample_submission.csv", ["when,y", *(f"{key},0" for key in ids[::-1])])
    challenge, recipe = load_challenge(folder), Recipe(members=(LinearMember(penalty=0.01),))
    found = pipeline.predict(challenge, recipe, Workers(), keep=True)
    model = Model.of(challenge, recipe, found, {"score": None})
    new = read_new_rows(folder / "test.csv", model.expected)
    assert [*(new.ids or ())] == (ids or [])
    np.testing.assert_array_equal(model.answers(new), found.rows[:: -1 if ids else 1])
    script, _ = export(model, tmp_path / "run.py")
    run_alone(script, str(folder), "--out", "made.csv")
    keys, made = zip(*rows_of(tmp_path / "made.csv")[1:], strict=True)
    assert keys == challenge.test_ids
    np.testing.assert_allclose(np.array(made, float), found.rows, rtol=1e-6)


def column(kind, **facts):
    return Part("", {**vars(Column("c", kind, "")), **facts})


def test_cells_are_typed_as_the_schema_says():
    read = {
        "number": tables.typed(column("number", missing=("-",)), ["1e2", "-", "", "NA"], "f"),
        "code": tables.typed(column("code", levels=("3", "01", "1")), ["1", "3.0", "7", "?"], "f"),
        "category": tables.typed(column("category", levels=("NA", "x")), ["x", "NA", "z", ""], "f"),
        "boolean": tables.typed(column("boolean"), ["1", "0", ""], "f"),
    }
    np.testing.assert_array_equal(read["number"].values, [100, np.nan, np.nan, np.nan])
    np.testing.assert_array_equal(read["code"].codes, [0, 1, 2, -1])
    np.testing.assert_array_equal(read["category"].codes, [1, 0, 2, -1])
    np.testing.assert_array_equal(read["boolean"].values, [1, 0, np.nan])
    found = tables.typed(column("date", format="%d.%m. %H:%M %z"), ["29.02. 01:30 +0200", ""], "f")
    np.testing.assert_array_equal(found.values, np.array(["2000-02-28T23:30", "NaT"], "M8[s]"))
    several = tables.typed(column("choices", mark="|"), ["a | b", "", "b|"], "f")
    assert [*several.values] == [("a", "b"), None, ("b",)]
    for kind, text in (("number", "1_0"), ("number", "inf"), ("date", "today")):
        with pytest.raises(UnfitError, match=f"f: column 'c': '{text}' is no {kind}"):
            tables.typed(column(kind, format="%Y"), ["", text], "f")


@pytest.mark.parametrize(("unit", "parted"), [("$", True), ("%", False), ("km", 0), ("", True)])
def test_numbers_in_dress_are_read_as_they_were_learned(unit, parted):
    texts = [
        "$1,234.5",
        "-$7",
        "12",
        "1,234,567",
        "12,34",
        "5 %",
        "3km",
        "\u22123",
        ".5$",
        "$",
        "x",
    ]
    known = Column("c", "number", "", unit=unit, parted=parted)
    for text in texts:
        if np.isnan(value := known.number(text)):
            with pytest.raises(ValueError):  # noqa: PT011
                tables.finite(text, Part("", vars(known)))
        else:
            assert tables.finite(text, Part("", vars(known))) == value


@pytest.mark.parametrize("text", ['# of 2020\nId;a\nu;1,5\nv; "2"\n', "Id|a\nu|1.5\n\nv|2\n"])
def test_the_files_of_other_countries_are_read(text, tmp_path):
    (tmp_path / "x.csv").write_text("\ufeff" + text, encoding="utf-8")
    model = Part("", {"header": ["Id", "y"]})
    found = files.read_columns(model, tmp_path / "x.csv", ["a"], [], [])
    assert found == ([["1.5", "2"]], ["u", "v"])


def test_columns_are_found_by_name_or_refused(tmp_path):
    def model(*names, own="Id"):
        columns = [column("number", name=name) for name in names]
        return Part("", {"expected": Part("", {"columns": columns}), "header": [own, "y"]})

    (tmp_path / "x.csv").write_text("when,b,a\n1,2,3\n4,,6\n")
    found, ids = tables.read_table(None, model("a", "b", "when", own="when"), tmp_path / "x.csv")
    np.testing.assert_array_equal(found["b"].values, [2, np.nan])
    assert ids == ["1", "4"]  # an Id that is learned from as well
    with pytest.raises(UnfitError, match=r"has no column 'c', of which the model learned"):
        tables.read_table(None, model("a", "c"), tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("u,2,3\nv,4,6\n")
    found, ids = tables.read_table(None, model("1", "2"), tmp_path / "x.csv")
    np.testing.assert_array_equal(found["2"].values, [3, 6])
    assert ids == ["u", "v"]
    with pytest.raises(UnfitError, match=r"has 3 columns, and 5 are wanted"):
        tables.read_table(None, model(*"12345"), tmp_path / "x.csv")


def test_dates_are_taken_apart_as_the_calendar_has_them():
    texts = ["2024-02-29T23:59:59", "1969-12-31T01:00:00", "2000-01-03T00:00:00"]
    moments = tables.Column(np.array([*texts, "NaT"], "datetime64[s]"))
    wanted = {"year": [2024, 1969, 2000], "month": [2, 12, 1], "day": [29, 31, 3],
              "day_of_week": [3, 2, 0], "hour": [23, 1, 0]}  # fmt: skip
    for what, numbers in wanted.items():
        np.testing.assert_array_equal(features.date_part(moments, what), [*numbers, np.nan])


def test_trees_send_rows_where_they_went():
    rng = np.random.default_rng(0)
    x = np.column_stack([rng.normal(size=80), rng.integers(0, 300, 80), rng.integers(0, 4, 80)])
    x[rng.random(x.shape) < 0.1] = np.nan
    new = np.vstack([x, [[np.nan, 999, 77], [9, 0, np.nan], [-9, 299, 3]]])
    asked = new.astype(np.float32)
    y = np.nan_to_num(x)
    for machine, twin, truth in (
        (BoostedTreesRegressor(categorical=(1, 2), rounds=20), boosted_values, y[:, :2]),
        (RandomForestClassifier(categorical=(1, 2), trees=9), forest_classes, y[:, 2]),
        (RandomForestClassifier(categorical=(2,), trees=5), forest_classes, y[:, 0] > 0),
    ):
        machine.fit(x.astype(np.float32), truth)
        wanted = getattr(machine, "predict_proba", machine.predict)(asked)
        np.testing.assert_allclose(twin(Part("", vars(machine)), asked), wanted, atol=1e-5)
