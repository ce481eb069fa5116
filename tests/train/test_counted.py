"""The count of compiled kernels is known the next time, for the same work alone."""

import pytest

from rosenblatt import cache
from rosenblatt.compilation import COMPILATION
from rosenblatt.train import counted


def compile_for(work, kernels):
    """Return the count of the last time that is told while a work compiles."""
    with counted.counted(work):
        for _ in range(kernels):
            with COMPILATION.of("kernel"):
                pass
        return COMPILATION.last_time


@pytest.fixture(autouse=True)
def folder(monkeypatch, tmp_path):
    monkeypatch.setattr(counted, "cache_folder", lambda: tmp_path)
    return tmp_path


def test_a_count_is_told_the_next_time():
    found = [compile_for("net", kernels) for kernels in (0, 9, 0, 3, 8, 0)]
    assert found == [0, 0, 9, 9, 9, 8]  # three kernels were a part, eight are another version's
    assert compile_for("other net", 0) == 0
    assert COMPILATION.last_time == 0


def test_a_work_within_another_is_counted_for_both():
    for last_times in ((0, 0), (3, 2)):
        with counted.counted("command"), COMPILATION.of("kernel"):
            assert COMPILATION.last_time == last_times[0]
            assert compile_for("net", 2) == last_times[1]
            assert COMPILATION.last_time == last_times[0]


def test_where_nothing_can_be_kept_the_count_is_unknown(monkeypatch):
    monkeypatch.setattr(counted, "cache_folder", lambda: cache.NOWHERE)
    assert [compile_for("net", 9), compile_for("net", 9)] == [0, 0]
