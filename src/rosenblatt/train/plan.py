"""What a training is to do (`Plan`), and all that it knows while it runs (`State`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.train.averaging import Averaging
from rosenblatt.train.batches import Batch
from rosenblatt.train.losses import cross_entropy
from rosenblatt.train.metrics import accuracy
from rosenblatt.train.optimisers import SGD, Optimiser
from rosenblatt.train.schedules import OneCycle, Schedule

if TYPE_CHECKING:
    from rosenblatt.train.network import Network

Loss = Callable[[np.ndarray, np.ndarray], tuple[float, np.ndarray]]
Metric = Callable[[np.ndarray, np.ndarray], float]


class Augment(Protocol):
    """A change of a batch of images [N, H, W, C], a function of seed, step and place alone."""

    def __call__(
        self, images: np.ndarray, seed: int, step: int, *, out: np.ndarray
    ) -> np.ndarray: ...


Mix = Callable[[Batch, int, int], Batch]  # of a batch, the seed and the step


class Callback:
    """Something told about the training as it goes; it stops it by `state.stop = True`."""

    def on_start(self, network: "Network", state: "State") -> None:
        """Run before the first step."""

    def on_step(self, network: "Network", state: "State") -> None:
        """Run after each step."""

    def on_epoch(self, network: "Network", state: "State") -> None:
        """Run after each epoch, when its row is in state.history."""

    def on_end(self, network: "Network", state: "State") -> None:
        """Run when the training is over, also where it failed."""


@dataclass(frozen=True)
class Plan:
    """The settings of one training.

    augment(images, seed, step, out=...) writes another batch, and may write it over the first.
    metric(outputs, targets) is a score, larger is better, or None. patience ends the training after
    so many epochs without a better validation score. clip_norm bounds the norm of all gradients
    together (Pascanu et al. 2013, algorithm 1). mixup mixes the inputs of a batch, and their
    targets. average makes a mean of the weights, which is then what is validated and kept. Raises
    UserError for a number out of range.
    """

    epochs: int = 10
    batch_size: int = 64
    optimiser: Optimiser = field(default_factory=SGD)
    schedule: Schedule = field(default_factory=OneCycle)
    loss: Loss = cross_entropy
    metric: Metric | None = accuracy
    augment: Augment | None = None
    mixup: Mix | None = None
    patience: int | None = None
    clip_norm: float | None = None
    average: Averaging | None = None
    seed: int = 0
    callbacks: tuple[Callback, ...] = ()

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "patience", "clip_norm"):
            value = getattr(self, name)
            if value is not None and value <= 0:
                raise UserError(f"{name} must be above 0, not {value}")


@dataclass
class State:
    """Where a training stands: with it and the network, it can go on to the same bits.

    epoch and step are counted from 0 and name the next to run. loss and metric are running means
    of the epoch under way; snapshots are weights that a callback keeps for later.
    """

    optimiser: Optimiser
    rng: np.random.Generator
    total_steps: int
    total_epochs: int
    epoch: int = 0
    step: int = 0
    rate: float = 0.0
    loss: float = 0.0
    metric: float = 0.0
    samples: int = 0
    seconds: float = 0.0
    stop: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    best_score: tuple[float, float] | None = None
    best_epoch: int = -1
    best_weights: dict[str, np.ndarray] | None = None
    average: dict[str, np.ndarray] | None = None
    snapshots: list[dict[str, np.ndarray]] = field(default_factory=list)
