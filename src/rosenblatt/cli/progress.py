"""A progress bar for people, on standard error; nothing where that is not a terminal."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rosenblatt.data.escape import visible


@contextmanager
def progress_bar(title: str, units: int) -> Iterator[Callable[[int], None]]:
    """Yield a function that takes how many of `units` are done."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.description}", markup=False),  # a name in brackets is no colour
        BarColumn(),
        TextColumn("{task.percentage:3.0f} %"),
    )
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task(visible(title), total=units)
        yield lambda done: progress.update(task, completed=done)
