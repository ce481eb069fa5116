"""The ledger loses no line: not to a crash, not to a neighbour, not to a formula."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rosenblatt.challenge import lock
from rosenblatt.challenge.ledger import COLUMNS, Run, append, read
from rosenblatt.challenge.lock import has_locks
from rosenblatt.errors import UserError

SRC = Path(__file__).parents[2] / "src"
APPEND = """
import sys
from rosenblatt.challenge.ledger import Run, append
path, name, count = sys.argv[1:]
for place in range(int(count)):
    append(path, Run(f"{name} {place}"))
    print(place, flush=True)
"""


def start(path, name, count):
    return subprocess.Popen(
        [sys.executable, "-c", APPEND, path, name, str(count)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        stdout=subprocess.PIPE,
        text=True,
    )


def test_a_run_comes_back(tmp_path):
    path = tmp_path / "new" / "ledger.csv"
    assert read(path) == []
    first = Run("submit a, b", "1f", "2e", "python 3.11", 'CPU "X"', 12.25, 0.9871, "3d")
    second = Run("inspect", time="2015-12-01T00:00:00Z")
    append(path, first)
    append(path, second)
    assert read(path) == [first, second]
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)


def test_no_cell_runs_as_a_formula(tmp_path):
    path = tmp_path / "ledger.csv"
    for text in ("=1+1", "+1", "-1", "@x", "\t=1", "a\n=1"):
        append(path, Run(text))
    for line in path.read_text().splitlines()[1:]:
        assert line[0] not in "=+-@"
    assert len(read(path)) == 6


def test_processes_that_append_at_once_lose_nothing(tmp_path):
    path = tmp_path / "ledger.csv"
    names = ["a", "b", "c"]
    workers = [start(path, name, 15) for name in names]
    for worker in workers:
        worker.communicate(timeout=60)
        assert worker.returncode == 0
    commands = [run.command for run in read(path)]
    assert sorted(commands) == sorted(f"{name} {place}" for name in names for place in range(15))


def test_a_killed_process_damages_nothing_and_leaves_no_lock(tmp_path):
    path = tmp_path / "ledger.csv"
    noted = 0
    waits = random.Random(0)
    for trial in range(2):  # more of them: tests/test_kill.py
        worker = start(path, f"trial{trial}", 100_000)
        assert worker.stdout.readline() == "0\n"
        time.sleep(waits.uniform(0, 0.05))
        worker.send_signal(signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
        rest, _ = worker.communicate()
        noted += 1 + rest.count("\n")  # said to be in the ledger before the kill
        append(path, Run("after"))  # a lock left behind would refuse this
        noted += 1
        assert noted <= len(read(path)) <= noted + trial + 1  # the last may be in, unsaid


def test_a_lock_held_for_long_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(lock, "PATIENCE", 0.05)
    path = tmp_path / "ledger.csv"
    with lock.locked(path), pytest.raises(UserError, match="another process holds"):
        append(path, Run("second"))
    append(path, Run("third"))
    assert [run.command for run in read(path)] == ["third"]


DAMAGED = {
    "header": ("a,b\n", "row 1: is not the header of a ledger"),
    "columns": (",".join(COLUMNS) + "\na,b\n", f"row 2: has 2 columns, expected {len(COLUMNS)}"),
    "number": (
        ",".join(COLUMNS) + "\nsubmit,,,,,fast,,,,,\n",
        "row 2, column 6: 'fast' where a number",
    ),
    "digest": (
        ",".join(COLUMNS) + "\nsubmit,,4.5E+63,,,1,,,,,\n",
        "row 2, column 3: '4.5E+63' where",
    ),
    "time": (
        ",".join(COLUMNS) + "\nsubmit,,,,,1,,,soon,,\n",
        "row 2, column 9: 'soon' where a time",
    ),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_named(tmp_path, name):
    content, words = DAMAGED[name]
    path = tmp_path / "ledger.csv"
    path.write_text(content)
    with pytest.raises(UserError) as caught:
        read(path)
    assert words in str(caught.value)


def test_a_file_that_is_no_ledger_is_left_alone(tmp_path):
    path = tmp_path / "notes.csv"
    path.write_text("a,b\n1,2\n")
    with pytest.raises(UserError, match="not the header of a ledger"):
        append(path, Run("submit"))
    assert path.read_text() == "a,b\n1,2\n"


def test_a_line_cut_short_by_another_program_is_kept_apart(tmp_path):
    path = tmp_path / "ledger.csv"
    append(path, Run("first"))
    path.write_text(path.read_text().rstrip("\n"))
    append(path, Run("second"))
    assert [run.command for run in read(path)] == ["first", "second"]


NO_LOCKS = """
import errno, fcntl, sys
from pathlib import Path
def flock(handle, how):
    raise OSError(getattr(errno, sys.argv[1]), "no locks here")
fcntl.flock = flock
from rosenblatt.challenge.ledger import Run, append, read
from rosenblatt.challenge.lock import has_locks
path = Path(sys.argv[2])
print(has_locks(path), path.parent.exists())
append(path, Run("submit"))
print(len(read(path)))
"""


@pytest.mark.skipif(os.name == "nt", reason="simulates flock")
@pytest.mark.parametrize("answer", ["ENOLCK", "EOPNOTSUPP", "ENOSYS", "EIO"])
def test_a_file_system_without_locks_is_told_and_written_all_the_same(tmp_path, answer):
    path = tmp_path / "new" / "ledger.csv"
    done = subprocess.run(
        [sys.executable, "-c", NO_LOCKS, answer, str(path)],
        env={**os.environ, "PYTHONPATH": str(SRC)},
        capture_output=True,
        text=True,
    )
    if answer == "EIO":  # no answer of a healthy disk
        assert "cannot be locked (no locks here)" in done.stderr
    else:
        assert done.stdout.split() == ["False", "False", "1"], done.stderr
    assert has_locks(path)


def test_a_ledger_of_an_edition_with_fewer_columns_is_read_and_brought_up_to_date(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_text(
        "command,recipe,data,versions,cpu,seconds,validation,file,time\n"
        "submit,1f,2e,python,x,1.5,,3d,2015-12-01T00:00:00Z\n"
    )
    old = Run("submit", "1f", "2e", "python", "x", 1.5, None, "3d", "2015-12-01T00:00:00Z")
    new = Run("submitted", public=0.9871)
    assert read(path) == [old]
    append(path, new)
    assert read(path) == [old, new]
    assert path.read_text().splitlines()[0] == ",".join(COLUMNS)
