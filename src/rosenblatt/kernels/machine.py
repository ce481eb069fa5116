"""The machine that the kernels run on: its threads and its processor."""

import os

import numba
from llvmlite import binding


def use_threads(count: int) -> int:
    """Let parallel kernels use `count` threads, at most those that Numba has; return the former."""
    before = numba.get_num_threads()
    numba.set_num_threads(max(1, min(count, most_threads())))
    return before


def threads_in_use() -> int:
    """Return how many threads parallel kernels use, when they are called from this thread."""
    return numba.get_num_threads()


def most_threads() -> int:
    """Return how many threads Numba has: the cores, or what NUMBA_NUM_THREADS says."""
    return numba.config.NUMBA_NUM_THREADS


def cpu_name() -> str:
    """Return the processor that kernels are compiled for, as LLVM calls it."""
    return os.environ.get("NUMBA_CPU_NAME") or binding.get_host_cpu_name()
