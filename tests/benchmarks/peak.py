"""The machine's limits: the register tile on numbers in the nearest cache, and memory's speed."""

import time

import numba
import numpy as np
from numba import prange

from rosenblatt.kernels.core.gemm import multiply_panel
from rosenblatt.kernels.core.tile import PAIR, PAIRED, WIDE, Entries, Output, Panels, Start

ROWS, TERMS, REPEATS = 24, 128, 200
COLUMNS = PAIR if PAIRED else WIDE


@numba.njit(parallel=True, nogil=True)
def _spin(tasks, x, w, tables, out):
    places, offsets, rows = tables
    for task in prange(tasks):
        result = out[np.intp(task)]
        for _ in range(REPEATS):
            multiply_panel(
                x, Entries(places, 0, ROWS), Entries(offsets, 0, TERMS),
                Panels(w, 0, TERMS * WIDE), Start(w, 0, 0), Output(result, rows, 0, 0, COLUMNS),
                np.float32(-np.inf),
            )  # fmt: skip


def peak(threads: int, seconds: float = 0.5) -> float:
    """Return the GFLOP/s of the tile alone, the best of many runs."""
    numba.set_num_threads(threads)
    x, w = np.ones(ROWS * TERMS, np.float32), np.ones(TERMS * COLUMNS, np.float32)
    row = np.minimum(np.arange(ROWS + 8), ROWS - 1)
    tables = tuple(
        np.ascontiguousarray(table, np.intp)
        for table in (row * TERMS, np.arange(TERMS), row * COLUMNS)
    )
    out = np.empty((threads, ROWS * COLUMNS), np.float32)
    _spin(threads, x, w, tables, out)  # compiles
    best, end = np.inf, time.perf_counter() + seconds
    while time.perf_counter() < end:
        start = time.perf_counter()
        _spin(threads, x, w, tables, out)
        best = min(best, time.perf_counter() - start)
    return threads * REPEATS * 2 * ROWS * TERMS * COLUMNS / best / 1e9


def bandwidth() -> float:
    """Return GB/s of reading and writing large arrays, the best of many copies by one thread."""
    source = np.ones(1 << 25, np.float32)
    target, best = np.zeros_like(source), np.inf
    for _ in range(10):
        start = time.perf_counter()
        np.copyto(target, source)
        best = min(best, time.perf_counter() - start)
    return 2 * source.nbytes / best / 1e9
