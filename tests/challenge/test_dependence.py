"""Folds as --split or challenge.toml says, and a word where random ones promise too much."""

import json

import numpy as np
import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.dependence import flattering, groups_of
from rosenblatt.challenge.recipe import Final, Recipe
from rosenblatt.challenge.recipe_file import to_toml
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.members.boosting import BoostingMember
from rosenblatt.pipeline import split_rows
from rosenblatt.report.evidence import load_evidence
from rosenblatt.report.measured import values

RNG = np.random.default_rng(3)
ROWS, ASKED = 120, 40


def students(folder, apart=True):
    """Write a challenge in which each student has three rows, and those asked for have others."""
    folder.mkdir()
    first = 40 if apart else 0
    lines = [f"{row // 3:04}_{row % 3},s{row // 3},{2000 + row // 60},{row % 7},{'ny'[row % 2]}"
             for row in range(ROWS)]  # fmt: skip
    asked = [f"{first + row // 3:04}_{row % 3 + 5},s{first + row // 3},{2000 + row % 2},{row % 7}"
             for row in range(ASKED)]  # fmt: skip
    (folder / "train.csv").write_text("\n".join(["Id,student,year,x,passed", *lines, ""]))
    (folder / "test.csv").write_text("\n".join(["Id,student,year,x", *asked, ""]))
    return folder


def hours(folder, last):
    """Write a challenge of hours, of which the last are asked for, or some of all."""
    folder.mkdir()
    start = np.datetime64("2020-01-01T00:00", "m")
    asked = np.arange(ROWS + ASKED) >= ROWS
    if not last:
        asked = RNG.permutation(asked)
    for name, rows in (("train", np.flatnonzero(~asked)), ("test", np.flatnonzero(asked))):
        head = "Id,when,x" + ",y" * (name == "train")
        lines = [f"{row + 7},{start + 60 * row},{row % 5}" + f",{'ny'[row % 2]}" * (name == "train")
                 for row in RNG.permutation(rows)]  # fmt: skip
        (folder / f"{name}.csv").write_text("\n".join([head, *lines, ""]))
    return folder


def split(challenge, how, folds=5):
    return split_rows(challenge, how, folds, np.random.default_rng(1))


def test_students_of_several_rows_are_found_and_kept_together(tmp_path):
    challenge = load_challenge(students(tmp_path / "a"))
    warned = " ".join(flattering(challenge))
    assert "100% of the training rows share student with another one, 0% of the test rows" in warned
    assert '--split "group Id"' in warned  # whose cells begin with the student
    for column in ("student", "Id"):
        fold, how = split(challenge, f"group {column}")
        assert how == f"group {column}"
        assert len({(row // 3, k) for row, k in enumerate(fold)}) == ROWS // 3
    with pytest.raises(UserError, match='several columns could tell; name it: --split "group Id"'):
        split(challenge, "group")


def test_students_who_are_in_both_files_are_no_reason(tmp_path):
    assert not flattering(load_challenge(students(tmp_path / "a", apart=False)))


def test_later_rows_are_found_and_the_last_held_out(tmp_path):
    challenge = load_challenge(hours(tmp_path / "a", last=True))
    assert any('--split "time when"' in sentence for sentence in flattering(challenge))
    assert challenge.folds == "time when"
    assert any('write folds = "stratified"' in note for note in challenge.notes)
    fold, how = split(challenge, "time")
    assert how == "time when"
    when = challenge.train["when"].to_numpy()
    assert (fold == 0).sum() == 24
    assert when[fold == 0].min() > when[fold > 0].max()
    between = load_challenge(hours(tmp_path / "b", last=False))
    assert not flattering(between)
    assert not between.folds
    with pytest.raises(UserError, match="between nearly all training rows"):
        split(between, "time", 10)


@pytest.mark.parametrize(("how", "words"), [
    ("group nobody", "no column 'nobody'"),
    ("time student", "'student' holds no times"),
    ("time", "no column could tell"),
])  # fmt: skip
def test_columns_that_tell_nothing_are_named(tmp_path, how, words):
    with pytest.raises(UserError, match=words):
        split(load_challenge(students(tmp_path / "a")), how)


def test_a_file_of_folds_is_matched_by_id(tmp_path):
    folder = students(tmp_path / "a")
    rows = [f"{row // 3:04}_{row % 3},{'abc'[row % 3]}" for row in range(ROWS)]
    (folder / "folds.csv").write_text("\n".join(["Id,fold", *reversed(rows), ""]))
    (folder / "challenge.toml").write_text('folds = "folds.csv"\n')
    challenge = load_challenge(folder)
    fold, _ = split(challenge, challenge.folds)
    assert fold.tolist() == [row % 3 for row in range(ROWS)]
    (folder / "folds.csv").write_text("\n".join(["Id,fold", *rows[:-1], "0099_9,a", ""]))
    with pytest.raises(UserError, match=r"row 121: Id '?0099_9"):
        split(challenge, challenge.folds)
    (folder / "folds.csv").write_text("\n".join(["Id,fold", *rows[:-1], ""]))
    with pytest.raises(UserError, match="has 119 labels"):
        split(challenge, challenge.folds)
    (folder / "challenge.toml").write_text('folds = "randomly"\n')
    with pytest.raises(UserError, match="folds = 'randomly': it must be stratified, blocks, group"):
        load_challenge(folder)


@pytest.mark.parametrize(("options", "folds", "how", "warned"), [
    ([], 1, "time when", False),
    (["--split", "stratified"], 5, "stratified", True),
    (["--split", "time"], 1, "time when", False),
    (["--split", "folds.csv"], 2, "folds.csv", False),
])  # fmt: skip
def test_evaluate_splits_as_told(tmp_path, capsys, monkeypatch, options, folds, how, warned):
    folder = hours(tmp_path / "a", last=True)
    monkeypatch.chdir(folder)
    ids = [f"{row + 7},{row // 2 % 2}" for row in range(ROWS)]
    (folder / "folds.csv").write_text("\n".join(["Id,fold", *ids, ""]))
    (folder / "recipe.toml").write_text('[[members]]\nkind = "boosting"\nrounds = 2\n')
    words = ["--project", ".", "evaluate", ".", "--recipe", "recipe.toml", *options]
    assert main([*words, "--threads", "1", "--json", "said.json"]) == 0
    said = json.loads((folder / "said.json").read_text())
    assert len(said["ensemble"]["folds"]) == folds
    assert said["split"] == how
    printed = capsys.readouterr().out
    assert f"({how})" in printed
    assert ("random folds flatter" in printed) == warned


@pytest.mark.parametrize(("options", "words"), [
    (["--split", "time", "--first", "3"], "time holds the last rows out alone"),
    (["--split", "time", "--repeats", "2"], "can be split in one way only"),
    (["--split", "none.csv"], "none.csv"),
])  # fmt: skip
def test_what_cannot_be_split_is_refused(tmp_path, capsys, monkeypatch, options, words):
    folder = hours(tmp_path / "a", last=True)
    monkeypatch.chdir(folder)
    assert main(["--project", ".", "evaluate", ".", "--recipe", "trees", *options]) == 2
    assert words in capsys.readouterr().err


def test_another_way_to_split_is_refused_before_anything_is_read(capsys):
    with pytest.raises(SystemExit, match="2"):
        main(["evaluate", ".", "--split", "by luck"])
    assert "it must be stratified, blocks, group or group COLUMN" in capsys.readouterr().err


TREES = '[[members]]\nkind = "boosting"\nrounds = 2\n'


def test_a_search_in_time_scores_the_last_rows_alone(tmp_path, capsys, monkeypatch):
    folder = hours(tmp_path / "a", last=True)
    monkeypatch.chdir(folder)
    (folder / "recipe.toml").write_text(TREES)
    (folder / "ranges.toml").write_text('"boosting.rate" = [0.1, 0.2]')
    words = ["--recipe", "recipe.toml", "--split", "time", "--trials", "1", "--method", "random"]
    given = ["--ranges", "ranges.toml", "--threads", "1", "--out", "../best.toml", "--json", "-"]
    assert main(["search", ".", *words, *given]) == 0
    said = json.loads(capsys.readouterr().out)
    words[1] = "../best.toml"
    assert main(["evaluate", ".", *words[:4], "--threads", "1", "--json", "-"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert said["trials"][-1]["score"] == pytest.approx(found["ensemble"]["mean"])
    assert found["rows"] == ROWS // 5


def test_a_report_in_time_shows_the_last_rows_alone(tmp_path, monkeypatch):
    folder = hours(tmp_path / "data", last=True)
    monkeypatch.chdir(tmp_path)
    (folder / "challenge.toml").write_text('folds = "time when"\nmetric = "f1"\n')
    recipe = Recipe("trees", members=(BoostingMember(rounds=2),) * 2)
    (tmp_path / "submissions").mkdir()
    final = to_toml(recipe, Final("data", load_challenge(folder).digest, ""))
    (tmp_path / "submissions" / "final.toml").write_text(final)
    assert main(["report", "--measure", "--new", "--html", "--threads", "1"]) == 0
    found = load_evidence(tmp_path / "report" / "evidence.npz")
    assert (found.fold >= 0).sum() == len(found.votes) == ROWS // 5
    days = load_challenge(folder).train["when"].to_numpy()
    assert days[found.fold >= 0].min() > days[found.fold < 0].max()
    text = (tmp_path / "report" / "text.md").read_text()
    assert "The last {judged} in time were judged" in text
    assert values(found.judged(load_challenge(folder)), recipe, found)["judged"] == "24"
    assert (tmp_path / "report" / "report.pdf").stat().st_size > 10_000


def test_missing_cells_are_no_fellows(tmp_path):
    head, rows = "Id,size,kind,code,y", []
    for row in range(60):
        size, kind, code = row, f"k{row // 4}", f"c{row}"
        cells = ["" if row % 3 else size, "" if row % 2 else kind, "" if row % 2 else code]
        rows.append(",".join(map(str, [row, *cells, row % 2])))
    (tmp_path / "train.csv").write_text("\n".join([head, *rows, ""]))
    test = [f"{row},{row},k{row},c{row}" for row in range(60, 90)]
    (tmp_path / "test.csv").write_text("\n".join(["Id,size,kind,code", *test, ""]))
    challenge = load_challenge(tmp_path)
    for column, count in (("size", 60), ("kind", 30 + 15), ("code", 60)):
        assert len({*groups_of(challenge, column)[0].tolist()}) == count


def test_times_among_each_other_are_split_at_random(tmp_path):
    """Days of training rows repeat, hours of test rows lie between them: no last rows anywhere."""
    days = [f"{row},2020-{1 + row % 240 // 20:02}-{1 + row % 20:02} 00:00" for row in range(720)]
    asked = [f"{row},2020-{1 + row % 12:02}-{1 + row % 19:02} 11:30" for row in range(720, 960)]
    rows = [f"{line},{row % 5},{row % 2}" for row, line in enumerate(days)]
    (tmp_path / "train.csv").write_text("\n".join(["Id,when,x,y", *rows, ""]))
    rows = [f"{line},{row % 5}" for row, line in enumerate(asked)]
    (tmp_path / "test.csv").write_text("\n".join(["Id,when,x", *rows, ""]))
    challenge = load_challenge(tmp_path)
    assert any("random folds flatter" in sentence for sentence in flattering(challenge))
    assert not challenge.folds
