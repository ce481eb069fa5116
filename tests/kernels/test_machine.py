"""The machine: memory that was freed is there for the next request, without new pages."""

import platform
import sys

import numpy as np
import pytest

from rosenblatt.kernels.machine import keep_freed_memory

ARRAYS, MEBIBYTES = 5, 10  # together more than twice the largest: glibc would give them back


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc",
    reason="only glibc can be told to keep freed memory",
)
def test_freed_memory_costs_no_page_the_second_time():
    import resource

    keep_freed_memory()

    def new_pages() -> int:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
        kept = [np.empty(MEBIBYTES << 20, np.uint8) for _ in range(ARRAYS)]
        for array in kept:
            array.fill(1)
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before

    new_pages()
    later = [new_pages() for _ in range(5)]
    assert min(later) < 50, later  # of 12,800 pages of 4 KiB


def test_other_c_libraries_are_left_alone(monkeypatch):
    class Other:
        """A C library without mallopt."""

    monkeypatch.setattr("ctypes.CDLL", lambda name: Other())
    keep_freed_memory()
    with monkeypatch.context() as windows:
        windows.setattr("os.name", "nt")
        windows.setattr("ctypes.CDLL", lambda name: pytest.fail("Windows has no such library"))
        keep_freed_memory()
