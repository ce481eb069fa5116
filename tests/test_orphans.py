"""Worker processes end with the one that started them: killed at any moment, it leaves none.

`python -m tests.test_orphans 25` kills as many parents for each work, at random moments; the suite
kills two.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numba
import pytest

from rosenblatt.lifeline import MARK, program_input
from rosenblatt.train import parallel

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
ROOT = Path(__file__).parents[1]
PREPARED = "import sys; from pathlib import Path; from tests.test_orphans import *; "
PATIENCE = 30.0  # seconds for workers to begin, or to end, on a busy machine


@numba.njit(nogil=True)
def _spin(count):
    found = 0.0
    for n in range(count):
        found += 1 / (n + 1)
    return found


def sleeping(folder: Path, task: int, advance: parallel.Advance) -> None:
    (folder / str(task)).touch()
    time.sleep(600)


def busy(folder: Path, task: int, advance: parallel.Advance) -> None:
    (folder / str(task)).touch()
    while True:
        pass


def in_a_kernel(folder: Path, task: int, advance: parallel.Advance) -> None:
    _spin(1)
    (folder / str(task)).touch()
    _spin(10**13)


def program(folder: Path) -> None:
    """Run a command line of ours that takes long, as `package` and `audit` do."""
    code = "import time; from rosenblatt.cli import main; main(['recipes']); time.sleep(600)"
    with program_input() as given, open(folder / "0", "w") as said:
        environment = os.environ | {MARK: "1"}
        words = [sys.executable, "-c", code]
        subprocess.run(words, stdin=given, stdout=said, env=environment, check=False)


WORKS = (sleeping, busy, in_a_kernel)


def alive(group: int) -> list[int]:
    """Return the processes of a group that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, its_group = entry.read_text().rpartition(")")[2].split()[:3]
        except OSError:
            continue
        if int(its_group) == group and state not in "ZX":
            found.append(int(entry.parent.name))
    return found


def until(condition) -> bool:
    deadline = time.monotonic() + PATIENCE
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)
    return condition()


def start(code: str, folder: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", PREPARED + code, folder],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stderr=subprocess.DEVNULL,  # a worker that is cut while it starts may complain
        start_new_session=True,
    )


def kill(parent: subprocess.Popen) -> list[int]:
    """Kill a parent and return which of its processes go on."""
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    until(lambda: not alive(parent.pid))
    left = alive(parent.pid)
    for process in left:
        os.kill(process, signal.SIGKILL)
    return left


def survivors(work, wait: float | None) -> list[int]:
    """Kill a parent after `wait` seconds, or when its workers work; return who is left."""
    with tempfile.TemporaryDirectory() as folder:
        parent = start(f"parallel.run({work.__name__}, Path(sys.argv[1]), [0, 1, 2], 2)", folder)
        if wait is None:
            assert until(lambda: len(list(Path(folder).iterdir())) == 2)
            assert len(alive(parent.pid)) >= 3
        else:
            time.sleep(wait)
        return kill(parent)


def test_a_killed_parent_leaves_no_worker_in_a_kernel():
    assert survivors(in_a_kernel, None) == []


def test_a_killed_parent_leaves_no_program():
    with tempfile.TemporaryDirectory() as folder:
        parent = start("program(Path(sys.argv[1]))", folder)
        assert until(lambda: any(file.stat().st_size for file in Path(folder).iterdir()))
        assert len(alive(parent.pid)) == 2
        assert kill(parent) == []


def test_a_parent_that_is_killed_while_workers_start_leaves_none():
    assert survivors(sleeping, 1.5) == []


if __name__ == "__main__":
    waits = random.Random(1958)
    for work in WORKS:
        begin = time.perf_counter()
        left = [survivors(work, waits.uniform(0.2, 4)) for _ in range(int(sys.argv[1]))]
        print(
            f"{work.__name__}: {len(left)} parents killed, {sum(map(len, left))} workers left, "
            f"{(time.perf_counter() - begin) / len(left):.1f} s each",
            flush=True,
        )
