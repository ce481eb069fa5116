"""The products' bits: the same over thread counts and instruction sets, each in a fresh process."""

import os
import subprocess
import sys
from pathlib import Path

import llvmlite.binding
import pytest

SOURCES = Path(__file__).parents[2] / "src"

PROGRAM = """
import hashlib, numba, numpy as np
from rosenblatt.kernels.convolution import depthwise
from rosenblatt.kernels.convolution import direct
from rosenblatt.kernels.convolution import dispatch
from rosenblatt.kernels.convolution import winograd
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.convolution.geometry import Geometry

def digest():
    rng, total = np.random.default_rng(0), hashlib.sha256()
    def normal(*shape):
        return (rng.random(shape, np.float32) - np.float32(0.5)) * np.float32(3.7)
    a, b = normal(67, 301), normal(301, 77)
    total.update(gemm(a, b, np.empty((67, 77), np.float32), floor=0.0).tobytes())
    g = Geometry(11, 9, 8, 3, 3, 24, 1, 1)
    x, weight, bias, d = normal(9, 11, 9, 8), normal(3, 3, 8, 24), normal(24), normal(9, 11, 9, 24)
    out, d_x, d_weight, d_bias = (np.empty_like(array) for array in (d, x, weight, bias))
    winograd.convolve(x, weight, bias, out, g, 0.0)
    winograd.input_gradient(d, out, weight, d_x, g)
    direct.weight_gradient(x, d, out, d_weight, d_bias, g)
    results = [out, d_x, d_weight, d_bias]
    for C, F in ((1, 6), (6, 16)):
        g = Geometry(12, 12, C, 5, 5, F, 1, 0)
        x, weight, bias, d = normal(9, 12, 12, C), normal(5, 5, C, F), normal(F), normal(9, 4, 4, F)
        out, codes = np.empty_like(d), np.empty(d.shape, np.uint8)
        d_x, d_weight, d_bias = (np.empty_like(array) for array in (x, weight, bias))
        dispatch.convolve_pool(x, weight, bias, g, 2, 0.0, out, codes)
        dispatch.pooled_weight_gradient(x, d, out, codes, g, 2, 0.0, d_weight, d_bias)
        dispatch.pooled_input_gradient(d, out, codes, weight, g, 2, 0.0, d_x)
        results += [out, codes, d_x, d_weight, d_bias]
    g = Geometry(12, 12, 45, 3, 3, 45, 1, 1, groups=45)
    image = 9, 12, 12, 45
    x, weight, bias, d = normal(*image), normal(3, 3, 1, 45), normal(45), normal(*image)
    out, d_x, d_weight, d_bias = (np.empty_like(array) for array in (d, x, weight, bias))
    depthwise.convolve(x, weight, bias, out, g, 0.0)
    depthwise.input_gradient(d, out, weight, d_x, g)
    depthwise.weight_gradient(x, d, out, d_weight, d_bias, g)
    results += [out, d_x, d_weight, d_bias]
    for result in results:
        total.update(result.tobytes())
    return total.hexdigest()

for threads in (4, 1, 2, 3):
    numba.set_num_threads(threads)
    print(digest())
"""


def digests(**settings):
    environment = {**os.environ, "PYTHONPATH": str(SOURCES), "NUMBA_NUM_THREADS": "4", **settings}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env=environment, capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.fixture(scope="module")
def native():
    found = digests()
    assert len(found) == 4
    return found


def test_threads_change_no_bit(native):
    assert len(set(native)) == 1


@pytest.mark.parametrize("level", ["x86-64", "x86-64-v2", "x86-64-v3"])
def test_instruction_sets_change_no_bit(native, level):
    features = llvmlite.binding.get_host_cpu_features()
    if not features.get("avx2" if level.endswith("v3") else "sse4.2"):
        pytest.skip(f"this CPU does not run {level}")
    # Empty features, or Numba would add those of the host to the named processor's.
    assert digests(NUMBA_CPU_NAME=level, NUMBA_CPU_FEATURES="") == native
