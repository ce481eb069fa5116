"""A line in the terminal that tells how a training goes."""

import time

from rich.console import Console
from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bar

from rosenblatt.layers import Module
from rosenblatt.train.plan import Callback, State

INTERVAL = 0.1  # seconds between two drawings


class Progress(Callback):
    """A bar with epoch, loss, metric, samples a second and the time left, on standard error.

    Nothing is shown where standard error is no terminal.
    """

    def __init__(self, title: str = "training", console: Console | None = None) -> None:
        self.title = title
        self.console = console or Console(stderr=True)
        self.bar: Bar | None = None
        self.drawn = 0.0

    def on_start(self, module: Module, state: State) -> None:
        if not self.console.is_terminal:
            return
        text = TextColumn("{task.description}"), BarColumn(), TextColumn("{task.fields[figures]}")
        self.bar = Bar(
            *text, TimeRemainingColumn(), console=self.console, auto_refresh=False, transient=True
        )
        self.bar.start()
        self.bar.add_task(self.title, total=state.total_steps, completed=state.step, figures="")

    def on_step(self, module: Module, state: State) -> None:
        now = time.perf_counter()
        if self.bar is None or now - self.drawn < INTERVAL:
            return
        self.drawn = now
        speed = state.samples / max(state.seconds, 1e-9)
        figures = (
            f"epoch {state.epoch + 1}/{state.total_epochs}  loss {state.loss:.4f}  "
            f"metric {state.metric:.4f}  {speed:,.0f}/s"
        )
        self.bar.update(self.bar.task_ids[0], completed=state.step, figures=figures, refresh=True)

    def on_end(self, module: Module, state: State) -> None:
        if self.bar is not None:
            self.bar.stop()
            self.bar = None
