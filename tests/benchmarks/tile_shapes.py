"""Which shape of the register tile is the fastest on this processor.

    python -m tests.benchmarks.tile_shapes [--json FILE]

Tiles of R rows by V vectors of so many lanes (kernels/core/tile.py) multiply a panel that stays in
the nearest cache, one thread, in turns; the medians of their GFLOP/s stand beside the peak of
multiply-adds alone (peak.py). FILE, by default report/results/tile-shapes.json, has one table for
each processor that was met. NUMBA_CPU_NAME=x86-64-v3 NUMBA_CPU_FEATURES= shows one of AVX2.
"""

import argparse
import json
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numba
import numpy as np

from rosenblatt.files import write_atomic
from rosenblatt.kernels.core.tile import (
    PAIR,
    PAIR_ROWS,
    PAIRED,
    WIDE,
    WIDE_ROWS,
    Entries,
    Output,
    Panels,
    Shape,
    Start,
    make_tile,
)
from rosenblatt.kernels.core.vectors import LANES
from tests.benchmarks.peak import peak
from tests.benchmarks.race import ROOT
from tests.benchmarks.suite import cpu

RESULTS = ROOT / "report" / "results" / "tile-shapes.json"
TERMS, REPEATS, TURNS = 128, 4000, 15
USED = (PAIR_ROWS, 2, WIDE) if PAIRED else (WIDE_ROWS, WIDE // LANES, LANES)
SHAPES = [(4, 2, 8), (6, 2, 8), (8, 1, 8), (3, 4, 8), (4, 3, 8), (8, 2, 8),
          (4, 2, 16), (6, 2, 16), (8, 2, 16), (12, 2, 16), (14, 2, 16), (12, 1, 16), (9, 3, 16),
          (6, 4, 16)]  # fmt: skip


def subject(rows: int, vectors: int, lanes: int) -> Callable[[], object]:
    """Return what runs a tile of this shape so many times."""
    columns = vectors * lanes
    panel = WIDE if columns in (WIDE, PAIR) else columns  # as weights are packed, where they are
    tile = make_tile(Shape(rows, vectors, lanes, panel))

    @numba.njit(nogil=True, error_model="numpy")
    def spin(x, w, tables, out):
        places, offsets, starts = tables
        for _ in range(REPEATS):
            tile(
                x, Entries(places, 0, rows), Entries(offsets, 0, TERMS),
                Panels(w, 0, TERMS * panel), Start(w, 0, 0, panel),
                Output(out, starts, 0, 0, columns, panel),
                np.float32(-np.inf),
            )  # fmt: skip

    x, w = np.ones(rows * TERMS, np.float32), np.ones(TERMS * columns, np.float32)
    row = np.arange(rows)
    tables = tuple(
        table.astype(np.intp) for table in (row * TERMS, np.arange(TERMS), row * columns)
    )
    out = np.empty(rows * columns, np.float32)
    spin(x, w, tables, out)
    assert (out == TERMS + 1).all()
    return lambda: spin(x, w, tables, out)


def measured() -> list[dict]:
    """Return a row for each shape."""
    subjects = {shape: subject(*shape) for shape in SHAPES}
    seconds: dict[tuple, list[float]] = {shape: [] for shape in SHAPES}
    tops = []
    for _ in range(TURNS):
        tops.append(peak(1, 0.02))
        for shape, run in subjects.items():
            start = time.perf_counter()
            run()
            seconds[shape].append(time.perf_counter() - start)
    top, rows = statistics.median(tops), []
    for shape, times in seconds.items():
        rate = 2.0 * REPEATS * TERMS * np.prod(shape) / statistics.median(times) / 1e9
        names = dict(zip(("rows", "vectors", "lanes"), shape, strict=True))
        rows.append(names | {"used": shape == USED, "gflops": rate, "peak": top,
                             "peak_share": rate / top})  # fmt: skip
    return rows


def main() -> None:
    """Print a line for each shape, the fastest first, and keep the table of this processor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", metavar="FILE", type=Path, default=RESULTS)
    file = parser.parse_args().json
    found = sorted(measured(), key=lambda row: -row["gflops"])
    print(f"{cpu()}: peak of multiply-adds alone {found[0]['peak']:.0f} GFLOP/s")
    for row in found:
        print("{rows:2} x {vectors} of {lanes:2} lanes: {gflops:6.1f} GFLOP/s, {peak_share:.0%} of "
              "the peak".format(**row) + ", the one in use" * row["used"])  # fmt: skip
    kept = json.loads(file.read_text()) if file.exists() else {}
    write_atomic(file, json.dumps(kept | {cpu(): found}, indent=2) + "\n")


if __name__ == "__main__":
    main()
