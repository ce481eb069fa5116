"""Races: each contender in its process, in turns A B A B, so that all see the same machine."""

import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import counting
from tests.benchmarks.nets import INFERENCE_BATCH, find

ROOT = Path(__file__).parents[2]
ROUNDS, SECONDS = 7, 0.3  # turns of each contender, and how long one lasts
PAUSE = 0.1  # seconds before a turn: OpenBLAS's threads look for more to do for about 30 ms
LIMITS = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")


class Entry(NamedTuple):
    """A library, the module that runs it, and one of its settings."""

    library: str
    module: str
    variant: str


OURS = Entry("ours", "ours", "-")
RIVALS = {
    "torch": [
        Entry("torch", "torch_rival", v) for v in ("contiguous", "channels_last", "compiled")
    ],
    "jax": [Entry("jax", "jax_rival", "-")],
}
PRODUCTS = [Entry("ours", "single", "ours"), Entry("numpy", "single", "numpy")]
CONVOLUTIONS = [
    Entry("ours", "single", "ours"),
    *(Entry("torch", "single", variant) for variant in ("contiguous", "channels_last")),
]


class Contender:
    """A worker process, and its answer of each of its turns: the seconds of a step, or bytes."""

    def __init__(self, entry: Entry, subject: str, mode: str, threads: int) -> None:
        self.entry, self.answers = entry, []
        command = [sys.executable, "-m", "tests.benchmarks.worker", entry.module]
        paths = [str(ROOT), str(ROOT / "src"), os.environ.get("PYTHONPATH", "")]
        environment = {**os.environ, **dict.fromkeys(LIMITS, str(threads))}
        self.process = subprocess.Popen(
            [*command, entry.variant, subject, mode, str(threads)],
            cwd=ROOT, env={**environment, "PYTHONPATH": os.pathsep.join(filter(None, paths))},
            text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self.versions = self._answer()

    def _answer(self) -> Any:
        """Return what the worker says next, or None where it has died."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def turn(self) -> None:
        assert self.process.stdin is not None
        time.sleep(PAUSE)
        self.process.stdin.write(f"{SECONDS}\n")
        self.process.stdin.flush()
        self.answers.append(self._answer())

    @property
    def cost(self) -> float:
        return statistics.median(self.answers)

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self.process.communicate(timeout=60)


def race(entries: list[Entry], subject: str, mode: str, threads: int) -> list[Contender]:
    """Return those that could run, such as not `channels_last` of a net without channels."""
    contenders = [Contender(entry, subject, mode, threads) for entry in entries]
    able = [contender for contender in contenders if contender.versions is not None]
    try:
        for _ in range(ROUNDS):
            for contender in able:
                contender.turn()
    finally:
        for contender in contenders:
            contender.close()
    return able


def best(contenders: list[Contender], library: str) -> Contender | None:
    """Return the variant of a library that costs least."""
    of_library = [c for c in contenders if c.entry.library == library]
    return min(of_library, key=lambda c: c.cost, default=None)


def missing(rivals: list[str]) -> list[str]:
    """Return the rivals that are not installed here."""
    return [rival for rival in rivals if importlib.util.find_spec(rival) is None]


def _pairs(
    entries: list[Entry], subject: str, mode: str, threads: int
) -> Iterator[tuple[Contender, Contender, dict[str, Any]]]:
    """Yield ours, the best of each other library, and what a row says of such a pair."""
    contenders = race(entries, subject, mode, threads)
    ours = best(contenders, "ours")
    assert ours is not None, f"our own {subject} failed"
    libraries = dict.fromkeys(entry.library for entry in entries)
    for library in [name for name in libraries if name != "ours"] or ["ours"]:
        if (other := best(contenders, library)) is not None:
            yield ours, other, {
                "net": subject, "mode": mode, "threads": threads,
                "rival_name": library, "variant": other.entry.variant,
                "ratio": other.cost / ours.cost, "versions": {**ours.versions, **other.versions},
            }  # fmt: skip


def _rates(work: counting.Work, seconds: float, peak: float) -> dict[str, float]:
    """Return GFLOP/s of the textbook, and shares of the peak: by these, and by what is executed."""
    gflops = work.textbook / seconds / 1e9
    executed = work.executed / seconds / 1e9
    return {
        "peak": peak, "gflops": gflops, "peak_share": gflops / peak,
        "executed_peak_share": executed / peak,
    }  # fmt: skip


def entries_of(rivals: list[str], left_out: str = "") -> list[Entry]:
    """Return ours and the rivals' variants, but one."""
    found = [entry for rival in rivals for entry in RIVALS[rival]]
    return [OURS, *(entry for entry in found if entry.variant != left_out)]


def net_rows(
    subjects: list[tuple[str, str]], entries: list[Entry], threads: int, peak: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each (subject, mode) of nets and each rival: ours against its best variant.

    Rates are samples (steps, of sequences) a second. gflops counts every multiplication of the
    textbook, whether or not it is saved: peak_share, of `peak` GFLOP/s, may pass 1;
    executed_peak_share (counting.py) does not.
    """
    for subject, mode in subjects:
        net = find(subject)
        batch = net.batch if mode == "train" else INFERENCE_BATCH
        work = counting.of_net(net, mode, batch)
        for ours, other, row in _pairs(entries, subject, mode, threads):
            rates = _rates(work, ours.cost / batch, peak)
            samples = batch * net.units
            yield row | {"ours": samples / ours.cost, "rival": samples / other.cost} | rates


def memory_rows(nets: list[str], entries: list[Entry], threads: int) -> Iterator[dict[str, Any]]:
    """Yield a row for each net and rival: the MB that training takes (memory.py)."""
    for name in nets:
        for ours, other, row in _pairs(entries, name, "memory", threads):
            yield row | {"ours": ours.cost / 1e6, "rival": other.cost / 1e6}


def single_rows(
    subjects: list[tuple[str, str]], entries: list[Entry], threads: int, peak: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each (subject, mode) of products or convolutions; rates are GFLOP/s."""
    for subject, mode in subjects:
        work = counting.of_single(subject, mode)
        for ours, other, row in _pairs(entries, subject, mode, threads):
            rates = _rates(work, ours.cost, peak)
            rival = work.textbook / other.cost / 1e9
            yield row | {"ours": rates["gflops"], "rival": rival} | rates
