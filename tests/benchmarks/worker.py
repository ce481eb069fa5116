"""One contender in a process of its own: builds its step, then runs a burst whenever it is told.

    python -m tests.benchmarks.worker MODULE VARIANT SUBJECT MODE THREADS

Reads lines `seconds`, answers each with the seconds a step took; the first answer is versions.
Processes keep the libraries' thread pools from waiting on the same cores. With one thread the
processor's own time is taken, which does not count what other programs took from it.
"""

import importlib
import json
import platform
import sys
import time
from importlib.metadata import PackageNotFoundError, version

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


def main() -> None:
    module, variant, subject, mode, threads = sys.argv[1:]
    contender = importlib.import_module(f"tests.benchmarks.{module}")
    step = contender.build(subject, mode, variant, int(threads))
    for _ in range(3):  # compiles, and sizes what is reused
        step()
    print(json.dumps(versions(module)), flush=True)
    clock = time.process_time if threads == "1" else time.perf_counter
    for line in sys.stdin:
        print(burst(step, float(line), clock), flush=True)


if __name__ == "__main__":
    main()
