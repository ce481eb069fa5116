"""Snapshot ensembles: one training that comes to rest several times, and keeps each network."""

from typing import ClassVar

import numpy as np

from rosenblatt.layers import Module
from rosenblatt.ranges import Range, Whole, check_settings
from rosenblatt.train.plan import Callback, State


class Snapshots(Callback):
    """Keeps the weights at the end of each of `count` equal parts of the training.

    For a schedule in as many cycles (Huang et al. 2017, section 3). The weights are in `kept`, and
    in the checkpoints of a training: put it before a Checkpoint.
    """

    settings: ClassVar[dict[str, Range]] = {"count": Whole(1, 100_000)}

    def __init__(self, count: int) -> None:
        self.count = count
        check_settings(self)
        self.kept: list[dict[str, np.ndarray]] = []

    def on_start(self, module: Module, state: State) -> None:
        self.kept = state.snapshots

    def on_epoch(self, module: Module, state: State) -> None:
        if state.epoch * self.count % state.total_epochs < self.count:
            state.snapshots.append({name: v.copy() for name, v in module.state().items()})

    def on_end(self, module: Module, state: State) -> None:
        self.kept = state.snapshots
