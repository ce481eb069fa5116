"""Races: each contender in its process, in turns A B A B, so that all see the same machine."""

import contextlib
import importlib.util
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tests.benchmarks import single
from tests.benchmarks.nets import INFERENCE_BATCH, NETS

ROOT = Path(__file__).parents[2]
ROUNDS, SECONDS = 7, 0.3  # turns of each contender, and how long one lasts
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
    """A worker process, and the seconds of a step in each of its turns."""

    def __init__(self, entry: Entry, subject: str, mode: str, threads: int) -> None:
        self.entry, self.times = entry, []
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
        self.process.stdin.write(f"{SECONDS}\n")
        self.process.stdin.flush()
        self.times.append(self._answer())

    @property
    def seconds(self) -> float:
        return statistics.median(self.times)

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
    """Return the fastest variant of a library."""
    of_library = [c for c in contenders if c.entry.library == library]
    return min(of_library, key=lambda c: c.seconds, default=None)


def missing(rivals: list[str]) -> list[str]:
    """Return the rivals that are not installed here."""
    return [rival for rival in rivals if importlib.util.find_spec(rival) is None]


def net_rows(
    nets: list[str], rivals: list[str], threads: int, peak: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each net, mode and rival: ours against the rival's best variant.

    Rates are samples (steps, of sequences) a second. gflops counts every multiplication of the
    textbook, whether or not it is saved: peak_share, of `peak` GFLOP/s, may pass 1.
    """
    for name in nets:
        net = NETS[name]
        for mode in ("train", "infer"):
            entries = [OURS, *(entry for rival in rivals for entry in RIVALS[rival])]
            contenders = race(entries, name, mode, threads)
            ours = best(contenders, "ours")
            assert ours is not None, "our own network failed"
            samples = net.units * (net.batch if mode == "train" else INFERENCE_BATCH)
            gflops = samples / ours.seconds * net.flops(mode) / 1e9
            for rival in rivals or ["ours"]:
                other = best(contenders, rival)
                if other is None:
                    continue
                yield {
                    "net": name, "mode": mode, "threads": threads,
                    "ours": samples / ours.seconds, "rival": samples / other.seconds,
                    "rival_name": rival, "variant": other.entry.variant,
                    "ratio": other.seconds / ours.seconds, "gflops": gflops,
                    "peak_share": gflops / peak, "versions": {**ours.versions, **other.versions},
                }  # fmt: skip


def single_rows(
    subjects: list[tuple[str, str]], entries: list[Entry], threads: int, peak: float
) -> Iterator[dict[str, Any]]:
    """Yield a row for each (subject, mode) of products or convolutions; rates are GFLOP/s."""
    for subject, mode in subjects:
        contenders = race(entries, subject, mode, threads)
        ours = best(contenders, "ours")
        assert ours is not None, f"our own {subject} failed"
        work = single.flops(subject) / 1e9
        libraries = {c.entry.library for c in contenders}
        for library in sorted(libraries - {"ours"}) or ["ours"]:
            other = best(contenders, library)
            assert other is not None
            yield {
                "net": subject, "mode": mode, "threads": threads,
                "ours": work / ours.seconds, "rival": work / other.seconds,
                "rival_name": library, "variant": other.entry.variant,
                "ratio": other.seconds / ours.seconds, "gflops": work / ours.seconds,
                "peak_share": work / ours.seconds / peak,
                "versions": {**ours.versions, **other.versions},
            }  # fmt: skip
