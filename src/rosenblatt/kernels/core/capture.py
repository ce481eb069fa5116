"""What is run, captured in order, to be run again without the Python that led to it.

A step of training on equal shapes is always the same kernels on the same arrays. Python between
them takes some ten microseconds a kernel, which small networks feel.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from numba.core.registry import CPUDispatcher

Call = Callable[[], Any]
_run = CPUDispatcher.__call__


class _Captured(threading.local):
    calls: list[tuple[Callable, tuple]] | None = None


_captured = _Captured()


class CapturedKernel(CPUDispatcher):
    """A compiled kernel whose calls from Python are captured where that is asked for."""

    def __call__(self, *args: Any, **named: Any) -> Any:
        if _captured.calls is not None:
            kernel = partial(self, **named) if named else self
            _captured.calls.append((kernel, args))
        return _run(self, *args, **named)


def do(function: Callable, *args: Any) -> Any:
    """Call what is no kernel, captured as kernels are."""
    if _captured.calls is not None:
        _captured.calls.append((function, args))
    return function(*args)


@contextmanager
def capture() -> Iterator[list[Call]]:
    """Capture what the block runs of kernels, and by `do`, in this thread; full at its end.

    The calls hold their arrays, so that no memory of theirs is given out again.
    """
    ready: list[Call] = []
    before, _captured.calls = _captured.calls, []
    try:
        yield ready
        ready.extend(_bound(*call) for call in _captured.calls)
    finally:
        _captured.calls = before


def _bound(function: Callable, args: tuple) -> Call:
    """Return a call ready to run, of a kernel its version for just these types.

    To find that at each call takes one to three microseconds.
    """
    if not isinstance(function, CapturedKernel):
        return partial(function, *args)
    version = function.overloads.get(tuple(map(function.typeof_pyval, args)))
    return (
        partial(_run, function, *args) if version is None else partial(version.entry_point, *args)
    )
