"""Words that several threads change: no change is lost, and each sees what it replaced."""

import threading

import numba
import numpy as np
import pytest

from rosenblatt.kernels.core import atomic
from rosenblatt.kernels.core.jit import JIT_DISABLED

pytestmark = pytest.mark.skipif(JIT_DISABLED, reason="intrinsics are of compiled code")


@numba.njit(nogil=True)
def each_once(words):
    place = atomic.address_of(words)
    return (
        atomic.load(place),
        atomic.exchange(place, 5),
        atomic.add(place, 2),
        atomic.replace(place, 7, 11),
        atomic.replace(place, 7, 13),
        atomic.load(place + 8),
    )


@numba.njit(nogil=True)
def count(words, times):
    for _ in range(times):
        atomic.add(atomic.address_of(words), 1)


@numba.njit(nogil=True)
def count_by_replacing(words, times):
    place = atomic.address_of(words)
    for _ in range(times):
        found = atomic.load(place)
        expected = found + 1
        while found != expected:
            expected = found
            found = atomic.replace(place, expected, expected + 1)


def test_each_returns_what_was_there():
    words = np.array([3, 17])
    assert each_once(words) == (3, 3, 5, 7, 11, 17)
    assert words.tolist() == [11, 17]


@pytest.mark.parametrize("counting", [count, count_by_replacing])
def test_no_change_of_four_threads_is_lost(counting):
    words, times = np.zeros(1, np.int64), 50_000
    counting(words, 0)
    threads = [threading.Thread(target=counting, args=(words, times)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert words[0] == 4 * times
