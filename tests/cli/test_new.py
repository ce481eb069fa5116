"""`new`, `upload`, `uploaded` with a stand-in for Kaggle's program on the path."""

import os
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest

from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.ledger import read
from rosenblatt.cli import main
from tests.challenge.folders import small_course
from tests.cli.test_handin import desk  # noqa: F401

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")
SRC = Path(__file__).parents[2] / "src"
PROGRAM = """#!{python}
import os, shutil, sys, time
words = sys.argv[2:]
if words[0] == "download":
    shutil.copy(os.environ["GIVEN"], words[words.index("-p") + 1])
elif words[0] == "submit":
    open("sent", "w").close()
    time.sleep(float(os.environ.get("SLOW", 0)))
    print("Successfully submitted to X")
else:
    print("fileName,date,description,status,publicScore,privateScore")
    if os.path.exists("sent"):
        print("a.csv,2026-11-28 09:00:00,mine,complete,0.75,")
"""


@pytest.fixture
def program(tmp_path, monkeypatch):
    place = tmp_path / "bin" / "kaggle"
    place.parent.mkdir()
    place.write_text(PROGRAM.format(python=sys.executable))
    place.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place.parent}{os.pathsep}{os.environ['PATH']}")


def test_a_project_with_its_data(program, tmp_path, monkeypatch, capsys):
    given = small_course(tmp_path / "given")
    with zipfile.ZipFile(tmp_path / "small.zip", "w") as archive:
        for path in given.iterdir():
            archive.write(path, path.name)
    monkeypatch.setenv("GIVEN", str(tmp_path / "small.zip"))
    monkeypatch.chdir(tmp_path)
    assert main(["new", "https://www.kaggle.com/competitions/small"]) == 0
    assert sorted(path.name for path in (tmp_path / "small").iterdir()) == [
        "data", "recipes", "report", "submissions",
    ]  # fmt: skip
    assert [path.name for path in Path("small/data/small").iterdir()] == ["small.zip"]
    found, same = load_challenge("small/data/small"), load_challenge(given)
    assert (found.train == same.train).all()
    assert "inspect small/data/small" in capsys.readouterr().out
    assert main(["new", "small"]) == 2
    assert "is there already, and nothing was changed" in capsys.readouterr().err


def test_without_the_program_it_is_said_how(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["new", "small", "mine"]) == 0
    assert "put them, or the zip as it is, into mine/data/small" in capsys.readouterr().out
    assert main(["new", "small", "mine"]) == 0  # nothing is lost by asking again


UPLOAD = ["upload", "submissions/a.csv", "--competition", "mva", "--message", "mine"]


def test_an_upload_notes_its_public_score(program, desk, capsys):  # noqa: F811
    assert main(UPLOAD) == 0
    said = capsys.readouterr().out
    assert "Successfully submitted" in said
    assert "public   0.75" in said
    assert [run.public for run in read("submissions/ledger.csv")][-2:] == [None, 0.75]
    assert main(["uploaded", "mva"]) == 0
    assert "2026-11-28 09:00:00  a.csv    0.75  complete  mine" in capsys.readouterr().out


def test_an_upload_that_is_killed_loses_no_line(program, desk):  # noqa: F811
    process = subprocess.Popen(
        [sys.executable, "-c",
         "import sys; from rosenblatt.cli import main; main(sys.argv[1:])", *UPLOAD],
        env={**os.environ, "PYTHONPATH": str(SRC), "SLOW": "60"},
        start_new_session=True,
    )  # fmt: skip
    while not Path("sent").exists() and process.poll() is None:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert read("submissions/ledger.csv")[-1].command == "submitted a.csv"
