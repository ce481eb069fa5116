"""The threads that parallel kernels run on: whoever is there takes the next part.

Numba's own layers give each thread its part beforehand, and all wait for the last, spinning. Where
another program has one of the cores, that is for milliseconds at every kernel: 10 to 40 times
slower than one thread. Here a thread that is not running takes no part, and the caller does them
all; who waits gives its core to whoever wants it; and a worker that was kept off its core rests.

A job is what Numba asks for, `parallel_for` of a ufunc's inner loop; Numba has cut it into parts.
One is open at a time: a second caller does its own alone. The ticket holds the number of the job,
how many threads may take part, its parts and the next of them, in one word, so that whoever takes a
part by adding one to it knows that the job is still open, and that it stays so until that part is
done. The threads of a job are those with the first numbers, since Numba keeps a place for each of
them in what is summed up.
"""

import atexit
import ctypes
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.core.ccallback import CFunc
from numba.core.typing.templates import Signature
from numba.extending import intrinsic

from rosenblatt.kernels.core.atomic import (
    add,
    address_of,
    call_loop,
    exchange,
    load,
    replace,
    store,
)
from rosenblatt.kernels.core.jit import kernel, kernel_folder
from rosenblatt.kernels.core.kept import KernelCache

LINE = 64  # bytes of memory that a core owns at a time
TICKET, DONE, JOB, BUSY, WORKERS, FIRST = (line * LINE for line in range(6))
ASLEEP, LOCK, THREAD = 0, 8, 16  # of each worker, from FIRST on
BITS = 16  # of the ticket, for the next part, the number of parts, and of threads
MOST = (1 << BITS) - 1
PATIENCE = 5000  # offers of the core before a worker goes to sleep: about two milliseconds
SHIFT = 32  # parts that a worker does before it looks at the clock
WINDOW = 0.01  # seconds of work by which a worker judges whether it has a core
SHARE = 2 / 3  # of that time, which it must have run
SHORTEST, LONGEST = 0.02, 1.0  # seconds of rest

COUNT = numba.config.NUMBA_NUM_THREADS - 1
MEMORY = np.zeros(FIRST // 8 + (COUNT + 1) * LINE // 8, np.int64)
POOL = -(-MEMORY.ctypes.data // LINE) * LINE
CLOSING = threading.Event()
PYTHON = ctypes.CDLL(ctypes.pythonapi._name, handle=ctypes.pythonapi._handle)  # without its lock
PYTHON.PyThread_allocate_lock.restype = ctypes.c_void_p
PYTHON.PyThread_acquire_lock.argtypes = [ctypes.c_void_p, ctypes.c_int]
CALLBACKS: list[CFunc] = []  # which own the compiled code


def _write(address: int, value: int) -> None:
    ctypes.c_int64.from_address(address).value = value


def _address(function: Any) -> int:
    return ctypes.cast(function, ctypes.c_void_p).value or 0


if sys.platform == "win32":
    offer = ctypes.WinDLL("kernel32").SwitchToThread
else:
    offer = ctypes.CDLL(None).sched_yield
binding.add_symbol("rosenblatt_pool", POOL)
binding.add_symbol("rosenblatt_offer_core", _address(offer))
binding.add_symbol("rosenblatt_unlock", _address(PYTHON.PyThread_release_lock))
binding.add_symbol("rosenblatt_thread", _address(PYTHON.PyThread_get_thread_ident))
offer_core = types.ExternalFunction("rosenblatt_offer_core", types.int32())
unlock = types.ExternalFunction("rosenblatt_unlock", types.void(types.int64))
this_thread = types.ExternalFunction("rosenblatt_thread", types.int64())
# Numba's own, by name: numba.get_num_threads is an address, and what holds it is not kept on disk.
threads_wanted = types.ExternalFunction("get_num_threads", types.int32())


@intrinsic
def the_pool(typing_context):
    """Return the address of the pool, which compiled code on disk knows by name."""

    def generate(context, builder, signature, arguments):
        word = ir.IntType(64)
        name = "rosenblatt_pool"
        pool = builder.module.globals.get(name) or ir.GlobalVariable(builder.module, word, name)
        return builder.ptrtoint(pool, word)

    return types.int64(), generate


@kernel
def is_open_for(thread, ticket):
    """Return whether a thread may have a part of the job."""
    return ticket & MOST < (ticket >> BITS) & MOST and thread < (ticket >> 2 * BITS) & MOST


@kernel
def take(pool, thread):
    """Return a part of the open job, which is the thread's from now on, or -1."""
    ticket = load(pool + TICKET)
    while is_open_for(thread, ticket):
        found = replace(pool + TICKET, ticket, ticket + 1)
        if found == ticket:
            return ticket & MOST
        ticket = found
    return -1


@kernel
def run(job, part):
    """Run a part of a job: the inner loop, once, over arguments that begin at that part."""
    args, dims, steps = load(job + 8), load(job + 16), load(job + 24)
    places = np.empty(load(job + 48), np.int64)
    for i in range(places.size):
        places[i] = load(args + 8 * i) + part * load(steps + 8 * i)
    counts = np.empty(load(job + 40) + 1, np.int64)
    counts[0] = 1
    for i in range(1, counts.size):
        counts[i] = load(dims + 8 * i)
    call_loop(load(job), places, counts, steps, load(job + 32))


@kernel
def serve(pool, thread):
    """Do parts of jobs; return whether a shift is full, not because none came for a while."""
    parts = offers = 0
    while offers < PATIENCE:
        part = take(pool, thread)
        if part < 0:
            offer_core()
            offers += 1
            continue
        run(load(pool + JOB), part)
        add(pool + DONE, 1)
        parts, offers = parts + 1, 0
        if parts == SHIFT:
            return True
    return False


@kernel
def may_sleep(pool, worker, thread):
    """Say that a worker sleeps, and return whether it may: unless a job came in between."""
    store(worker + ASLEEP, 1)
    return not (is_open_for(thread, load(pool + TICKET)) and exchange(worker + ASLEEP, 0))


@kernel
def wake(pool, most):
    """Wake those who sleep among the first workers."""
    for i in range(min(most, load(pool + WORKERS))):
        worker = pool + FIRST + i * LINE
        if load(worker + ASLEEP) and exchange(worker + ASLEEP, 0):
            unlock(load(worker + LOCK))


def parallel_for(function, args, dims, steps, data, inner, arrays):
    """Run an inner loop over all parts, dims[0], as Numba's layers do; all numbers are addresses.

    inner: how many dimensions follow the first. arrays: how many arguments there are. Numba hands
    over the number of threads behind them, which a function for C may leave lie.
    """
    pool, parts, threads = the_pool(), load(dims), threads_wanted()
    fields = np.array([function, args, dims, steps, data, inner, arrays, parts])
    job = address_of(fields)
    if parts == 1 or parts > MOST or exchange(pool + BUSY, 1):
        for part in range(parts):
            run(job, part)
    else:
        store(pool + JOB, job)
        store(pool + DONE, 0)
        number = (load(pool + TICKET) >> 3 * BITS) + 1
        store(pool + TICKET, number << 3 * BITS | threads << 2 * BITS | parts << BITS)
        wake(pool, min(parts, threads) - 1)
        part = take(pool, 0)
        while part >= 0:
            run(job, part)
            add(pool + DONE, 1)
            part = take(pool, 0)
        while load(pool + DONE) < parts:
            offer_core()
        store(pool + BUSY, 0)
    fields[-1] = 0  # Numba frees an array behind its last use


def thread_number():
    """Return the number of the calling worker, from 1 on, or 0 for whoever calls kernels."""
    pool, thread = the_pool(), this_thread()
    for i in range(load(pool + WORKERS)):
        if load(pool + FIRST + i * LINE + THREAD) == thread:
            return i + 1
    return 0


def _work(thread: int, worker: int, lock: int) -> None:
    """Serve as the thread of a number, whose state is at an address, until the process ends."""
    _write(worker + THREAD, threading.get_ident())
    wall = own = rest = 0.0
    while not CLOSING.is_set():
        begun, ran = time.perf_counter(), time.thread_time()
        if not serve(POOL, thread):
            if may_sleep(POOL, worker, thread):
                PYTHON.PyThread_acquire_lock(lock, 1)
            continue
        wall += time.perf_counter() - begun
        own += time.thread_time() - ran
        if wall >= WINDOW:
            kept_off = own < SHARE * wall
            rest = min(max(2 * rest, SHORTEST), LONGEST) if kept_off else rest / 2
            wall = own = 0.0
            if kept_off:
                CLOSING.wait(rest)


def start() -> None:
    """Let parallel kernels that are compiled or loaded from now on run on this pool's threads."""
    _replace("numba_parallel_for", parallel_for, types.void(*[types.int64] * 7))
    _replace("get_thread_id", thread_number, types.int64())
    # Here, since a thread that compiles holds Numba's lock, and whoever forks then has it for ever.
    of_workers: list[tuple[Any, int]] = [(serve, 2), (may_sleep, 3)]
    for function, arguments in of_workers:
        function.compile((types.int64,) * arguments)
    threads = []
    for place in range(COUNT):
        worker = POOL + FIRST + place * LINE
        lock = PYTHON.PyThread_allocate_lock()
        PYTHON.PyThread_acquire_lock(lock, 1)
        _write(worker + LOCK, lock)
        threads.append(threading.Thread(target=_work, args=(place + 1, worker, lock), daemon=True))
    for thread in threads:
        thread.start()
    _write(POOL + WORKERS, COUNT)
    atexit.register(_stop, threads)


def _replace(symbol: str, function: Callable, signature: Signature) -> None:
    """Let compiled code find a function of ours where Numba's own was."""
    takes, returns = signature.args, signature.return_type
    callback = CFunc(function, (takes, returns), {}, {"error_model": "numpy"})
    kept = KernelCache(function, kernel_folder(__name__))
    callback._cache = kept  # type: ignore[attr-defined]
    callback.compile()
    CALLBACKS.append(callback)
    binding.add_symbol(symbol, callback.address)


def _stop(threads: list[threading.Thread]) -> None:
    """Let no thread run compiled code while Python ends."""
    CLOSING.set()
    wake(POOL, COUNT)
    for thread in threads:
        thread.join(1.0)
