"""Callbacks for a training's own course: a rate that falls on a plateau, a log as CSV."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, ClassVar

from rosenblatt.files import check_writable, write_atomic
from rosenblatt.layers import Module
from rosenblatt.ranges import BELOW_ONE, FROM_ZERO, Range, Whole, check_settings
from rosenblatt.train.plan import Callback, State


class ReduceOnPlateau(Callback):
    """Multiplies the schedule's rate by `factor` where the loss has not fallen for a while.

    That is: for more than `patience` epochs it was not below its least by the share `threshold`.
    It looks at the loss on validation data, or without them at that of the training. PyTorch's
    ReduceLROnPlateau, by default. The factor follows from the history alone, and is kept in a
    checkpoint: put it before a Checkpoint.
    """

    settings: ClassVar[dict[str, Range]] = {
        "factor": BELOW_ONE,
        "patience": Whole(0, 1_000_000),
        "threshold": BELOW_ONE,
        "lowest": FROM_ZERO,
    }

    def __init__(
        self,
        factor: float = 0.1,
        patience: int = 10,
        threshold: float = 1e-4,
        lowest: float = 0.0,
    ) -> None:
        self.factor, self.patience = factor, patience
        self.threshold, self.lowest = threshold, lowest
        check_settings(self)

    def on_epoch(self, module: Module, state: State) -> None:
        state.factor = self._factor(state.history)

    def _factor(self, history: Sequence[dict[str, Any]]) -> float:
        factor, least, waited = 1.0, float("inf"), 0
        for row in history:
            loss = row.get("validation_loss", row["loss"])
            waited = 0 if loss < least * (1 - self.threshold) else waited + 1
            least = min(least, loss) if waited == 0 else least
            if waited > self.patience:
                factor, waited = max(factor * self.factor, self.lowest), 0
        return factor


class CSVLog(Callback):
    """Writes the history as CSV after each epoch, one row an epoch, whole or not at all.

    Raises UserError where the file cannot be written, before the training.
    """

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)

    def on_start(self, module: Module, state: State) -> None:
        check_writable(self.path)

    def on_epoch(self, module: Module, state: State) -> None:
        names = list(dict.fromkeys(name for row in state.history for name in row))
        text = io.StringIO()
        lines = csv.DictWriter(text, names, lineterminator="\n")
        lines.writeheader()
        lines.writerows(state.history)
        write_atomic(self.path, text.getvalue())
