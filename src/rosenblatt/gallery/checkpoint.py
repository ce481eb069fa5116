"""Checkpoints: what a training has come to, good only for the data and plan that it is of."""

import time
from pathlib import Path
from typing import Any

from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.gallery.training import Trainer

Arrays = dict[str, Any]


def save(file: Path, key: str, arrays: Arrays, notes: dict[str, Any]) -> None:
    """Write a checkpoint, whole or not at all; `key` tells of which data and plan it is."""
    write_archive(file, {"key": key, **notes}, arrays)


def load(file: Path, key: str | None = None) -> tuple[Arrays, dict[str, Any]] | None:
    """Return arrays and notes, or None where there is no file.

    Raises UserError where it is damaged, or its key is another than one that is given.
    """
    if not file.exists():
        return None
    notes, arrays = read_archive(file)
    if key is not None and notes.get("key") != key:
        raise UserError(f"{file}: is of another text or plan; move it away or use --out.")
    return arrays, notes


def arrays_of(trainer: Trainer) -> Arrays:
    """Return the weights, and what the optimiser remembers."""
    weights, memory = trainer.module.state(), trainer.optimiser.state()
    arrays = {f"weight.{name}": value for name, value in weights.items()}
    return arrays | {f"memory.{name}": value for name, value in memory.items()}


def put_back(trainer: Trainer, arrays: Arrays, step: int) -> None:
    """Bring a trainer to where it was after `step` steps."""
    trainer.module.load_state(part(arrays, "weight."))
    trainer.optimiser.load_state(part(arrays, "memory."))
    trainer.step = step


def part(arrays: Arrays, prefix: str) -> Arrays:
    """Return the arrays whose names begin with a prefix, without it."""
    return {n.removeprefix(prefix): a for n, a in arrays.items() if n.startswith(prefix)}


class Spent:
    """Seconds of the clock, and of all threads, that a training took in all its runs."""

    def __init__(self, before: dict[str, float] | None = None) -> None:
        self.before = before or {"seconds": 0.0, "cpu_seconds": 0.0}
        self.start = {"seconds": time.perf_counter(), "cpu_seconds": time.process_time()}

    def so_far(self) -> dict[str, float]:
        now = {"seconds": time.perf_counter(), "cpu_seconds": time.process_time()}
        return {k: round(self.before[k] + now[k] - self.start[k], 1) for k in now}
