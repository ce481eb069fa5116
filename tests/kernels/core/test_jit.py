import os
import subprocess
import sys
from pathlib import Path

import numba
import pytest

from rosenblatt import cache
from rosenblatt.kernels.core import jit
from rosenblatt.sources import sources_of

pytestmark = pytest.mark.skipif(jit.JIT_DISABLED, reason="nothing is compiled")


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
    assert gemm >= {"gemm", "tile", "vectors", "jit", "copying"}
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
