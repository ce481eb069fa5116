"""Which kernels are compiled, in this process and in its workers: that is told while it lasts."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from multiprocessing.context import BaseContext
from typing import Any

LONGEST = 80  # bytes of a kernel's name


class Shared:
    """What worker processes compile, in memory that they share with the one that started them."""

    def __init__(self, context: BaseContext) -> None:
        self.count, self.active = context.Value("q", 0), context.Value("q", 0)
        self.name: Any = context.Array("c", LONGEST)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Let the others know, for the block, that a worker compiles a kernel."""
        with self.count.get_lock():
            self.count.value += 1
            self.active.value += 1
            self.name.value = name.encode()[:LONGEST]
        try:
            yield
        finally:
            with self.count.get_lock():
                self.active.value -= 1


class Compilation:
    """The kernels that are compiled for a work: how many so far, and which right now.

    workers: what those compile that this process started; tell(name): what a worker lets it know
    by. last_time: how many the same work compiled before, 0 where nobody knows; start: how many
    came before it.
    """

    def __init__(self) -> None:
        self.own = self.last_time = self.start = 0
        self.names: list[str] = []  # each needs the next
        self.workers: Shared | None = None
        self.tell: Callable[[str], AbstractContextManager] = nullcontext

    @property
    def count(self) -> int:
        """How many kernels this process and its workers have begun to compile."""
        return self.own + (self.workers.count.value if self.workers else 0)

    @contextmanager
    def of(self, name: str) -> Iterator[None]:
        """Take note, for the block, that this process compiles a kernel."""
        self.own += 1
        self.names.append(name)
        try:
            with self.tell(name):
                yield
        finally:
            self.names.pop()

    @contextmanager
    def by(self, workers: Shared) -> Iterator[None]:
        """Count what workers compile during the block."""
        self.workers = workers
        try:
            yield
        finally:
            self.own, self.workers = self.count, None

    def words(self) -> str:
        """Return in words what is being compiled, "" where nothing is."""
        names = list(self.names)  # another thread goes on with them
        if not names and self.workers and self.workers.active.value:
            names = [self.workers.name.value.decode(errors="replace")]
        if not names:
            return ""
        count = self.count - self.start
        of = f"of {self.last_time} the last time" if count <= self.last_time else "so far"
        return f"compiling {names[-1]} once, kernel {count} {of}"


COMPILATION = Compilation()
