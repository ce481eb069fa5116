import threading

import numpy as np

from rosenblatt.kernels.core.workspace import workspace


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
