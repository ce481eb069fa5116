"""The machine: memory that was freed is there for the next request, without new pages."""

import json
import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.kernels.core.cpu import keep_freed_memory

SOURCES = Path(__file__).resolve().parents[3] / "src"

# Five arrays of 10 MiB at a time: together more than glibc keeps of its own accord. A process of
# its own, since what other tests left free would be counted as kept.
NEW_PAGES = """
import json, resource
import numpy as np
from rosenblatt.kernels.core.cpu import keep_freed_memory

def new_pages():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    kept = [np.empty(10 << 20, np.uint8) for _ in range(5)]
    for array in kept:
        array.fill(1)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

without = [new_pages() for _ in range(5)]
keep_freed_memory()
print(json.dumps([without, [new_pages() for _ in range(5)]]))
"""


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc",
    reason="only glibc can be told to keep freed memory",
)
def test_freed_memory_costs_fewer_new_pages_the_second_time():
    environment = {**os.environ, "PYTHONPATH": str(SOURCES)}
    command = [sys.executable, "-c", NEW_PAGES]
    ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
    without, kept = json.loads(ran.stdout)
    assert min(kept[1:]) < min(without[1:]) / 2, (without, kept)


def test_other_c_libraries_are_left_alone(monkeypatch):
    class Other:
        """A C library without mallopt."""

    monkeypatch.setattr("ctypes.CDLL", lambda name: Other())
    keep_freed_memory()
    with monkeypatch.context() as windows:
        windows.setattr("os.name", "nt")
        windows.setattr("ctypes.CDLL", lambda name: pytest.fail("Windows has no such library"))
        keep_freed_memory()
