"""Kernels and what they call: each is optimised once, where it is run, in memory and from disk."""

import sys

import numpy as np
import pytest
from numba import prange

from rosenblatt.kernels.core import jit, linking
from rosenblatt.kernels.core.cpu import has_wide_vectors
from rosenblatt.kernels.core.workspace import ALIGNMENT

pytestmark = pytest.mark.skipif(jit.JIT_DISABLED, reason="nothing is compiled")


def root(value):
    if value < 0:
        raise ValueError("a root of a negative number", value)
    return np.sqrt(value)


def roots(values, out):
    for i in range(values.size):
        out[i] = root(values[i])


def roots_of_rows(values, out):
    for n in prange(values.shape[0]):
        roots(values[n], out[n])


@pytest.fixture(params=["compiled", "from disk"])
def kernels(request, monkeypatch, tmp_path):
    """Return the kernels, compiled here, or compiled before and found on disk."""
    monkeypatch.setattr(jit, "kernel_folder", lambda module: tmp_path)
    module, plain = sys.modules[__name__], (root, roots, roots_of_rows)
    makers = jit.kernel, jit.kernel, jit.parallel_kernel

    def made():
        for make, function in zip(makers, plain, strict=True):
            monkeypatch.setattr(module, function.__name__, make(function))
        return module.roots, module.roots_of_rows

    kernels = made()
    if request.param == "from disk":
        one = np.ones((1, 1))
        kernels[0](one[0], one[0])
        kernels[1](one, one)
        kernels = made()
    return kernels


@pytest.fixture
def optimised(monkeypatch):
    """Return the names of the libraries that are optimised from now on."""
    names = []

    def note(library):
        names.append(library.name)
        return optimise(library)

    optimise = linking.LinkedLibrary._optimize_final_module
    monkeypatch.setattr(linking.LinkedLibrary, "_optimize_final_module", note)
    return names


def test_calls_give_what_they_should(kernels):
    values = np.random.default_rng(0).random((5, 7))
    for kernel, rows in zip(kernels, (values[0], values), strict=True):
        out = np.empty_like(rows)
        kernel(rows, out)
        assert (out == np.sqrt(rows)).all()


def test_an_error_in_what_is_called_is_told(kernels):
    with pytest.raises(ValueError, match=r"a root of a negative number.*-4"):
        kernels[0](np.array([4.0, -4.0]), np.empty(2))


def test_each_kernel_is_optimised_once(kernels, optimised, request):
    values = np.ones((2, 3))
    for kernel, rows in zip(kernels, (values[0], values), strict=True):
        kernel(rows, np.empty_like(rows))
    fresh = "compiled" in request.node.name
    assert optimised == (["roots", "roots_of_rows"] if fresh else [])


def double(values):
    for i in range(values.size):
        values[i] += values[i]


@pytest.mark.skipif(not has_wide_vectors(), reason="no registers of 16 floats")
def test_loops_fill_registers_of_16_floats(monkeypatch, tmp_path):
    monkeypatch.setattr(jit, "kernel_folder", lambda module: tmp_path)
    compiled = jit.kernel(double)
    compiled(np.ones(5, np.float32))
    (assembly,) = compiled.inspect_asm().values()
    assert "zmm" in assembly


def places_of_arrays(sizes, out):
    for n in prange(sizes.size):
        kept, zeros = np.empty(sizes[n], np.float32), np.zeros((sizes[n], 3), np.float64)
        out[n, 0], out[n, 1] = kept.ctypes.data, zeros.ctypes.data


def test_arrays_that_kernels_make_begin_at_a_cache_line(monkeypatch, tmp_path):
    monkeypatch.setattr(jit, "kernel_folder", lambda module: tmp_path)
    sizes = np.arange(1, 200)
    for kernel in (jit.kernel(places_of_arrays), jit.parallel_kernel(places_of_arrays)):
        places = np.zeros((sizes.size, 2), np.int64)
        kernel(sizes, places)
        assert places.all()
        assert not (places % ALIGNMENT).any()
