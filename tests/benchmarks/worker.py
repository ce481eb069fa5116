"""One contender in a process of its own: builds its step, then runs a burst whenever it is told.

    python -m tests.benchmarks.worker MODULE VARIANT SUBJECT MODE THREADS

Reads lines `seconds`, answers each with the seconds a step took, of the mode `memory` with the
bytes that a trial takes; the first answer is versions.
Processes keep the libraries' thread pools from waiting on the same cores. With one thread the
processor's own time is taken, which does not count what other programs took from it. Where time is
raced all keep freed memory as we do, by which they gain; where memory is, each does as it does.
"""

import importlib
import json
import platform
import sys
import time
from collections.abc import Callable
from functools import partial
from importlib.metadata import PackageNotFoundError, version

from rosenblatt.kernels.core.cpu import keep_freed_memory
from tests.benchmarks import memory

PACKAGES = {
    "ours": ("rosenblatt", "numba", "numpy"),
    "torch_rival": ("torch",),
    "jax_rival": ("jax", "jaxlib"),
    "single": ("numba", "numpy", "torch"),
}


def versions(module: str) -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in PACKAGES[module]:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "source"
    return found


def burst(step, seconds: float, clock) -> float:
    """Run the step for about so many seconds; return the seconds of one."""
    count, start = 0, clock()
    while (elapsed := clock() - start) < seconds or count == 0:
        step()
        count += 1
    return elapsed / count


def timed(build: Callable[[], Callable[[], object]], clock) -> Callable[[float], float]:
    """Return what measures a step."""
    keep_freed_memory()
    step = build()
    for _ in range(3):  # compiles, and sizes what is reused
        step()
    return lambda seconds: burst(step, seconds, clock)


def watched(build: Callable[[], Callable[[], object]]) -> Callable[[float], float]:
    """Return what measures the memory of a trial, however long that takes."""
    memory.share_one_heap()
    memory.trial(build)  # compiles
    return lambda seconds: memory.peak(build)


def main() -> None:
    module, variant, subject, mode, threads = sys.argv[1:]
    contender = importlib.import_module(f"tests.benchmarks.{module}")
    build = partial(contender.build, subject, mode, variant, int(threads))
    clock = time.process_time if threads == "1" else time.perf_counter
    measure = watched(build) if mode == "memory" else timed(build, clock)
    print(json.dumps(versions(module)), flush=True)
    for line in sys.stdin:
        print(measure(float(line)), flush=True)


if __name__ == "__main__":
    main()
