"""Shows what is being done, on standard error: a bar in a terminal, elsewhere lines."""

import contextlib
import logging
import multiprocessing
import os
import shutil
import sys
import threading
import time
from collections.abc import Iterator
from types import TracebackType
from typing import Any

from rosenblatt.compilation import COMPILATION
from rosenblatt.escape import visible
from rosenblatt.phases import LOG, OPEN, Phase

DRAWN = 0.2  # seconds between two looks
FIRST = 1.0  # seconds before a phase is told of: a shorter one is over before it is read
EVERY = 8.0  # seconds between lines of one phase


class Display:
    """Tells of the phases that are open while its block runs; the first that is entered, alone.

    In a terminal that is a bar, in a notebook a line that is written over; elsewhere (a pipe, a
    file) a line for each phase that takes a second, and one every eight seconds, as records of the
    logger "rosenblatt". Where nobody has given that logger a handler, its records from `level` on
    are lines on standard error. title: what all of it is, told in lines even outside of phases.
    """

    running: "Display | None" = None

    def __init__(self, title: str = "", level: int = logging.INFO) -> None:
        self.whole = [Phase(title)] if title else []
        self.level = level
        self.heard = contextlib.ExitStack()
        self.stopped = threading.Event()
        self.thread: threading.Thread | None = None

    def __enter__(self) -> "Display":
        if Display.running is None:
            Display.running = self
            self.heard.enter_context(_heard(self.level))
            self.thread = threading.Thread(target=self._watch, daemon=True)
            self.thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self.thread is not None:
            self.stopped.set()
            self.thread.join()
            self.thread = Display.running = None
            self.heard.close()

    def _watch(self) -> None:
        view: Any = {"terminal": _Bar, "notebook": _Line, "pipe": _Lines}[place()]()
        while not self.stopped.wait(DRAWN):
            view.draw(self.whole, list(OPEN))
        view.draw([], [])


@contextlib.contextmanager
def _heard(level: int) -> Iterator[None]:
    """Let records of our logger be lines on standard error, where nobody gave it a handler."""
    if LOG.hasHandlers():
        yield
        return
    handler, before = _Printed(), LOG.level
    LOG.addHandler(handler)
    LOG.setLevel(level)  # by this, for the logger remembers what it let pass
    try:
        yield
    finally:
        LOG.removeHandler(handler)
        LOG.setLevel(before)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """Tell of nothing for the block, not even of what is compiled."""
    before, Display.running = Display.running, Display()
    try:
        yield
    finally:
        Display.running = before


class FirstRun:
    """Tells of what is compiled outside of any display, once it has taken a second.

    That is one line, written over and wiped out, or a line every eight seconds in a pipe; none
    where the logger "rosenblatt" has a level that lets no information pass.
    """

    def __init__(self) -> None:
        self.phase = Phase("first run on this computer")
        self.lock = threading.Lock()
        self.lasting = threading.Event()
        self.view: Any = None

    @contextlib.contextmanager
    def compiling(self, name: str) -> Iterator[None]:
        """Take note, for the block, that a kernel is compiled, and tell of it."""
        outermost = not COMPILATION.names
        with COMPILATION.of(name):
            if outermost and multiprocessing.parent_process() is None:
                self._begin()
            try:
                yield
            finally:
                if outermost:
                    self._end()

    def _begin(self) -> None:
        if self.view is None:
            self.phase.begun = time.monotonic()
            columns = shutil.get_terminal_size().columns - 1
            self.view = {"pipe": _Lines(), "terminal": _Line(columns)}.get(place(), _Line())
            threading.Thread(target=self._watch, daemon=True).start()
        self.lasting.set()

    def _end(self) -> None:
        self.lasting.clear()
        with self.lock:  # at once, for the program may go on to print
            if isinstance(self.view, _Line):
                self.view.draw([], [])

    def _watch(self) -> None:
        while self.lasting.wait():
            time.sleep(DRAWN)
            old_enough = time.monotonic() - self.phase.begun >= FIRST
            with self.lock:
                if self.lasting.is_set() and old_enough and Display.running is None:
                    self._draw()

    def _draw(self) -> None:
        if LOG.level > logging.INFO:
            return
        with _heard(logging.INFO):
            self.view.draw([], [self.phase])


FIRST_RUN = FirstRun()


class _Printed(logging.Handler):
    """Prints records on standard error, as it is at that moment."""

    def emit(self, record: logging.LogRecord) -> None:
        if sys.stderr is not None:
            with contextlib.suppress(BrokenPipeError):  # nobody reads them: the work goes on
                print(visible(record.getMessage()), file=sys.stderr, flush=True)


def place() -> str:
    """Return where standard error leads: to a "terminal", a "notebook" or a "pipe"."""
    if sys.stderr is not None and sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        return "terminal"
    return "notebook" if "ipykernel" in sys.modules else "pipe"


def counted(phases: list[Phase]) -> Phase:
    """Return the innermost phase whose share tells something, or else the innermost."""
    return next((one for one in reversed(phases) if one.measured), phases[-1])


def figures(phases: list[Phase]) -> str:
    """Return how far phases are, and what is compiled for them."""
    parts = [counted(phases).words(), phases[-1].note, COMPILATION.words()]
    return "; ".join(part for part in parts if part)


def sentence(phases: list[Phase]) -> str:
    """Return phases and how far they are, on one line; "" where there is none."""
    return f"{': '.join(one.title for one in phases)}: {figures(phases)}" if phases else ""


class _Lines:
    """A record for each phase that takes a second, and one every eight seconds."""

    def __init__(self) -> None:
        self.told = time.monotonic()
        self.phase: Phase | None = None

    def draw(self, whole: list[Phase], phases: list[Phase]) -> None:
        now = time.monotonic()
        latest = phases[-1] if phases else None
        fresh = latest is not None and latest is not self.phase and now - latest.begun >= FIRST
        if fresh or now - self.told >= EVERY:
            self.told, self.phase = now, latest
            if text := sentence(whole + phases):
                LOG.info(text)


class _Line:
    """One line, of so many characters at most, written over, and wiped out in the end."""

    def __init__(self, columns: int | None = None) -> None:
        self.columns = columns
        self.width = 0

    def draw(self, whole: list[Phase], phases: list[Phase]) -> None:
        text = visible(sentence(phases))[: self.columns]
        if text or self.width:
            print(f"\r{text.ljust(self.width)}", end="", file=sys.stderr, flush=True)
            self.width = len(text)


class _Bar:
    """A bar of a terminal, while a phase is open."""

    def __init__(self) -> None:
        self.bar: Any = None

    def draw(self, whole: list[Phase], phases: list[Phase]) -> None:
        if phases and time.monotonic() - phases[0].begun >= FIRST / 2:
            if self.bar is None:
                self.bar = _new_bar()
                self.bar.start()
            one, name = counted(phases), visible(phases[-1].title)
            room = self.bar.console.width // 3
            self.bar.update(
                self.bar.task_ids[0],
                description=name if len(name) <= room else f"{name[: room - 1]}…",
                total=one.units if one.measured else None,
                completed=one.done,
                figures=visible(figures(phases)),
                refresh=True,
            )
        elif not phases and self.bar is not None:
            self.bar.stop()
            self.bar = None


def _new_bar() -> Any:
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn
    from rich.table import Column

    whole = Column(no_wrap=True, overflow="ellipsis")
    bar = Progress(
        TextColumn("{task.description}", markup=False),  # a name in brackets is no colour
        BarColumn(bar_width=8),
        TextColumn("{task.fields[figures]}", markup=False, table_column=whole),
        console=Console(stderr=True),
        auto_refresh=False,
        transient=True,
        redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),
    )
    bar.add_task("", figures="")
    return bar
