"""A process of ours ends with the one that started it, however that one ends.

A process's end of a pipe is closed when it ends, be it by SIGKILL; the other end is watched.
"""

import operator
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any

MARK = "ROSENBLATT_LIFELINE"


class Lifeline:
    """The initializer of worker processes: it calls a function with arguments, there.

    A worker watches from the moment on that it unpickles this, before it imports what follows.
    """

    def __init__(self, context: BaseContext) -> None:
        self.reader, self.writer = context.Pipe(duplex=False)

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> None:
        function(*arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Connection]]:
        return _hold, (self.reader,)


@contextmanager
def program_input() -> Iterator[int]:
    """Yield a standard input for a command line of ours, which then ends when this process does.

    MARK must be in its environment.
    """
    reader, writer = os.pipe()
    try:
        yield reader
    finally:
        os.close(reader)
        os.close(writer)


def watch_input() -> None:
    """End this process at the end of its standard input, where MARK asks for it."""
    if os.environ.pop(MARK, ""):
        threading.Thread(target=_end_after, args=(lambda: os.read(0, 1),), daemon=True).start()


def _hold(reader: Connection) -> Callable[..., Any]:
    threading.Thread(target=_end_after, args=(lambda: reader.poll(None),), daemon=True).start()
    return operator.call


def _end_after(wait: Callable[[], object]) -> None:
    with suppress(EOFError, OSError):  # Windows tells of a closed pipe so
        wait()
    os._exit(1)
