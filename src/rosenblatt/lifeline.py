"""A worker process ends with the one that started it, however that one ends."""

import operator
import os
import threading
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from typing import Any


class Lifeline:
    """The initializer of worker processes: it calls a function with arguments, there.

    Each worker holds the end of a pipe whose other end nobody but its parent has, so the system
    closes it when the parent ends, be it by SIGKILL; nobody could take the worker's result then.
    It watches from the moment on that it unpickles this, before it imports what follows.
    """

    def __init__(self, context: BaseContext) -> None:
        self.reader, self.writer = context.Pipe(duplex=False)

    def __call__(self, function: Callable[..., Any], *arguments: Any) -> None:
        function(*arguments)

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Connection]]:
        return _hold, (self.reader,)


def _hold(reader: Connection) -> Callable[..., Any]:
    threading.Thread(target=_end_with_parent, args=(reader,), daemon=True).start()
    return operator.call


def _end_with_parent(reader: Connection) -> None:
    with suppress(EOFError, OSError):  # Windows tells of a closed pipe so
        reader.poll(None)
    os._exit(1)
