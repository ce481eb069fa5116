"""How kernels are compiled: two decorators, one cache folder, one thread pool.

Numba does not notice that a kernel called from another module has changed, so the cache folder is
named after a hash of all kernel sources: any edit starts an empty cache, and none is ever stale.
"""

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import numba

from rosenblatt.files import user_cache


def _sources_digest() -> str:
    digest = hashlib.sha256(numba.__version__.encode())
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


if "NUMBA_CACHE_DIR" not in os.environ:
    numba.config.CACHE_DIR = str(user_cache() / "kernels" / _sources_digest())
if "NUMBA_THREADING_LAYER" not in os.environ and "NUMBA_THREADING_LAYER_PRIORITY" not in os.environ:
    # A parallel region costs 4-6 microseconds on omp and tbb, 200-800 on workqueue.
    numba.config.THREADING_LAYER_PRIORITY = ["omp", "tbb", "workqueue"]

JIT_DISABLED = bool(numba.config.DISABLE_JIT)


def kernel(function: Callable) -> Callable:
    """Compile a serial kernel: cached, IEEE arithmetic in source order, division by zero as C."""
    return numba.njit(cache=True, error_model="numpy", nogil=True)(function)


def inlined_kernel(function: Callable) -> Callable:
    """As `kernel`, but never a call: for scalar functions, or the caller's loop is not vectorised.

    LLVM by itself calls what is longer than about 200 instructions.
    """
    return numba.njit(cache=True, error_model="numpy", nogil=True, forceinline=True)(function)


def parallel_kernel(function: Callable) -> Callable:
    """Compile a kernel whose `prange` runs over independent outputs; otherwise as `kernel`."""
    return numba.njit(cache=True, error_model="numpy", nogil=True, parallel=True)(function)
