"""Tables of the engine's page say what the rows hold."""

import sys

import numpy as np
import pytest

from tests.benchmarks import memory
from tests.benchmarks.engine_tables import of_growth, of_memory, rise


def row(net, seconds, **others):
    """A row of a net whose step of one sample takes so long."""
    of = {"mode": "train", "rival_name": "torch", "variant": "compiled", "ratio": 2.0, "threads": 1}
    return {"net": net, "ours": 1 / seconds, "gflops": 1e-3 / seconds} | of | others


def test_a_rise_is_measured_from_the_least_before():
    assert rise([4.0, 2.0, 3.0, 2.0]) == 0.5
    assert rise([3.0, 2.0, 1.0]) == 0


def test_growth_is_told_by_axis():
    rows = [row("D", 2e-6), row("D batch=32", 4e-6), row("D side=56", 3e-6),
            row("D width=0.5", 1e-6), row("D", 1e-6, threads=2)]  # fmt: skip
    lines = [line.strip("| ").split(" | ") for line in of_growth(rows).splitlines()[2:]]
    unit = "µs a sample"
    assert lines[0] == ["D", "batch", "32, 128", unit, "4, 2", "8, 4", "2.00 to 2.00", "0%", "0%"]
    assert lines[1][1:6] == ["side", "28, 56", "ps an operation", "2, 3", "4, 6"]
    assert lines[1][7] == "50%"
    assert lines[2][2:5] == ["0.5, 1", "ps an operation", "1, 2"]
    assert lines[3][1:5] == ["threads", "1, 2", unit, "2, 1"]


def test_memory_is_ours_by_theirs():
    table = of_memory([row("C", 1.0, mode="memory", ours=50.0, rival=100.0)])
    assert table.splitlines()[2] == "| C | 50.0 | 100.0 compiled | **0.50** | 1 |"


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are reset by Linux alone")
def test_memory_is_what_a_trial_takes_at_its_peak():
    def build():
        kept = np.ones(5_000_000)
        return lambda: kept.max() + np.ones(5_000_000).max()

    for _ in range(2):  # what the first leaves behind is given back
        assert 78e6 < memory.peak(build) < 100e6
