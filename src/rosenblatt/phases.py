"""What is being done: the phases of a work, how far they are, and Python's `logging` of them.

Whoever works opens a phase; whoever watches looks at those that are open (`display.py`). A phase
that begins or ends is a debug record of the logger "rosenblatt".
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

LOG = logging.getLogger("rosenblatt")
HIDDEN = 100  # a share below one percent, or above 99, says nothing


@dataclass(eq=False)
class Phase:
    """A piece of work, how many of its units are done (units = 0: nobody knows), and a note.

    even: units take about the same time, which tells how long is left. begun: when the work
    began; going: when its first units were done, and how many; before that it was got ready.
    """

    title: str
    units: int = 0
    even: bool = True
    done: int = 0
    note: str = ""
    begun: float = field(default_factory=time.monotonic)
    going: tuple[float, int] | None = None

    def advance(self, done: int) -> None:
        """Take note of how many units are done in all."""
        if self.going is None and done:
            self.going = time.monotonic(), done
        self.done = done

    @property
    def measured(self) -> bool:
        """Say whether a share of the work tells anything: neither 0 % nor 100 % does."""
        return self.units <= self.done * HIDDEN and self.done < self.units

    def words(self) -> str:
        """Return in words how far the work is: its share and the time left, else the time taken."""
        now = time.monotonic()
        taken = now - self.begun
        if self.measured and not self.even:
            return f"{self.done} of {self.units}, {in_words(taken)} so far"
        if self.measured:
            start, first = self.going or (self.begun, 0)
            if first == self.done:
                start, first = self.begun, 0
            left = (now - start) * (self.units - self.done) / (self.done - first)
            return f"{self.done / self.units:.0%}, about {in_words(left)} left"
        ending = ", all but the end is done" if 0 < self.units <= self.done else ""
        return f"{in_words(taken)} so far{ending}"


OPEN: list[Phase] = []  # the outermost first


@contextmanager
def phase(title: str, units: int = 0, even: bool = True) -> Iterator[Callable[[int], None]]:
    """Open a phase for the block; yield what takes how many of its units are done in all."""
    one = Phase(title, units, even)
    OPEN.append(one)
    LOG.debug("%s: begun", title)
    try:
        yield one.advance
    finally:
        OPEN.remove(one)
        LOG.debug("%s: ended after %s", title, in_words(time.monotonic() - one.begun))


def in_words(seconds: float) -> str:
    """Return a duration as people say it: "8 s", "3 min 20 s", "2 h 5 min"."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
