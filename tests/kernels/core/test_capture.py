import threading

import numpy as np
import pytest

from rosenblatt.kernels.core.capture import capture, do
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.sums import add, column_sums

pytestmark = pytest.mark.skipif(JIT_DISABLED, reason="no kernel is compiled: nothing to capture")


def test_calls_are_captured_in_order_and_of_this_block_alone():
    x, out, log = np.ones((3, 4), np.float32), np.zeros(4, np.float32), []
    column_sums(x, out)
    with capture() as calls:
        column_sums(x, out)
        do(log.append, 1)
    x *= 2
    for call in calls:
        call()
    assert len(calls) == 2
    assert log == [1, 1]
    np.testing.assert_array_equal(out, np.full(4, 6, np.float32))


def test_named_and_collected_arguments_are_captured():
    x, y, out = np.ones(5, np.float32), np.arange(5, dtype=np.float32), np.zeros(5, np.float32)
    sums = np.zeros(5, np.float32)
    with capture() as calls:
        add(x, y, out)
        column_sums(x=out.reshape(1, 5), out=sums)
    y += 1
    for call in calls:
        call()
    np.testing.assert_array_equal(sums, x + y)


def test_what_another_thread_runs_is_not_captured():
    x, out = np.ones((3, 4), np.float32), np.zeros(4, np.float32)
    with capture() as calls:
        other = threading.Thread(target=column_sums, args=(x, out))
        other.start()
        other.join()
    assert calls == []


def test_after_an_error_nothing_is_captured_any_more():
    x, out = np.ones((3, 4), np.float32), np.zeros(4, np.float32)
    with pytest.raises(ZeroDivisionError), capture() as calls:
        do(divmod, 1, 0)
    column_sums(x, out)
    assert calls == []
