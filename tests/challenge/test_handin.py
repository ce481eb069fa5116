"""The day's quota holds, however many want the last hand-in at once; what was noted is undone."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.challenge import handin, ledger
from rosenblatt.challenge.handin import HandedInAlreadyError, Rules, hand_in, standing, undo
from rosenblatt.challenge.ledger import Run
from rosenblatt.errors import UserError

ROOT = Path(__file__).parents[2]
# Ten children begin together, each with another file; how often is given.
RACE = """
import os, sys
from pathlib import Path
from rosenblatt.challenge.handin import Rules, hand_in
from rosenblatt.challenge.ledger import Run
from rosenblatt.errors import UserError
folder = Path(sys.argv[1])
for turn in range(int(sys.argv[2])):
    start, go = os.pipe()
    children = []
    for child in range(10):
        children.append(os.fork())
        if not children[-1]:
            os.close(go)
            os.read(start, 1)
            try:
                run = Run("submit x", data=f"{turn:x}", file=f"{child:x}")
                hand_in(folder / f"{child}.csv", run, None, Rules(2))
                os._exit(0)
            except UserError:
                os._exit(1)
    os.close(go)
    passed = sum(os.waitpid(child, 0)[1] == 0 for child in children)
    assert passed == 2, passed
    os.close(start)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_of_ten_at_once_two_pass(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", RACE, str(tmp_path), "5"],
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert len(ledger.read(tmp_path / "ledger.csv")) == 10


def note(folder, name, public=None, **rules):
    run = Run("submit x", data="d", file=name.encode().hex())
    return hand_in(folder / name, run, public, Rules(2, **rules))


def test_the_same_bytes_again_a_correction_and_the_way_back(tmp_path):
    def noted():
        runs = standing(ledger.read(tmp_path / "ledger.csv"), "d")
        return [(run.command, run.public) for run in runs]

    assert note(tmp_path, "a b.csv")[1] == 1
    with pytest.raises(HandedInAlreadyError, match=r"--again.*--correct.*--undo"):
        note(tmp_path, "a b.csv")
    assert note(tmp_path, "a b.csv", 0.5)[0].command == "scored 'a b.csv'"
    with pytest.raises(HandedInAlreadyError, match=r"with the score 0\.5"):
        note(tmp_path, "a b.csv", 0.6)
    note(tmp_path, "a b.csv", 0.6, correct=True)
    assert noted() == [("submitted 'a b.csv'", 0.6)]
    assert note(tmp_path, "a b.csv", again=True)[1] == 2
    with pytest.raises(UserError, match=r"2 submissions of .* 'a b.csv' at .*--undo"):
        note(tmp_path, "c.csv")
    run = Run("submit x", data="d", file=b"a b.csv".hex())
    assert undo(tmp_path / "a b.csv", run).public is None
    assert noted() == [("submitted 'a b.csv'", 0.6)]
    assert note(tmp_path, "c.csv")[1] == 2
    with pytest.raises(UserError, match="used up"):
        note(tmp_path, "d.csv")
    undo(tmp_path / "a b.csv", run)
    with pytest.raises(UserError, match="nothing to undo"):
        undo(tmp_path / "a b.csv", run)
    with pytest.raises(UserError, match="leave out --correct"):
        note(tmp_path, "d.csv", 0.5, correct=True)
    assert noted() == [("submitted c.csv", None)]
    words = [run.command.split()[0] for run in ledger.read(tmp_path / "ledger.csv")]
    assert words.count("undone") == 2  # a ledger loses no line


def test_folders_come_back_as_they_were_typed(tmp_path):
    path = tmp_path / "ledger.csv"
    for folder in ("data/my digits", "=x", "-d", "a\nb", "a'b \\ c", "\u202e"):
        ledger.append(path, Run("submit --seed 3 x", folder=folder))
        assert handin.challenge_folder(ledger.read(path)[-1]) == Path(folder)
    assert handin.challenge_folder(Run("submit data/my digits")) == Path(
        "data/my digits"
    )  # earlier
