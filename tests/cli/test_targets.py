"""What a command writes never takes the place of what it reads, nor of what another one made."""

import argparse
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.cli import build_parser, main, targets
from rosenblatt.cli.output import output_file, output_folder, output_picture
from tests.challenge.folders import small_course

RECIPE = '[[members]]\nkind = "network"\nblocks = [[2]]\ndense = 0\nepochs = 1\n'
POSIX = pytest.mark.skipif(os.name == "nt", reason="POSIX files")


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a working directory with a challenge, a recipe, ranges, a ledger and a final one."""
    small_course(tmp_path / "data")
    (tmp_path / "data" / "challenge.toml").write_text("quota = 3\n")
    (tmp_path / "r.toml").write_text(RECIPE)
    (tmp_path / "ranges.toml").write_text('"network.rate" = [0.1, 0.2]\n')
    (tmp_path / "sub" / "recipes").mkdir(parents=True)
    (tmp_path / "submissions").mkdir()
    (tmp_path / "report").mkdir()
    for name in (
        "sub/ledger.csv", "sub/recipes/0.toml", "submissions/ledger.csv", "submissions/final.toml",
        "submissions/final.csv", "report/text.md", "report/evidence.npz", "notes", "photo.png",
    ):  # fmt: skip
        (tmp_path / name).write_text("precious")
    os.link(tmp_path / "r.toml", tmp_path / "hard.toml")
    os.link(tmp_path / "data" / "Xtr.csv", tmp_path / "hard.csv")
    if os.name != "nt":
        (tmp_path / "soft.toml").symlink_to("r.toml")
        (tmp_path / "soft.csv").symlink_to(Path("data") / "Xte.csv")
        (tmp_path / "folder").symlink_to("data")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def contents(place):
    return {
        path.relative_to(place).as_posix(): path.read_bytes()
        for path in place.rglob("*")
        if path.is_file()
    }


SUBMIT = ["submit", "data", "--recipe", "r.toml", "--threads", "1"]
EVALUATE = ["evaluate", "data", "--recipe", "r.toml", "--threads", "1"]
SEARCH = ["search", "data", "--recipe", "r.toml", "--ranges", "ranges.toml"]
REFUSED = [
    [*SUBMIT, "--out", "data/Xtr.csv"],
    [*SUBMIT, "--out", "data/mine.csv"],
    [*SUBMIT, "--out", "folder/Yte.csv"],
    [*SUBMIT, "--out", "soft.csv"],
    [*SUBMIT, "--out", "hard.csv"],
    [*SUBMIT, "--out", "r.toml"],
    [*SUBMIT, "--out", "notes"],
    [*SUBMIT, "--out", "sub/ledger.csv"],
    [*SUBMIT, "--out", "submissions/final.csv"],
    [*SUBMIT, "--out", "a.csv", "--json", "a.csv"],
    [*SUBMIT, "--out", "a.csv", "--json", "sub/../A.csv"],
    [*SUBMIT, "--json", "submissions/data.csv"],  # where the submission goes by default
    [*SUBMIT, "--json", "submissions/ledger.csv"],
    [*SUBMIT, "--json", "submissions/final.toml"],
    [*SUBMIT, "--json", "r.toml"],
    [*SUBMIT, "--json", "soft.toml"],
    [*SUBMIT, "--json", "hard.toml"],
    [*SUBMIT, "--json", "report/text.md"],
    [*SUBMIT, "--json", "data/challenge.toml"],
    [*SUBMIT, "--json", "data"],
    [*SUBMIT, "--results", "data"],
    [*SUBMIT, "--results", "folder"],
    [*EVALUATE, "--keep", "data/Ytr.csv"],
    [*EVALUATE, "--keep", "report/evidence.npz"],
    [*EVALUATE, "--keep", "a.npz", "--json", "a.npz"],
    [*EVALUATE, "--worst", "a.png", "--keep", "a.png"],
    [*SEARCH, "--out", "ranges.toml"],
    [*SEARCH, "--out", "r.toml"],
    [*SEARCH, "--out", "sub/recipes/0.toml"],
    [*SEARCH, "--out", "data/challenge.toml"],
    ["inspect", "data", "--out", "data/Xte.csv"],
    ["inspect", "data", "--out", "r.toml"],
    ["inspect", "data", "--json", "photo.png"],
    ["check", "hard.csv", "data", "--json", "hard.csv"],
    ["leaderboard", "data", "hard.csv", "--json", "hard.csv"],
    ["gallery", "boolean", "--data", "data", "--out", "data"],
    ["audit", "--json", str(targets.PROGRAM / "new.json")],
]


@pytest.mark.parametrize("words", REFUSED, ids=" ".join)
@POSIX
def test_nothing_else_is_replaced(place, capsys, words):
    before = contents(place)
    assert main(words) == 2
    assert contents(place) == before
    said = capsys.readouterr().err
    assert said.startswith("error: ")
    assert said.count("\n") == 1


@POSIX
@pytest.mark.parametrize("option", ["--json", "--out"])
@pytest.mark.parametrize("kind", ["null", "pipe", "link to null", "socket"])
def test_only_files_are_replaced(place, capsys, option, kind):
    path = place / "out"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        import socket

        with socket.socket(socket.AF_UNIX) as made:
            made.bind("out")
    elif kind == "link to null":
        path.symlink_to("/dev/null")
    else:
        path = Path("/dev/null")
    before = os.lstat(path)
    assert main([*SUBMIT, option, str(path)]) == 2
    assert os.path.samestat(os.lstat(path), before)
    assert "--json - is standard output" in capsys.readouterr().err


@POSIX
def test_the_file_of_standard_output_is_not_replaced(place):
    code = "import sys; from rosenblatt.cli import main; sys.exit(main(sys.argv[1:]))"
    command = [sys.executable, "-c", code, "inspect", "data", "--json", "said.json"]
    environment = {**os.environ, "PYTHONPATH": str(targets.PROGRAM.parent)}
    with open("said.json", "w") as said:
        done = subprocess.run(command, stdout=said, stderr=subprocess.PIPE, env=environment)
    assert done.returncode == 2
    assert b"standard output goes there" in done.stderr


def test_an_earlier_output_is_renewed(place):
    for _ in range(2):
        assert main(["inspect", "data", "--json", "facts.json", "--out", "a.png"]) == 0
    assert main(["inspect", "data"]) == 0
    assert main(["inspect", "data"]) == 0


@POSIX
def test_where_a_link_leads_is_written_and_the_link_stays(place):
    (place / "real.json").write_text("{}")
    (place / "link.json").symlink_to("real.json")
    assert main(["inspect", "data", "--json", "link.json", "--out", "a.png"]) == 0
    assert (place / "link.json").is_symlink()
    assert "digest" in (place / "real.json").read_text()


@pytest.mark.parametrize(("length", "code"), [(250, 0), (300, 2)])
def test_a_long_name_is_written_or_refused_before_the_work(place, capsys, length, code):
    name = "n" * (length - 5) + ".json"
    assert main(["inspect", "data", "--json", name, "--out", "a.png"]) == code
    assert (place / "a.png").exists() == (code == 0)


def test_every_option_that_names_an_output_is_known_here():
    outputs = {*targets.ENDINGS, "out", *targets.FOLDERS}
    (commands,) = (
        action for action in build_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )  # fmt: skip
    for name, command in commands.choices.items():
        for action in command._actions:
            writes = action.type in (output_file, output_picture, output_folder)
            assert action.dest in outputs or not writes, (name, action.dest)
            if action.dest == "out":
                assert name in targets.OUT
