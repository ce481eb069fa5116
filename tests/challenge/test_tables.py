"""Tables are read by what their files hold, under any usual name, and said column by column."""

import csv
import os
import random
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.cli import main
from rosenblatt.data.text import MISSING, number
from rosenblatt.errors import UserError
from tests.challenge.folders import lines

ROWS = 60
DRAW = random.Random(3)
FEATURES = {
    "age": [str(DRAW.randint(17, 90)) if DRAW.random() > 0.1 else "" for _ in range(ROWS)],
    "job": [DRAW.choice(["State-gov", "Private", "?", "a, b", 'say "hi"']) for _ in range(ROWS)],
    "seen": [f"2026-{DRAW.randint(1, 12):02d}-{DRAW.randint(1, 28):02d}" for _ in range(ROWS)],
    "fare": [f"{DRAW.random() * 90:.3f}" for _ in range(ROWS)],
    "note": [f"row {row} tells\na story of {DRAW.random()}" for row in range(ROWS)],
    "genres": [DRAW.choice(["a|b", "a", "b|c", "c", "b"]) for _ in range(ROWS)],
}
LABELS = [DRAW.choice(["<=50K", ">50K"]) for _ in range(ROWS)]


def sheet(path, columns, **dress):
    """Write columns as a CSV."""
    rows = zip(*columns.values(), strict=True)
    with open(path, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, **dress)
        writer.writerow(columns)
        writer.writerows(rows)


def folder(path, train="train.csv", test="test.csv", sample="sample_submission.csv", **dress):
    """Write a challenge of typed columns, its Ids 1000, 1001, ... in both files."""
    path.mkdir(parents=True, exist_ok=True)
    ids = [str(1000 + 7 * row % ROWS) for row in range(ROWS)]
    half = {name: cells[:20] for name, cells in FEATURES.items()}
    sheet(path / train, {"Nr": ids, **FEATURES, "income": LABELS}, **dress)
    sheet(path / test, {"Nr": [str(2000 + row) for row in range(20)], **half}, **dress)
    if sample:
        lines(path / sample, ["Nr,income", *(f"{2019 - row},0.5" for row in range(20))])
    return path


@pytest.mark.parametrize(
    ("train", "test", "sample"),
    [
        ("train.csv", "test.csv", "sample_submission.csv"),
        ("train_final.csv", "test_final.csv", "sampleSubmission.csv"),
        ("adult.train", "adult.test", "gender_submission.csv"),
        ("Training.tsv", "unlabeled.tsv", "sample-submission.csv"),
        ("people.data", "dev.csv", "submission_format.csv"),
    ],
)
@pytest.mark.parametrize("mark", [",", ";", "\t"])
def test_files_are_found_by_the_words_in_their_names(tmp_path, train, test, sample, mark):
    challenge = load_challenge(folder(tmp_path, train, test, sample, delimiter=mark))
    assert challenge.kind == "table"
    assert isinstance(challenge.target, Classes)
    assert challenge.classes == ("<=50K", ">50K")
    assert [challenge.classes[label] for label in challenge.labels] == LABELS
    assert challenge.test_ids == tuple(str(2019 - row) for row in range(20))
    assert challenge.test["fare"].tolist() == [float(c) for c in FEATURES["fare"][19::-1]]
    kinds = {column.name: column.kind for column in challenge.columns}
    assert kinds == {"age": "number", "job": "category", "seen": "date", "fare": "number",
                     "note": "text", "genres": "choices"}  # fmt: skip


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_every_cell_is_what_was_written(tmp_path, ending):
    dress = {"lineterminator": ending, "quoting": csv.QUOTE_ALL}
    challenge = load_challenge(folder(tmp_path, **dress))
    for name, cells in FEATURES.items():
        for value, cell in zip(challenge.train[name], cells, strict=True):
            if name == "genres":
                assert value == tuple(cell.split("|"))
            elif name == "seen":
                assert str(value.date()) == cell
            elif value != value:
                assert cell in MISSING
            else:
                assert value == (number(cell) if name in ("age", "fare") else cell)


def test_labels_in_a_file_of_their_own_are_joined_by_id(tmp_path):
    wanted = load_challenge(folder(tmp_path / "a"))
    path = folder(tmp_path / "b")
    (path / "train.csv").unlink()
    (path / "test.csv").rename(path / "x_test.csv")
    ids = [str(1000 + 7 * row % ROWS) for row in range(ROWS)]
    sheet(path / "x_train.csv", {"Nr": ids, **FEATURES})
    pairs = sorted(zip(ids, LABELS, strict=True))
    lines(path / "y_train.csv", ["Nr,_INCOME", *(f"{name},{label}" for name, label in pairs)])
    found = load_challenge(path)
    assert found.labels.tolist() == wanted.labels.tolist()
    assert found.label_column == "income"
    assert found.train.equals(wanted.train)


def test_what_only_training_rows_have_is_named_and_left_out(tmp_path):
    path = folder(tmp_path)
    ids = [str(1000 + 7 * row % ROWS) for row in range(ROWS)]
    sheet(path / "train.csv", {"Nr": ids, **FEATURES, "casual": ids, "income": LABELS})
    found = load_challenge(path)
    assert "casual" not in found.train
    assert "column 'casual' is left out: it is not in test.csv" in found.notes


def test_quantities_are_values_by_their_numbers_or_by_the_metric(tmp_path):
    path = folder(tmp_path, sample="")
    prices = [f"{DRAW.random() * 1e5:.2f}" for _ in range(ROWS)]
    ids = [str(1000 + 7 * row % ROWS) for row in range(ROWS)]
    sheet(path / "train.csv", {"Id": ids, **FEATURES, "price": prices})
    half = {name: cells[:20] for name, cells in FEATURES.items()}
    sheet(path / "test.csv", {"Id": [str(row) for row in range(20)], **half})
    found = load_challenge(path)
    assert isinstance(found.target, Values)
    assert found.target.values[:, 0].tolist() == [float(price) for price in prices]
    assert found.metric == "rmse"
    assert any(note.startswith("price is a quantity") for note in found.notes)
    (path / "challenge.toml").write_text('metric = "accuracy"\n')
    with pytest.raises(UserError, match="whole number"):
        load_challenge(path)


def test_a_date_that_is_the_id_is_learned_from(tmp_path):
    moments = [f"2011-01-{1 + row // 24:02d} {row % 24:02d}:00:00" for row in range(ROWS)]
    sheet(tmp_path / "train.csv", {"when": moments, "fare": FEATURES["fare"], "y": LABELS})
    sheet(tmp_path / "test.csv", {"when": moments[:20], "fare": FEATURES["fare"][:20]})
    lines(tmp_path / "sample_submission.csv", ["when,y", *(f"{m},0" for m in moments[:20])])
    found = load_challenge(tmp_path)
    assert found.train["when"].dt.hour.tolist() == [row % 24 for row in range(ROWS)]
    assert found.id_column == "when"


def test_columns_of_challenge_toml(tmp_path):
    path = folder(tmp_path)
    (path / "challenge.toml").write_text(
        '[columns]\nage = {type = "category", missing = ["17", "18"]}\nfare = "identifier"\n'
    )
    found = load_challenge(path)
    assert "fare" not in found.train
    assert set(found.train["age"].cat.categories) == {*FEATURES["age"]} - {"", "17", "18"}


def wide(path, header=True, hours=24):
    """Write three days of two quantities, the third after a gap, and two windows of 4 hours."""
    rows = ["Place,Date,Item," + ",".join(map(str, range(hours)))]
    for day in (1, 2, 5):
        for name, base in (("PM", 0), ("O3", 1000)):
            cells = [str(base + 100 * day + hour) for hour in range(hours)]
            rows.append(f"X  ,1/{day} 00:00,{name}   ,{','.join(cells)}")
    rows[1] = rows[1].replace("105", "#  ")
    lines(path / "train.csv", rows)
    lines(path / "test.csv", [f"id_{n},{name},{','.join([str(n)] * 4)}"
                              for n in (0, 1) for name in ("O3", "PM")])  # fmt: skip
    lines(path / "sample_submission.csv", ["index,answer", "id_1,0", "id_0,0"])
    (path / "challenge.toml").write_text(
        'metric = "rmse"\n[table]\nrows = "Item"\nwindow = 4\nhorizon = 2\ntarget = "PM"\n'
        'missing = ["#"]\n'
    )
    return path


def test_windows_of_hours_run_over_midnight_and_not_over_a_gap(tmp_path):
    found = load_challenge(wide(tmp_path))
    count = (48 - 5) + (24 - 5) - 1  # windows of two days, of one, less one without a value
    assert found.train.shape == (count, 8)
    assert found.target.values.shape == (count, 1)
    last = found.train["PM last known"].to_numpy()
    asked = found.target.values[:, 0]
    assert found.target.start == "PM last known"
    assert found.facts[0] == "times"
    within = asked % 100 >= 2
    assert (asked[within] - last[within])[asked[within] > 107].tolist() == [2] * int(
        (asked[within] > 107).sum()
    )
    assert found.test_ids == ("id_1", "id_0")
    assert found.test["O3 last known"].tolist() == [1, 0]
    assert not found.test.filter(like="change").to_numpy().any()


def test_changes_of_a_window_are_to_its_last_known_value(tmp_path):
    path = wide(tmp_path)
    text = (path / "test.csv").read_text().replace("PM,1,1,1,1", "PM,2,#,5,#")
    (path / "test.csv").write_text(text.replace("PM,0,0,0,0", "PM,#,#,#,#"))
    found = load_challenge(path)
    changes = [f"PM change since {hour} h before" for hour in (5, 4, 3)]
    assert found.test["PM last known"].tolist()[0] == 5
    assert found.test[changes].iloc[0].fillna(-1).tolist() == [3, -1, 0]
    middle = np.median(found.train["PM last known"])
    assert found.test["PM last known"].tolist()[1] == middle
    assert any("know no value of what is asked for: 1;" in note for note in found.notes)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("#", "!", r"row 2, column 9: '!' is not a number; .* missing of \[table\]"),
        ("1/2 00:00,O3", "1/2 00:00,O4", "the quantities from here on are others"),
        (",1/5 00:00,PM", ",1/5 00:00,O3", "O3 is there twice"),
    ],
)
def test_faults_of_wide_tables_are_named(tmp_path, old, new, message):
    path = wide(tmp_path)
    text = (path / "train.csv").read_text()
    assert old in text
    (path / "train.csv").write_text(text.replace(old, new))
    with pytest.raises(UserError, match=message):
        load_challenge(path)


@pytest.mark.parametrize(
    ("columns", "toml", "message"),
    [
        ({"income": LABELS[:20]}, 'target = "income"', "its column income holds values"),
        ({"fee": ["1"] * 20}, "", "'fee' only in test.csv"),
    ],
)
def test_a_test_file_with_too_much_is_refused(tmp_path, columns, toml, message):
    path = folder(tmp_path)
    half = {name: cells[:20] for name, cells in FEATURES.items()}
    ids = [str(2000 + row) for row in range(20)]
    sheet(path / "test.csv", {"Nr": ids, **half, **columns})
    if toml:
        (path / "challenge.toml").write_text(toml)
    with pytest.raises(UserError, match=message):
        load_challenge(path)


def test_a_comment_above_the_rows_and_full_stops_after_labels_are_read_and_said(tmp_path):
    rows = [f"{DRAW.randint(17, 90)}, {DRAW.choice('abc')}, {LABELS[row]}" for row in range(ROWS)]
    mixed = [row + "." * (place % 7 == 0) for place, row in enumerate(rows)]
    lines(tmp_path / "adult.train", ["# of 1994", *mixed])
    lines(tmp_path / "adult.test", ["|1x3 Cross validator", *(f"{row}." for row in rows[:20])])
    lines(tmp_path / "challenge.toml", ['target = "3"'])
    challenge = load_challenge(tmp_path)
    assert [challenge.classes[label] for label in challenge.labels] == LABELS
    assert challenge.train["1"].tolist() == [float(row.split(",")[0]) for row in rows]
    assert (len(challenge.test), [*challenge.test]) == (20, ["1", "2"])
    said = " ".join(challenge.notes)
    assert "adult.test: its first line, '|1x3 Cross validator', is a comment and left out" in said
    assert "adult.train: its first line, '# of 1994', is a comment" in said
    assert "what adult.test holds in that column is not looked at" in said
    assert "all but a full stop: <=50K and <=50K. as <=50K" in said
    (tmp_path / "challenge.toml").unlink()
    lines(tmp_path / "adult.train", rows)
    alone = load_challenge(tmp_path)
    assert alone.labels.tolist() == challenge.labels.tolist()
    assert "column 3 of adult.train, whose cells adult.test has with a full" in alone.notes[1]
    lines(tmp_path / "challenge.toml", ['target = "3"'])
    lines(tmp_path / "adult.test", [*(f"{row}." for row in rows[:20]), "20, a, perhaps"])
    with pytest.raises(UserError, match="column 3 holds 'perhaps', which is no label of adult"):
        load_challenge(tmp_path)


def test_columns_beyond_all_measure_are_refused_at_once(tmp_path):
    for name, label in (("train.csv", ",y"), ("test.csv", "")):
        names = ",".join(f"c{place}x" for place in range(200_001))
        lines(tmp_path / name, [names + label, "1" + ",1" * (200_000 + len(label) // 2)])
    with pytest.raises(UserError, match=r"row 1: has 200,00\d columns, more than 200,000; leave"):
        load_challenge(tmp_path)


def test_inspect_prints_a_line_for_each_column_and_draws_them(tmp_path, capsys):
    path = folder(tmp_path / "data")
    out = tmp_path / "sheet.png"
    assert main(["inspect", str(path), "--out", str(out)]) == 0
    said = capsys.readouterr().out.splitlines()
    shown = [line.split()[1] for line in said if line.startswith("column   ")]
    assert shown == [f"{name}:" for name in FEATURES]
    missing = FEATURES["age"].count(""), FEATURES["age"][:20].count("")
    assert any(f"missing {missing[0]} + {missing[1]}" in line for line in said)
    assert out.read_bytes().startswith(b"\x89PNG")


def test_inspect_begins_a_challenge_toml_that_changes_nothing(tmp_path, capsys):
    path = folder(tmp_path / "data")
    before = load_challenge(path)
    options = ["inspect", str(path), "--out", str(tmp_path / "sheet.png"), "--write"]
    assert main(options) == 0
    written = (path / "challenge.toml").read_text("utf-8")
    assert '# "job" = {type = "category", missing = ["?"]}' in written
    assert load_challenge(path).train.equals(before.train)
    told = written.replace('# "', '"').replace('"identifier"', '"number"')
    (path / "challenge.toml").write_text(told, "utf-8")
    assert load_challenge(path).train.equals(before.train)
    assert main(options) == 2
    assert "is there already" in capsys.readouterr().err


def test_pandas_is_loaded_where_a_table_is_read_and_nowhere_else():
    code = (
        "import sys; from rosenblatt.cli import main;"
        "main(['recipes']); main(['inspect', 'data/digits', '--out', sys.argv[1]]);"
        "sys.exit('pandas' in sys.modules)"
    )
    root = Path(__file__).parents[2]
    found = subprocess.run(
        [sys.executable, "-c", code, "/dev/null/x.png"], capture_output=True, cwd=root,
        env={**os.environ, "PYTHONPATH": str(root / "src")},
    )  # fmt: skip
    assert found.returncode == 0, found.stderr


def test_a_challenge_of_a_table_is_learned_from(tmp_path, monkeypatch):
    path = folder(tmp_path / "data")
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate", str(path), "--threads", "1"]) == 0
    assert np.isfinite(load_challenge(path).labels).all()
