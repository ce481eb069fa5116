"""Tells how a training goes: a bar in a terminal, a line in a notebook, lines in a log."""

import contextlib

from rosenblatt.display import Display
from rosenblatt.layers import Module
from rosenblatt.phases import OPEN, phase
from rosenblatt.train.plan import Callback, State


class Progress(Callback):
    """Shows epoch, loss, metric, samples a second and the time left, on standard error.

    In a terminal that is a bar, in a notebook a line that is written over, elsewhere a line every
    eight seconds. Within a command the command's own display shows it.
    """

    def __init__(self, title: str = "training") -> None:
        self.title = title
        self.open = contextlib.ExitStack()

    def on_start(self, module: Module, state: State) -> None:
        self.open.enter_context(Display())
        self.open.enter_context(phase(self.title, state.total_steps))
        self.phase = OPEN[-1]

    def on_step(self, module: Module, state: State) -> None:
        self.phase.advance(state.step)
        speed = state.samples / max(state.seconds, 1e-9)
        self.phase.note = (
            f"epoch {state.epoch + 1}/{state.total_epochs}  loss {state.loss:.4f}  "
            f"metric {state.metric:.4f}  {speed:,.0f}/s"
        )

    def on_end(self, module: Module, state: State) -> None:
        self.open.close()
