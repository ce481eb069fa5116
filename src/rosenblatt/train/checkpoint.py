"""A training that is killed goes on from its last epoch, to the same bits."""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.archive import REFUSED, read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.layers import Module
from rosenblatt.train.plan import Callback, State

COUNTS = ("epoch", "step", "rate", "factor", "stop", "history", "best_score", "best_epoch")


class Checkpoint(Callback):
    """Keeps a training in a file after each epoch, and takes it up from there where one is.

    key names the training: its data, plan and network. Put it last among the callbacks, so that
    what they add to the history is kept too. Raises UserError where the file is of another
    training, damaged, or cannot be written.
    """

    def __init__(self, path: Path | str, key: str) -> None:
        self.path = Path(path)
        self.key = key

    def on_start(self, module: Module, state: State) -> None:
        if not self.path.exists():
            return
        description, arrays = read_archive(self.path)
        if description.get("key") != self.key:
            raise UserError(f"{self.path}: is of another training; remove it, or name another.")
        try:
            _restore(module, state, description, arrays)
        except REFUSED as error:
            raise UserError(
                f"{self.path}: does not fit the network ({error}); remove it."
            ) from error

    def on_epoch(self, module: Module, state: State) -> None:
        description = {name: getattr(state, name) for name in COUNTS}
        description |= {"key": self.key, "rng": state.rng.bit_generator.state}
        groups = {
            "network": module.state(),
            "optimiser": state.optimiser.state(),
            "best": state.best_weights,
            "average": state.average,
            **{f"snapshot {place}": kept for place, kept in enumerate(state.snapshots)},
        }
        arrays = {
            f"{group}/{name}": array
            for group, members in groups.items()
            for name, array in (members or {}).items()
        }
        write_archive(self.path, description, arrays)

    def remove(self) -> None:
        """Remove the file: what was trained is kept elsewhere."""
        self.path.unlink(missing_ok=True)


def grouped(arrays: dict[str, np.ndarray]) -> dict[str, dict[str, np.ndarray]]:
    """Return a checkpoint's arrays by group: "network", "optimiser", "best", "average" ..."""
    groups: dict[str, dict[str, np.ndarray]] = {}
    for path, array in arrays.items():
        group, _, name = path.partition("/")
        groups.setdefault(group, {})[name] = array
    return groups


def _restore(
    module: Module, state: State, description: dict[str, Any], arrays: dict[str, np.ndarray]
) -> None:
    groups = grouped(arrays)
    module.load_state(groups["network"])
    state.optimiser.load_state(groups.get("optimiser", {}))
    state.best_weights, state.average = groups.get("best"), groups.get("average")
    state.snapshots = [groups[name] for name in groups if name.startswith("snapshot ")]
    state.rng.bit_generator.state = description["rng"]
    for name in COUNTS:
        setattr(state, name, description[name])
    if state.best_score is not None:
        metric, negative_loss = state.best_score  # JSON made a list of the pair
        state.best_score = metric, negative_loss
