"""The pool in a process of its own, with more threads than this machine may have cores."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from rosenblatt.kernels.core import jit

pytestmark = pytest.mark.skipif(jit.JIT_DISABLED, reason="nothing is compiled")

PROGRAM = """
import ctypes, os, threading, time
import numba, numpy as np
from rosenblatt.kernels.core import jit
from rosenblatt.kernels.core.cpu import use_threads

@numba.njit(parallel=True, nogil=True)
def squares_and_total(out):
    total = 0
    for i in numba.prange(out.size):
        out[i] = i * i
        total += i
    return total

def right(size):
    out = np.full(size, -1)
    total = squares_and_total(out)
    return (out == np.arange(size) ** 2).all() and total == size * (size - 1) // 2

assert right(1000)
from rosenblatt.kernels.core import thread_pool

print("every part of every job is done once")
assert all(right(size) for _ in range(300) for size in (0, 1, 2, 3, 5, 97, 4096))
assert thread_pool.take(thread_pool.POOL, 0) == -1

print("fewer threads than there are")
for threads in (1, 2, 3, 4):
    use_threads(threads)
    assert all(right(size) for _ in range(50) for size in (1, 5, 97))
for turn in range(3000):  # who is still awake from the turn before has no place in this one's total
    use_threads(4)
    assert right(4096)
    use_threads(1 + turn % 4)
    assert right(4096)

print("several callers at once")
found = []
def call():
    found.extend(right(size) for _ in range(100) for size in (1, 3, 97, 4096))
callers = [threading.Thread(target=call) for _ in range(5)]
[caller.start() for caller in callers], [caller.join() for caller in callers]
assert len(found) == 5 * 400 and all(found)

print("workers without work sleep")
asleep = [
    ctypes.c_int64.from_address(thread_pool.POOL + thread_pool.FIRST + i * thread_pool.LINE)
    for i in range(3)
]
end = time.monotonic() + 60
while sum(word.value for word in asleep) < 3:
    assert time.monotonic() < end
    time.sleep(0.01)
assert right(4096)

print("a fork has the caller alone")
if hasattr(os, "fork"):
    child = os.fork()
    if child == 0:
        os._exit(0 if all(right(size) for size in (1, 97, 4096)) else 1)
    assert os.waitpid(child, 0)[1] == 0

print("Python ends while workers look for work")
assert right(4096)
"""


FORK = """
import os
import numba, numpy as np
from rosenblatt.kernels.core import jit

@numba.njit(parallel=True)
def halves(x):
    for i in numba.prange(x.size):
        x[i] /= 2

@numba.njit
def doubled(x):
    return 2 * x

halves(np.ones(100))
if hasattr(os, "fork"):
    child = os.fork()
    if child == 0:
        os._exit(0 if doubled(21) == 42 else 1)
    assert os.waitpid(child, 0)[1] == 0
"""
WITHOUT = """
import numpy as np
import rosenblatt as rb

network = rb.Network([rb.Dense(2)], input_shape=(3,))
network.fit(np.eye(3), [0, 1, 0], rb.Plan(epochs=1))
"""


def run(program, **settings):
    settings |= {"PYTHONPATH": str(Path(__file__).parents[3] / "src"), "NUMBA_NUM_THREADS": "4"}
    others = {name: value for name, value in os.environ.items() if name != "NUMBA_THREADING_LAYER"}
    found = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", program],
        env=others | settings, capture_output=True, text=True, timeout=300, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stdout + found.stderr
    return found.stderr.splitlines()


def test_what_the_pool_promises():
    told = run(PROGRAM)
    assert all(line.startswith("first run on this computer: ") for line in told), told


def test_who_forks_as_soon_as_there_is_a_pool_may_compile(tmp_path):
    run(FORK, NUMBA_CACHE_DIR=str(tmp_path))


def test_without_the_compiler_there_is_no_pool():
    assert run(WITHOUT, NUMBA_DISABLE_JIT="1") == []
