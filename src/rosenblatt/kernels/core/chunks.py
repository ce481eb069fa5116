"""How elementwise kernels are shared out: in contiguous chunks whose bounds depend on sizes alone.

A kernel's serial part works on slices, so that its loop counts from 0 and runs in vectors.
"""

from collections.abc import Callable
from types import FunctionType

from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel

CHUNK = 16384  # elements: 64 KiB of float32; a chunk takes longer than waking a thread
ROWS = 512  # at most in a block, so that no float32 sum runs long enough to lose digits


@kernel
def chunk_count(size):
    """Return how many chunks `size` elements make."""
    return (size + CHUNK - 1) // CHUNK


@kernel
def rows_of_chunk(columns):
    """Return how many whole rows of `columns` elements make a block: a chunk at most."""
    return min(ROWS, max(1, CHUNK // columns))


def _two(a, b, *numbers):
    for chunk in prange(chunk_count(a.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        part(a[i:j], b[i:j], *numbers)  # type: ignore[name-defined]  # noqa: F821


def _three(a, b, c, *numbers):
    for chunk in prange(chunk_count(a.size)):
        i, j = chunk * CHUNK, (chunk + 1) * CHUNK
        part(a[i:j], b[i:j], c[i:j], *numbers)  # type: ignore[name-defined]  # noqa: F821


def in_chunks(arrays: int) -> Callable[[Callable], Callable]:
    """Compile a loop over so many flat arrays of one size, then numbers, for all threads.

    Each has a copy of `_two` or `_three`, with its own loop for `part`: of a closure, Numba would
    keep nothing on disk.
    """
    shared = {2: _two, 3: _three}[arrays]

    def compiled(loop: Callable) -> Callable:
        names = {**shared.__globals__, "part": kernel(loop)}
        copy = FunctionType(shared.__code__, names, loop.__name__)
        copy.__module__, copy.__qualname__ = loop.__module__, loop.__qualname__
        copy.__doc__ = loop.__doc__
        return parallel_kernel(copy)

    return compiled
