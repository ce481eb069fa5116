"""Ctrl-C at any moment: exit code 130, what was finished is kept, and the work goes on from there.

`python -m tests.test_interrupt 20` interrupts each command as often, at random moments, and prints
how long the answers took; the suite interrupts one.
"""

import json
import os
import random
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

import pytest

from rosenblatt.cli import main
from tests.challenge.folders import course, pixels

pytestmark = pytest.mark.skipif(os.name == "nt", reason="needs SIGINT")
ROOT = Path(__file__).parents[1]
RUN = (
    "import signal, sys; from rosenblatt.cli import main;"  # a shell's background jobs ignore it
    "signal.signal(signal.SIGINT, signal.default_int_handler); sys.exit(main(sys.argv[1:]))"
)
RECIPE = """
[[members]]
count = 2
blocks = [[4]]
dense = 0
epochs = 60
batch_size = 8
"""
COMMON = ["data", "--recipe", "r.toml", "--results", "fits"]
COMMANDS = {
    "evaluate": ["evaluate", *COMMON, "--folds", "2", "--threads", "2"],
    "evaluate, one thread": ["evaluate", *COMMON, "--folds", "2", "--threads", "1"],
    "search": ["search", *COMMON, "--folds", "2", "--threads", "2", "--ranges", "ranges.toml"],
    "submit": ["submit", *COMMON, "--threads", "2"],
    "curve": ["curve", *COMMON, "--threads", "2", "--rows", "20", "--held", "20"],
}


def prepare(place: Path) -> None:
    """Write a challenge, a recipe that takes some seconds, and ranges."""
    course(place / "data", pixels(60), [0, 1, 2] * 20, pixels(10, seed=1))
    (place / "r.toml").write_text(RECIPE)
    (place / "ranges.toml").write_text('"network.rate" = [0.001, 0.002, 0.003]\n')


def start(words: list[str], place: Path, code: str = RUN) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", code, *words],
        cwd=place,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # so that the signal reaches all its processes, as a terminal's
    )


def under_way(place: Path) -> bool:
    return any((place / "fits").glob("*.part.npz"))


def interrupt(words: list[str], place: Path, wait: float) -> float | None:
    """Interrupt a command `wait` seconds after its first epoch; return how long its answer took.

    None where it was done before.
    """
    process = start(words, place)
    while not under_way(place) and process.poll() is None:
        time.sleep(0.01)
    time.sleep(wait)
    before = time.perf_counter()
    if process.poll() is not None:
        return None
    os.killpg(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=60)
    taken = time.perf_counter() - before
    if process.returncode == -signal.SIGINT:  # it was leaving, its work done
        return None
    assert process.returncode == 130, (process.returncode, out, err)
    assert err.endswith("interrupted; what was finished is kept\n"), err
    assert "Traceback" not in err, err
    return taken


def test_an_evaluation_goes_on_after_ctrl_c(tmp_path, monkeypatch, capsys):
    prepare(tmp_path)
    assert interrupt(COMMANDS["evaluate"], tmp_path, 0.3) is not None
    assert under_way(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert main([*COMMANDS["evaluate, one thread"], "--json", "end.json"]) == 0
    assert not under_way(tmp_path)
    assert json.loads((tmp_path / "end.json").read_text())["ensemble"]["folds"]


if __name__ == "__main__":
    import tempfile

    waits = random.Random(1958)
    chosen = sys.argv[2:] or list(COMMANDS)
    for name, words in ((name, COMMANDS[name]) for name in chosen):
        taken = []
        for _ in range(int(sys.argv[1])):
            with tempfile.TemporaryDirectory() as folder:
                prepare(Path(folder))
                found = interrupt(words, Path(folder), waits.uniform(0, 1))
                taken += [found] if found is not None else []
        middle = statistics.median(taken) if taken else float("nan")
        print(
            f"{name:22} {len(taken)} interrupted, all with code 130: median {middle:.2f} s, "
            f"longest {max(taken, default=float('nan')):.2f} s",
            flush=True,
        )
