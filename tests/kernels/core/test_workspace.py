import threading

import numpy as np

from rosenblatt.kernels.core.workspace import ALIGNMENT, aligned, workspace


def test_memory_is_kept_by_name_and_dtype_and_grows():
    float32, float64 = np.dtype(np.float32), np.dtype(np.float64)
    first = workspace("one", 5, float32)
    assert workspace("one", 3, float32) is first
    assert first.size >= 5
    assert first.dtype == float32
    others = workspace("two", 5, float32), workspace("one", 5, float64)
    assert not any(np.shares_memory(first, other) for other in others)
    larger = workspace("one", first.size + 1, float32)
    assert larger.size > first.size
    assert workspace("one", 0, float32) is larger


def test_two_threads_never_share_memory():
    ours, theirs = workspace("one", 4, np.dtype(np.float32)), []
    thread = threading.Thread(target=lambda: theirs.append(workspace("one", 4, ours.dtype)))
    thread.start()
    thread.join()
    assert not np.shares_memory(ours, theirs[0])


def test_memory_begins_at_a_cache_line():
    held = [aligned((rows, 3), np.float32) for rows in range(1, 200)]
    assert all(array.shape == (rows + 1, 3) for rows, array in enumerate(held))
    assert all(array.dtype == np.float32 and array.flags.c_contiguous for array in held)
    held += [workspace(f"line {count}", count, np.dtype(np.float64)) for count in range(1, 20)]
    assert all(array.ctypes.data % ALIGNMENT == 0 for array in held)
    assert aligned(0, np.float64).shape == (0,)
