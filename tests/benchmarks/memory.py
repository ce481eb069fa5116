"""How much memory training takes: by how much the resident peak rises above the libraries'.

A trial builds the net with its batch and takes five steps; the peak is Linux's, reset before. The
first trial loads the kernels and is not counted. What it leaves behind is given back: each trial
has a Python thread of its own, with whose end go the buffers that a library keeps by thread. So
weights, gradients, the optimiser's state, the batch, activations and buffers count, for all alike.
"""

import ctypes
import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

M_ARENA_MAX = -8  # of glibc's malloc.h
STEPS = 5
PROCESS = Path("/proc/self")


def share_one_heap() -> None:
    """Have all threads take memory from where the main one does, as training usually does."""
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def trial(build: Callable[[], Callable[[], object]]) -> None:
    """Build a step and run it, in a thread of its own."""

    def run() -> None:
        step = build()
        for _ in range(STEPS):
            step()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(run).result()  # or its error, where the variant cannot build the net


def resident(field: str) -> float:
    """Return the bytes of a field of the process's status: VmRSS now, VmHWM at the peak."""
    lines = (PROCESS / "status").read_text().splitlines()
    return next(1024.0 * int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def peak(build: Callable[[], Callable[[], object]]) -> float:
    """Return the bytes by which the resident peak rises in a trial."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    (PROCESS / "clear_refs").write_text("5")
    before = resident("VmRSS")
    trial(build)
    return resident("VmHWM") - before
