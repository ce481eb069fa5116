"""What threads are worth where other programs want the cores too.

    python -m tests.benchmarks.contested [--busy 0 1 2] [--seconds 10] [--json FILE]

A training step of nets A and C and a fit of boosted trees, on one thread and on all in turns, a
third of a second each, beside so many processes that never wait. `gain` is one thread's median
time by that of all threads: at least 1 is asked for beside busy processes, and on idle cores what
threads are for. NUMBA_THREADING_LAYER=omp shows Numba's own threads beside ours.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.classic import BoostedTreesClassifier
from rosenblatt.kernels.core.cpu import most_threads, use_threads
from tests.benchmarks import ours
from tests.benchmarks.suite import cpu

TURN = 0.3  # seconds
BUSY = [sys.executable, "-c", "while True: pass"]


def subjects() -> dict[str, Callable[[], object]]:
    """Return what is timed."""
    rng = np.random.default_rng(0)
    x = rng.random((4000, 20))
    labels = (x[:, 0] + x[:, 1] * x[:, 2] > 0.8).astype(int)
    return {
        "net A": ours.build("A", "train", "-", 0),
        "net C": ours.build("C", "train", "-", 0),
        "boosting": lambda: BoostedTreesClassifier(rounds=5).fit(x, labels),
    }


@contextlib.contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """Keep so many processes busy."""
    started = [subprocess.Popen(BUSY) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def medians(work: Callable[[], object], seconds: float) -> list[float]:
    """Return the seconds of the work on one thread and on all, measured in turns."""
    taken: list[list[float]] = [[], []]
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        for threads, times in zip((1, most_threads()), taken, strict=True):
            use_threads(threads)
            work()
            turn = time.perf_counter()
            while not times or time.perf_counter() < turn + TURN:
                start = time.perf_counter()
                work()
                times.append(time.perf_counter() - start)
    return [float(np.median(times)) for times in taken]


def rows(busy: list[int], seconds: float) -> Iterator[dict[str, Any]]:
    """Yield what each subject takes beside each number of busy processes."""
    for what, work in subjects().items():
        work()
        for count in busy:
            before = os.getloadavg()[0]
            with busy_processes(count):
                one, many = medians(work, seconds)
            yield {
                "what": what, "busy": count, "threads": most_threads(), "one_ms": 1e3 * one,
                "all_ms": 1e3 * many, "gain": one / many, "load_before": before, "cpu": cpu(),
            }  # fmt: skip


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--busy", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--json", metavar="FILE", type=Path)
    arguments = parser.parse_args()
    found = []
    for row in rows(arguments.busy, arguments.seconds):
        found.append(row)
        print(
            "{what:9} beside {busy}: 1 thread {one_ms:8.2f} ms, {threads} threads {all_ms:8.2f} "
            "ms, gain {gain:.2f} (load before {load_before:.1f})".format(**row),
            flush=True,
        )
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")


if __name__ == "__main__":
    main()
