"""How kernels are compiled: two decorators, a cache that is never stale, one thread pool.

Numba does not notice that a kernel called from another module has changed. So each module's cache
folder is named after a hash of its source and of all kernel sources that it builds on: an edit
starts an empty cache for what depends on it, and for nothing else.
"""

import hashlib
import importlib
import os
import sys
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numba
from numba import types
from numba.np.ufunc import parallel

from rosenblatt.cache import cache_folder
from rosenblatt.kernels.core.capture import CapturedKernel
from rosenblatt.kernels.core.cpu import keep_freed_memory
from rosenblatt.kernels.core.kept import KernelCache
from rosenblatt.kernels.core.linking import KernelCompiler
from rosenblatt.sources import sources_digest

PACKAGE = "rosenblatt.kernels"  # other sources are in no compiled kernel
# What Numba would share out beside loops that say `prange`, each compiled apart.
BESIDE = "comprehension", "reduction", "inplace_binop", "setitem", "numpy", "stencil", "fusion"
JIT_DISABLED = bool(numba.config.DISABLE_JIT)

# Kernels call no BLAS, and to have it Numba would import all of scipy.linalg: 0.3 s of each start.
BLAS = "scipy.linalg.cython_blas"
if BLAS not in sys.modules:
    sys.modules[BLAS] = None  # type: ignore[assignment]  # an import of it fails
    importlib.import_module("numba.np.arraymath")
    del sys.modules[BLAS]

keep_freed_memory()


def _with_own_threads(launch: Callable[[], None]) -> Callable[[], None]:
    """Return what launches Numba's threads, and in their place, the first time, ours."""

    def launch_both() -> None:
        launch()
        parallel._launch_threads = lambda: None  # they run: numba.get_num_threads asks each time
        importlib.import_module(f"{PACKAGE}.core.thread_pool").start()  # itself of kernels

    return launch_both


if not (
    JIT_DISABLED or numba.config.NUMBA_NUM_THREADS == 1 or "NUMBA_THREADING_LAYER" in os.environ
):
    parallel._launch_threads = _with_own_threads(parallel._launch_threads)


def kernel_folder(module: str) -> Path:
    """Return where the compiled kernels of a module (its absolute name) belong.

    In the folder that Numba was told (NUMBA_CACHE_DIR), or else in the cache.
    """
    told = numba.config.CACHE_DIR
    base = Path(told) if told else cache_folder() / "kernels"
    built_on = f"{numba.__version__} {sources_digest(module, PACKAGE)}"
    digest = hashlib.sha256(built_on.encode()).hexdigest()[:16]
    return base / f"{module.removeprefix(f'{PACKAGE}.')}-{digest}"


def _for_kernels(function: Callable, folder: Path, **options: Any) -> Any:
    """Compile what other kernels call: without the wrapper that takes Python's arguments apart.

    Calls share one compiled version, whatever literals they hold: Numba by itself compiles a
    function anew for each literal number among the arguments, even in tuples.
    """
    called = numba.njit(**options, no_cpython_wrapper=True)(function)
    called._cache = KernelCache(function, folder, "called")
    template = called.get_call_template
    called.get_call_template = lambda args, kws: template(
        tuple(map(types.unliteral, args)),
        {name: types.unliteral(value) for name, value in kws.items()},
    )
    return called


def _compile(function: Callable, **settings: Any) -> Callable:
    options = {
        "error_model": "numpy",
        "nogil": True,
        "no_cfunc_wrapper": True,
        "pipeline_class": KernelCompiler,
        **settings,
    }
    compiled = numba.njit(**options)(function)
    if not JIT_DISABLED:
        folder = kernel_folder(function.__module__)
        compiled.__class__ = CapturedKernel
        compiled._cache = KernelCache(function, folder)
        called = cache(lambda: _for_kernels(function, folder, **options))  # most never are
        compiled.get_call_template = lambda args, kws: called().get_call_template(args, kws)
        compiled.get_overload = lambda signature: called().get_overload(signature)
    return compiled


def kernel(function: Callable) -> Callable:
    """Compile a serial kernel: cached, IEEE arithmetic in source order, division by zero as C."""
    return _compile(function)


def inlined_kernel(function: Callable) -> Callable:
    """As `kernel`, but never a call: for scalar functions, or the caller's loop is not vectorised.

    LLVM by itself calls what is longer than about 200 instructions.
    """
    return _compile(function, forceinline=True)


def parallel_kernel(function: Callable) -> Callable:
    """Compile a kernel whose `prange` runs over independent outputs; otherwise as `kernel`."""
    return _compile(function, parallel={"prange": True, **dict.fromkeys(BESIDE, False)})
