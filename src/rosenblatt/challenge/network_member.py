"""The table of a recipe that describes its networks."""

from dataclasses import dataclass
from typing import ClassVar

from rosenblatt.challenge.bounds import COUNT, EPOCHS, WEIGHT
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.ranges import (
    BELOW_ONE,
    FLAG,
    SHARE,
    Choice,
    Each,
    Range,
    Real,
    Whole,
    check_settings,
)


@dataclass(frozen=True)
class NetworkMember:
    """Convolutional networks that differ in their seed alone.

    blocks: filters of the convolutions before each pooling; architecture "plain", "residual" (each
    number of a block is a unit of two convolutions) or "dense" (each number is the channels that a
    layer adds); see models/. dense: units of the hidden layer, 0 for none. batch_normalisation and
    global_pooling are for the plain one; the others always have them.
    count: how many networks; weight: of each one's vote. Rates as in train/; momentum and nesterov
    are for SGD. decay: of weights. warm_up: share of the training in which the rate rises to the
    schedule's. clip_norm: of all gradients together, 0 for none. class_weights "balanced": each
    class counts alike, however many rows it has. mixup: alpha, 0 for none.
    averaging: of the weights, "exponential" with averaging_decay, or "stochastic" over the epochs
    after the share averaging_start. snapshots: networks kept along one training, whose schedule
    then runs so many times; they vote together.
    views: at prediction, the mean over each image and views - 1 augmented copies of it.
    """

    kind: str = "network"
    count: int = 1
    weight: float = 1.0
    architecture: str = "plain"
    blocks: tuple[tuple[int, ...], ...] = ((32, 32), (64, 64))
    kernel_size: int = 3
    dense: int = 128
    dropout: float = 0.5
    batch_normalisation: bool = False
    global_pooling: bool = False
    epochs: int = 30
    batch_size: int = 64
    optimiser: str = "sgd"
    rate: float = 0.05
    momentum: float = 0.9
    nesterov: bool = True
    decay: float = 1e-4
    schedule: str = "one_cycle"
    warm_up: float = 0.0
    clip_norm: float = 0.0
    label_smoothing: float = 0.0
    class_weights: str = "none"
    mixup: float = 0.0
    averaging: str = "none"
    averaging_decay: float = 0.999
    averaging_start: float = 0.75
    snapshots: int = 1
    augmentation: Augmentation | None = None
    views: int = 1

    settings: ClassVar[dict[str, Range]] = {
        "kind": Choice(("network",)),
        "count": COUNT,
        "weight": WEIGHT,
        "architecture": Choice(("plain", "residual", "dense")),
        "blocks": Each(Each(Whole(1, 4096), 0, 64), 0, 16),
        "kernel_size": Choice(tuple(range(1, 32, 2))),
        "dense": Whole(0, 65_536),
        "dropout": BELOW_ONE,
        "batch_normalisation": FLAG,
        "global_pooling": FLAG,
        "epochs": EPOCHS,
        "batch_size": Whole(1, 65_536),
        "optimiser": Choice(("sgd", "adam")),
        "rate": Real(1e-9, 100),
        "momentum": BELOW_ONE,
        "nesterov": FLAG,
        "decay": Real(0, 10),
        "schedule": Choice(("constant", "step", "cosine", "one_cycle")),
        "warm_up": BELOW_ONE,
        "clip_norm": Real(0, 1e9),
        "label_smoothing": BELOW_ONE,
        "class_weights": Choice(("none", "balanced")),
        "mixup": Real(0, 4),
        "averaging": Choice(("none", "exponential", "stochastic")),
        "averaging_decay": BELOW_ONE,
        "averaging_start": BELOW_ONE,
        "snapshots": COUNT,
        "views": COUNT,
    }

    def __post_init__(self) -> None:
        check_settings(self)
        if self.views > 1 and self.augmentation is None:
            raise UserError(f"views = {self.views} are changed copies: add an augmentation.")
        if self.architecture != "plain" and not (self.blocks and all(self.blocks)):
            raise UserError(f"blocks = {self.blocks}: a {self.architecture} one needs filters.")
        if self.global_pooling and not self.blocks:
            raise UserError("global_pooling = true without blocks: there is no map to pool.")
        if self.epochs % self.snapshots:
            raise UserError(
                f"epochs = {self.epochs}: it must be a multiple of snapshots = {self.snapshots}."
            )
        if self.snapshots > 1 and self.averaging != "none":
            raise UserError("snapshots and averaging exclude each other; choose one.")


@dataclass(frozen=True)
class Student(NetworkMember):
    """One network that learns from what all members say together, and speaks in their place.

    trust: share of the members' votes in its targets, the labels have the rest (Hinton et al. 2015,
    "Distilling the knowledge in a neural network", section 2, at temperature 1: the mean of several
    networks is soft already).
    """

    kind: str = "student"
    trust: float = 0.7

    settings: ClassVar = NetworkMember.settings | {
        "kind": Choice(("student",)),
        "trust": SHARE,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.count, self.weight, self.class_weights, self.label_smoothing) != (1, 1, "none", 0):
            raise UserError(
                "a student is one network that learns shares: it has no count, weight, "
                "class_weights or label_smoothing."
            )
