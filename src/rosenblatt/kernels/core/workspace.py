"""Memory that a kernel needs for a moment, kept: a fresh large array costs a page fault a page."""

import threading

import numpy as np


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
        array = _workspaces.arrays[key] = np.empty(count, dtype)
    return array
