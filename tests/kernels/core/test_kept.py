"""Compiled kernels on disk: what is loaded is what was written, or it is compiled again."""

import random
from pathlib import Path

import numba
import numpy as np
import pytest

from rosenblatt import cache
from rosenblatt.kernels.core import jit, kept
from rosenblatt.kernels.core.kept import KernelCache

pytestmark = pytest.mark.skipif(jit.JIT_DISABLED, reason="nothing is compiled")


def total(values):
    found = 0.0
    for value in values:
        found += value
    return found


def compiled(folder):
    """Return a kernel as a new process has it: nothing is compiled but what the folder holds."""
    made = numba.njit(error_model="numpy")(total)
    made._cache = KernelCache(total, folder)
    return made


def test_a_kernel_is_compiled_once(tmp_path):
    first, second = compiled(tmp_path), compiled(tmp_path)
    for values in (np.ones(3), np.ones(3, np.float32)):
        assert first(values) == second(values) == 3
    assert sum(first.stats.cache_hits.values()) == 0
    assert sum(second.stats.cache_hits.values()) == 2
    assert len(list(tmp_path.iterdir())) == 2


def test_a_damaged_kernel_is_compiled_anew(tmp_path):
    compiled(tmp_path)(np.ones(3))
    (entry,) = tmp_path.iterdir()
    whole, draw = entry.read_bytes(), random.Random(1958)
    for cut in (b"", whole[:-1], whole[: len(whole) // 2], *[whole] * 6):
        damaged = bytearray(cut)
        if cut == whole:
            damaged[draw.randrange(len(whole))] ^= 1 << draw.randrange(8)
        entry.write_bytes(damaged)
        again = compiled(tmp_path)
        assert again(np.ones(3)) == 3
        assert not sum(again.stats.cache_hits.values())
    assert sum(compiled(tmp_path).stats.cache_hits.values()) == 0
    last = compiled(tmp_path)
    last(np.ones(3))
    assert sum(last.stats.cache_hits.values()) == 1  # what was compiled anew is whole


@pytest.mark.parametrize("place", ["nowhere", "full"])
def test_kernels_run_where_none_can_be_kept(tmp_path, monkeypatch, place):
    if place == "full":

        def full(path):
            raise cache.UserError("no space left")

        monkeypatch.setattr(cache, "atomic_file", full)
    folder = cache.NOWHERE if place == "nowhere" else tmp_path
    assert compiled(Path(folder))(np.ones(3)) == 3
    assert not list(tmp_path.iterdir())


def test_an_entry_of_another_signature_is_not_run(tmp_path, monkeypatch):
    compiled(tmp_path)(np.ones(3))
    (entry,) = tmp_path.iterdir()
    content = cache.kept(entry)
    monkeypatch.setattr(kept, "kept", lambda path: content)  # as if two digests were the same
    other = compiled(tmp_path)
    assert other(np.ones(3, np.int64)) == 3
    assert not sum(other.stats.cache_hits.values())
