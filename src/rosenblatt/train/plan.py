"""What a training is to do (`Plan`), and all that it knows while it runs (`State`)."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.layers import Module
from rosenblatt.metrics import METRICS
from rosenblatt.ranges import (
    EPOCHS,
    NONE,
    POSITIVE,
    SEED,
    Each,
    Either,
    Function,
    Kind,
    Range,
    Whole,
    check_settings,
)
from rosenblatt.tape import Arena
from rosenblatt.train.averaging import Averaging, Exponential, Stochastic
from rosenblatt.train.batches import Batch
from rosenblatt.train.losses import accuracy, cross_entropy
from rosenblatt.train.optimisers import SGD, Optimiser
from rosenblatt.train.schedules import OneCycle, Schedule

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

    def on_start(self, module: Module, state: "State") -> None:
        """Run before the first step."""

    def on_step(self, module: Module, state: "State") -> None:
        """Run after each step."""

    def on_epoch(self, module: Module, state: "State") -> None:
        """Run after each epoch, when its row is in state.history."""

    def on_end(self, module: Module, state: "State") -> None:
        """Run when the training is over, also where it failed."""


@dataclass(frozen=True)
class Plan:
    """The settings of one training.

    loss(outputs, targets) gives a mean and its gradient. augment(images, seed, step, out=...)
    writes another batch, and may write it over the first. metric(outputs, targets) is a score,
    larger is better, or None; the accuracy is left out where values are learned. patience ends the
    training after so many epochs without a better validation score. clip_norm bounds the norm of
    all gradients together (Pascanu et al. 2013, algorithm 1). mixup mixes the inputs of a batch,
    and their targets. average makes a mean of the weights, which is then what is validated and
    kept. A last batch of one row joins the batch before it. Raises UserError for a setting out of
    range.
    """

    settings: ClassVar[dict[str, Range]] = {
        "epochs": EPOCHS,
        "batch_size": Whole(1, 2**24),
        "optimiser": Kind(Optimiser, "an optimiser, such as SGD() or Adam()"),
        "schedule": Function("a schedule, such as Constant(0.01)"),
        "loss": Function("a loss, such as cross_entropy"),
        "metric": Either(Function("a metric, such as accuracy"), NONE),
        "augment": Either(Function("an Augmentation"), NONE),
        "mixup": Either(Function("a Mixup"), NONE),
        "patience": Either(Whole(1, EPOCHS.high), NONE),
        "clip_norm": Either(POSITIVE, NONE),
        "average": Either(Kind((Exponential, Stochastic), "Exponential() or Stochastic()"), NONE),
        "seed": SEED,
        "callbacks": Each(Kind(Callback, "a Callback"), 0, 1000),
    }

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
        check_settings(self)
        if any(self.metric in (m, m.function) for m in METRICS.values() if not m.greater):
            raise UserError(
                "metric: the larger this one, the worse, so the worst epoch would be kept; leave "
                "metric=None, and the loss on validation data decides."
            )


@dataclass
class State:
    """Where a training stands: with it and the network, it can go on to the same bits.

    epoch and step are counted from 0 and name the next to run. rate is the schedule's, times the
    factor that a callback may lower. loss and metric are running means of the epoch under way,
    step_loss is of the last step alone; snapshots are weights that a callback keeps for later.
    """

    optimiser: Optimiser
    rng: np.random.Generator
    total_steps: int
    total_epochs: int
    epoch: int = 0
    step: int = 0
    rate: float = 0.0
    factor: float = 1.0
    loss: float = 0.0
    step_loss: float = 0.0
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
    arena: Arena = field(default_factory=Arena)
