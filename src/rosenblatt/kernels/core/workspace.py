"""Memory of kernels: at a cache line, where vectors are read from one line and not from two; and
what is needed for a moment kept, since a fresh large array costs a page fault a page.
"""

import math
import threading
from typing import Any

import numpy as np

ALIGNMENT = 64  # bytes: a cache line, and the widest vector


def aligned(shape: int | tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array, not initialised, that begins at a cache line."""
    size = math.prod(np.atleast_1d(shape)) * np.dtype(dtype).itemsize
    memory = np.empty(size + ALIGNMENT, np.uint8)
    return np.ndarray(shape, dtype, memory, -memory.ctypes.data % ALIGNMENT)


class _Workspaces(threading.local):
    def __init__(self) -> None:
        self.arrays: dict[tuple[str, np.dtype], np.ndarray] = {}


_workspaces = _Workspaces()


def workspace(name: str, count: int, dtype: np.dtype) -> np.ndarray:
    """Return a flat array of at least `count` elements, not initialised.

    It is the same for each call with this name, dtype and Python thread, grown where necessary:
    whoever asks may use it until it asks again.
    """
    key = name, np.dtype(dtype)
    array = _workspaces.arrays.get(key)
    if array is None or array.size < count:
        array = _workspaces.arrays[key] = aligned(count, dtype)
    return array
