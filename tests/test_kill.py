"""kill -9 at any moment of any work: no file is damaged, no line is lost, the end is the same.

`python -m tests.test_kill 300` kills as often, in turns; the suite takes a sample. The children are
forked from this process, which runs no kernel itself, so that a kill costs no start of Python.
"""

import contextlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numba
import numpy as np
import pytest

from rosenblatt.cache import cache_folder
from rosenblatt.challenge import ledger, load_challenge
from rosenblatt.challenge.ledger import Run
from rosenblatt.challenge.package import pack, unpack
from rosenblatt.cli import main
from rosenblatt.data.csv import read_numbers
from rosenblatt.kernels.core.kept import KernelCache
from rosenblatt.report.evidence import load_evidence, save_evidence
from rosenblatt.report.pdf import build_report
from tests.challenge.folders import course, pixels
from tests.report.test_pdf import RECIPE, TEMPLATE, evidence, text_about

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
ROOT = Path(__file__).parents[1]
SAMPLE = 3  # kills of each work, in the suite


@dataclass
class Work:
    """A work that goes on for `seconds`; `check` looks at what a kill left, `end` at the end."""

    begin: Callable[[], None]
    check: Callable[[], None]
    end: Callable[[], None]
    seconds: float


def ledger_work(folder: Path) -> Work:
    path, said = folder / "ledger.csv", folder / "said"

    def begin():
        with open(said, "a") as lines:
            for place in range(10_000):
                ledger.append(path, Run(f"submit {place}"))
                print(place, file=lines, flush=True)

    def check():
        told = said.read_text().count("\n") if said.exists() else 0
        assert len(ledger.read(path)) >= told

    return Work(begin, check, check, 0.3)


def package_work(folder: Path) -> Work:
    files = {}
    for place in range(20):
        files[f"f{place}"] = folder / f"f{place}"
        files[f"f{place}"].write_bytes(random.Random(place).randbytes(50_000))
    whole = folder / "whole.zip"
    pack(whole, "team", files)
    expected = whole.read_bytes()

    def begin():
        while True:
            pack(folder / "out.zip", "team", files)

    def check():
        if (folder / "out.zip").exists():
            assert (folder / "out.zip").read_bytes() == expected

    def end():
        pack(folder / "out.zip", "team", files)
        unpack(folder / "out.zip", folder / "unpacked")
        check()

    return Work(begin, check, end, 0.3)


def report_work(folder: Path) -> Work:
    challenge = load_challenge(
        course(folder / "data", pixels(30), [0, 1, 2] * 10, pixels(8, seed=1))
    )
    found = evidence(challenge)
    place = folder / "report"
    place.mkdir()
    shutil.copy(TEMPLATE, place)
    (place / "text.md").write_text(text_about(challenge))
    expected = build_report(place, challenge, RECIPE, found).path.read_bytes()

    def begin():
        while True:
            save_evidence(place / "evidence.npz", found)
            build_report(place, challenge, RECIPE, found)

    def check():
        assert (place / "report.pdf").read_bytes() == expected
        if (place / "evidence.npz").exists():
            assert np.array_equal(load_evidence(place / "evidence.npz").votes, found.votes)

    def end():
        build_report(place, challenge, RECIPE, found)
        check()

    return Work(begin, check, end, 2.0)


def search_work(folder: Path) -> Work:
    course(folder / "data", pixels(24), [0, 1] * 12, pixels(4, seed=1))
    member = '[[members]]\nkind = "network"\nblocks = [[2]]\ndense = 0\nepochs = 9\n'
    (folder / "r.toml").write_text(member)
    (folder / "ranges.toml").write_text(
        '"network.rate" = { low = 0.001, high = 0.1, log = true }\n'
    )

    def search(results):
        words = ["search", "data", "--recipe", "r.toml", "--ranges", "ranges.toml", "--folds", "2"]
        words += [
            "--threads",
            "1",
            "--trials",
            "9",
            "--results",
            results,
            "--json",
            f"{results}.json",
        ]
        with contextlib.chdir(folder), contextlib.redirect_stdout(io.StringIO()):
            main(words)

    def check():
        runs = ledger.read(folder / "submissions" / "ledger.csv")
        assert len({run.recipe for run in runs}) == len(runs)

    def end():
        for results in ("killed", "whole"):
            wait_for(fork(lambda name=results: search(name)))
        killed, whole = (
            json.loads((folder / f"{n}.json").read_text()) for n in ("killed", "whole")
        )
        assert killed == whole
        assert not list((folder / "killed").glob("*.part.npz"))
        check()

    return Work(lambda: search("killed"), check, end, 4.0)


def cache_work(folder: Path) -> Work:
    (folder / "a.csv").write_text("".join(f"{row},{row % 7},x\n" for row in range(3000)))
    numbers = np.array([[row, row % 7] for row in range(3000)], np.float32)

    def compiled():
        made = numba.njit(lambda x: x * 2)
        made._cache = KernelCache(made.py_func, cache_folder() / "kernels")
        return made

    def into(name):
        os.environ["XDG_CACHE_HOME"] = str(folder / name)
        cache_folder.cache_clear()

    def begin():
        into("cache")
        while True:
            assert compiled()(2) == 4
            assert np.array_equal(read_numbers(folder / "a.csv", (2,)).numbers, numbers)
            shutil.rmtree(cache_folder() / "tables")
            shutil.rmtree(cache_folder() / "kernels")

    def check():
        into("cache")
        assert np.array_equal(read_numbers(folder / "a.csv", (2,)).numbers, numbers)

    def end():
        wait_for(fork(begin_once))

    def begin_once():
        into("cache")
        assert compiled()(2) == 4
        check()

    return Work(begin, check, end, 0.6)


WORKS = (ledger_work, package_work, report_work, search_work, cache_work)


def fork(work: Callable[[], None]) -> int:
    """Run a work in a child process and return its id."""
    child = os.fork()
    if child:
        return child
    try:
        work()
        os._exit(0)
    except BaseException as error:
        print(repr(error), file=sys.stderr)
        os._exit(1)


def wait_for(child: int) -> None:
    assert os.waitpid(child, 0)[1] == 0


def kill_often(make, folder: Path, kills: int, seed: int) -> None:
    """Begin a work and kill it, again and again; then see to its end."""
    folder.mkdir()
    work = make(folder)
    waits = random.Random(seed)
    for _ in range(kills):
        child = fork(work.begin)
        time.sleep(waits.uniform(0, work.seconds))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        work.check()
    work.end()


@pytest.mark.parametrize("make", WORKS)
def test_killed(make):
    # In a process of its own: one in which kernels ran in parallel must not fork.
    command = [sys.executable, "-m", "tests.test_kill", str(SAMPLE), make.__name__]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


if __name__ == "__main__":
    import tempfile

    named = [make for make in WORKS if make.__name__ in sys.argv[2:]] or WORKS
    with tempfile.TemporaryDirectory() as place:
        for make in named:
            each = int(sys.argv[1]) // len(named)
            kill_often(make, Path(place) / make.__name__, each, seed=1958)
            print(f"{make.__name__}: {each} kills, nothing damaged, the same end", flush=True)
