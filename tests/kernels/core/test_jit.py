import os
import random
import subprocess
import sys
from pathlib import Path

import numba
import numpy as np
import pytest

from rosenblatt import cache
from rosenblatt.kernels.core import jit, kept
from rosenblatt.kernels.core.kept import KernelCache
from rosenblatt.sources import sources_of

pytestmark = pytest.mark.skipif(jit.JIT_DISABLED, reason="nothing is compiled")


def test_a_slow_threading_layer_is_told_of():
    notice = jit.slow_threads(("absent", "missing"))
    assert notice is not None
    assert "threads start slowly" in notice


def test_numba_is_left_as_it_was():
    """Whoever compiles kernels of his own beside ours finds his settings untouched."""
    show = (
        "import numba; names = [n for n in dir(numba.config) if n.isupper()];"
        "before = [getattr(numba.config, n) for n in names];"
        "import rosenblatt.layers, rosenblatt.train, rosenblatt.classic, rosenblatt.pipeline;"
        "after = [getattr(numba.config, n) for n in names];"
        "print([n for n, a, b in zip(names, before, after) if a is not b and a != b])"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3] / "src")}
    run = subprocess.run(
        [sys.executable, "-c", show], env=environment, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"


def test_kernels_are_kept_by_the_source_of_all_they_build_on():
    gemm = {path.stem for path in sources_of("rosenblatt.kernels.core.gemm", jit.PACKAGE)}
    assert gemm >= {"gemm", "tile", "vectors", "jit", "memory"}
    assert not gemm & {"cache", "errors", "files"}  # an edit of these compiles nothing anew
    names = {
        jit.kernel_folder(f"{jit.PACKAGE}.{name}").name
        for name in ("core.gemm", "core.tile", "convolution.pooling")
    }
    assert len(names) == 3


def test_kernels_are_kept_where_numba_is_told_to(monkeypatch, tmp_path):
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path))
    assert jit.kernel_folder("rosenblatt.kernels.core.gemm").parent == tmp_path
    monkeypatch.setattr(numba.config, "CACHE_DIR", "")
    assert (
        jit.kernel_folder("rosenblatt.kernels.core.gemm").parent == cache.cache_folder() / "kernels"
    )


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
