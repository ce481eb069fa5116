"""Independent fits side by side: worker processes that share the cores and never more.

A task is a pure function of what is shared and of itself, so where it runs changes nothing.
Processes are spawned, never forked: a fork after a parallel kernel kills the child. They end when
this process does, however that is.
"""

import multiprocessing
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_EXCEPTION, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

from rosenblatt.compilation import COMPILATION, Shared
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.lifeline import Lifeline

Advance = Callable[[int], None]
Function = Callable[[Any, Any, Advance], Any]

POLL = 0.1  # seconds between looks at the progress; Ctrl-C is answered as fast

_worker: dict[str, Any] = {}


def run(
    function: Function,
    shared: Any,
    tasks: Sequence[Any],
    threads: int,
    progress: Advance = lambda units: None,
) -> list[Any]:
    """Return [function(shared, task, advance) for each task], in their order.

    Up to `threads` processes run at once, each with its share of the threads; when no task waits,
    those that go on take up what the finished ones leave, whenever they call advance. One task, or
    one thread, runs in this process. function, shared and tasks must be picklable. The function
    calls advance(units) as it goes; progress(total) is called in this process now and then.
    Raises what a task raises; UserError where a worker is killed.
    """
    workers = min(threads, len(tasks))
    if workers <= 1:
        with here(threads, progress) as advance:
            return [function(shared, task, advance) for task in tasks]
    context = multiprocessing.get_context("spawn")
    counter = context.Value("q", 0)
    running = context.Value("q", workers)
    compiled = Shared(context)
    settings = (_start_worker, function, shared, counter, running, threads, compiled)
    pool = ProcessPoolExecutor(workers, context, Lifeline(context), settings)
    try:
        with _without_interrupts():
            futures = [pool.submit(_run_task, task) for task in tasks]
        with COMPILATION.by(compiled):
            _watch(futures, counter, running, progress)
        return [future.result() for future in futures]
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process was killed, perhaps because memory ran out; try fewer --threads"
        ) from error
    finally:
        processes = list((pool._processes or {}).values())
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.terminate()


@contextmanager
def _without_interrupts() -> Iterator[None]:
    """Keep Ctrl-C waiting while processes are started: half started, they would die noisily.

    They inherit the blocked signal, for good: it is the parent's to answer. The parent needs a
    handler of its own as well, since another of its threads may be given the signal.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []
    handler = signal.signal(signal.SIGINT, lambda number, frame: came.append(number))
    masks = hasattr(signal, "pthread_sigmask")  # Windows has none
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if masks else set()
    try:
        yield
    finally:
        if masks:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        signal.signal(signal.SIGINT, handler)
    if came:
        raise KeyboardInterrupt


@contextmanager
def here(threads: int, progress: Advance) -> Iterator[Advance]:
    """Give what runs in this process so many threads, and what adds its units up."""
    done = 0

    def advance(units: int) -> None:
        nonlocal done
        done += units
        progress(done)

    before = use_threads(threads)
    try:
        yield advance
    finally:
        use_threads(before)


def _watch(futures: list[Future], counter: Any, running: Any, progress: Advance) -> None:
    """Report, and note how many tasks run, until all are done or one has failed."""
    pending = set(futures)
    while pending:
        done, pending = wait(pending, POLL, FIRST_EXCEPTION)
        progress(counter.value)
        if any(future.exception() for future in done):
            return
        running.value = max(1, min(running.value, len(pending)))


def _start_worker(
    function: Function, shared: Any, counter: Any, running: Any, threads: int, compiled: Shared
) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    COMPILATION.tell = compiled.of
    _worker.update(
        function=function, shared=shared, counter=counter, running=running, threads=threads
    )


def _take_share() -> None:
    use_threads(_worker["threads"] // _worker["running"].value)


def _run_task(task: Any) -> Any:
    def advance(units: int) -> None:
        with _worker["counter"].get_lock():
            _worker["counter"].value += units
        _take_share()

    _take_share()
    return _worker["function"](_worker["shared"], task, advance)
