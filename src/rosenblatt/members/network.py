"""Networks: trained as their table says, and asked for their probabilities; and the student."""

import dataclasses
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.challenge.target import Target, classes_of
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.layers import Module
from rosenblatt.members.base import SAMPLE, Advance, Cost, Fitted, Member, Rows, Taught, no_progress
from rosenblatt.members.warmup import warm_up
from rosenblatt.models.convolutional import convolutional
from rosenblatt.models.densenet import densenet
from rosenblatt.models.residual import residual
from rosenblatt.ranges import BELOW_ONE, COUNT, EPOCHS, FLAG, Choice, Each, Real, Whole
from rosenblatt.train import (
    SGD,
    Adam,
    Callback,
    Constant,
    Cosine,
    Cycles,
    Exponential,
    Mixup,
    Network,
    OneCycle,
    Optimiser,
    Plan,
    Schedule,
    Snapshots,
    State,
    Step,
    Stochastic,
    WarmUp,
)
from rosenblatt.train.batches import Batches
from rosenblatt.train.fit import train_step
from rosenblatt.train.losses import cross_entropy
from rosenblatt.train.replay import Passes

MOST_WEIGHTS = 250_000_000  # of a network: 1 GB, and three times that in training
VIEWS = 1 << 40  # as a step, for the draws of changed copies: no training gets so far
SCHEDULES = {"constant": Constant, "step": Step, "cosine": Cosine, "one_cycle": OneCycle}
WARM_UP, STEPS, SECONDS = 3, 40, 1.5  # steps not counted; at most so many; or so long


@dataclass(frozen=True)
class NetworkMember(Member):
    """Convolutional networks that differ in their seed alone.

    blocks: filters of the convolutions before each pooling; architecture "plain", "residual" (each
    number of a block is a unit of two convolutions) or "dense" (each number is the channels that a
    layer adds); see models/. dense: units of the hidden layer, 0 for none. batch_normalisation and
    global_pooling are for the plain one; the others always have them.
    Rates as in train/; momentum and nesterov are for SGD. decay: of weights. warm_up: share of the
    training in which the rate rises to the schedule's. clip_norm: of all gradients together, 0 for
    none. class_weights "balanced": each class counts alike, however many rows it has. mixup: alpha,
    0 for none.
    averaging: of the weights, "exponential" with averaging_decay, or "stochastic" over the epochs
    after the share averaging_start. snapshots: networks kept along one training, whose schedule
    then runs so many times; they vote together. patience: a tenth of the rows is held out, the
    weights of the epoch that is the best on them are kept, and so many epochs without a better one
    end the training; 0 for none.
    views: at prediction, the mean over each image and views - 1 augmented copies of it.
    """

    kind: str = "network"
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
    patience: int = 0
    augmentation: Augmentation | None = None
    views: int = 1

    by_epochs = True
    settings: ClassVar = {
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
        "patience": Whole(0, EPOCHS.high),
        "views": COUNT,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
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
        if self.snapshots > 1 and (self.averaging != "none" or self.patience):
            raise UserError("snapshots exclude averaging and patience; choose one.")

    def suits(self, samples: np.ndarray, target: Target) -> None:
        """Raise UserError too where poolings leave nothing, or the weights fill the memory."""
        super().suits(samples, target)
        C, H, W = samples.shape[1:]
        _check_size(self, (H, W, C), len(classes_of(target).names))

    @property
    def units(self) -> int:
        return self.epochs

    def shorter(self, share: float) -> Self:
        cycle = max(1, round(share * self.epochs / self.snapshots))
        return dataclasses.replace(self, epochs=cycle * self.snapshots)

    def alike(self) -> Self:
        return dataclasses.replace(super().alike(), epochs=self.snapshots)

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> "FittedNetwork":
        """Train one network; it goes on from its checkpoint where there is one."""
        scaling, scaled = rows.scaled()
        network = Network(self.layers(rows.classes), scaled.samples.shape[1:], seed=seed)
        snapshots = Snapshots(self.snapshots)
        callbacks: list[Callback] = [snapshots] if self.snapshots > 1 else []
        callbacks += [_EachEpoch(advance), *([callback] if callback else [])]
        images, labels, validation = scaled.samples, rows.labels, None
        if self.patience:
            held = _held_out(len(labels), seed)
            validation = images[held], labels[held]
            images, labels = images[~held], labels[~held]
        plan = self.plan(seed, labels, rows.classes, callbacks)
        network.fit(images, labels, plan, validation)
        advance(self.epochs - len(network.history))
        return FittedNetwork(self, seed, scaling, network, snapshots.kept)

    def measure(self, rows: Rows, asked: np.ndarray) -> Cost:
        """Return the seconds of an epoch on all rows, and of predicting `asked`: by a few steps."""
        size = self.batch_size
        few = slice(0, size * STEPS)
        _, some = Rows(rows.samples[few], rows.target[few], rows.scale).scaled()
        images, labels = some.samples, some.labels
        network = Network(self.layers(rows.classes), images.shape[1:])
        plan = self.plan(0, labels, rows.classes)
        state = State(plan.optimiser, np.random.default_rng(0), WARM_UP + STEPS, 1)
        batches = Batches(network, (images, labels), plan)
        order = np.resize(np.arange(len(images)), size * (WARM_UP + STEPS))
        passes, start = Passes(network), 0.0
        for batch in batches.in_order(order, 0):
            if state.step == WARM_UP:
                start = time.perf_counter()
            train_step(passes, batch, plan, state)
            if state.step > WARM_UP and time.perf_counter() - start > SECONDS:
                break
        step = (time.perf_counter() - start) / (state.step - WARM_UP)
        sample = images[:SAMPLE]
        network.predict_proba(sample)
        start = time.perf_counter()
        network.predict_proba(sample)
        predict = (time.perf_counter() - start) / len(sample) * len(asked)
        return Cost(step * -(-len(rows.samples) // size), predict * self.views * self.snapshots)

    @classmethod
    def prepare(
        cls, members: Sequence[Any], samples: np.ndarray, target: Target, threads: int
    ) -> None:
        C, H, W = samples.shape[1:]
        warm_up(members, (H, W, C), len(classes_of(target).names), threads)

    def layers(self, classes: int) -> list[Module]:
        """Return the layers of the architecture."""
        sizes: dict[str, Any] = {
            "kernel_size": self.kernel_size,
            "dense": self.dense,
            "dropout": self.dropout,
        }
        if self.architecture == "residual":
            return residual(self.blocks, classes, **sizes)
        if self.architecture == "dense":
            return densenet(self.blocks, classes, **sizes)
        return convolutional(
            self.blocks,
            classes,
            batch_normalisation=self.batch_normalisation,
            global_pooling=self.global_pooling,
            **sizes,
        )

    def plan(
        self, seed: int, labels: np.ndarray, classes: int, callbacks: Sequence[Callback] = ()
    ) -> Plan:
        """Return how the network is trained on labels [N]."""
        averages = {
            "none": None,
            "exponential": Exponential(self.averaging_decay),
            "stochastic": Stochastic(self.averaging_start),
        }
        weights = balanced(labels, classes) if self.class_weights == "balanced" else None
        return Plan(
            epochs=self.epochs,
            batch_size=self.batch_size,
            optimiser=self._optimiser(),
            schedule=self._schedule(),
            loss=partial(
                cross_entropy, label_smoothing=self.label_smoothing, class_weights=weights
            ),
            augment=self.augmentation,
            mixup=Mixup(self.mixup) if self.mixup else None,
            clip_norm=self.clip_norm or None,
            average=averages[self.averaging],
            patience=self.patience or None,
            seed=seed,
            callbacks=tuple(callbacks),
        )

    def _optimiser(self) -> Optimiser:
        if self.optimiser == "adam":
            return Adam(weight_decay=self.decay)
        return SGD(self.momentum, self.nesterov, self.decay)

    def _schedule(self) -> Schedule:
        schedule: Schedule = SCHEDULES[self.schedule](self.rate)
        if self.snapshots > 1:
            schedule = Cycles(schedule, self.snapshots)
        return WarmUp(schedule, self.warm_up) if self.warm_up else schedule


@dataclass(frozen=True, eq=False)
class FittedNetwork(Fitted):
    """A trained network, or its snapshots, whose votes are their mean."""

    member: NetworkMember
    seed: int
    scaling: Callable[[np.ndarray], np.ndarray]
    network: Network
    snapshots: Sequence[dict[str, np.ndarray]] = ()

    @property
    def history(self) -> Sequence[dict[str, Any]]:  # type: ignore[override]
        return self.network.history

    def predict(self, samples: np.ndarray) -> np.ndarray:
        images = self.scaling(samples)
        if not self.snapshots:
            return self._views(images)
        total: Any = 0
        for weights in self.snapshots:
            self.network.load_state(weights)
            total = total + self._views(images)
        return total / np.float32(len(self.snapshots))

    def _views(self, images: np.ndarray) -> np.ndarray:
        """Return the mean probabilities over each image and changed copies of it."""
        total = self.network.predict_proba(images)
        if self.member.augmentation is None:
            return total
        for view in range(1, self.member.views):
            changed = self.member.augmentation(images, self.seed, VIEWS + view)
            total += self.network.predict_proba(changed)
        return total / np.float32(self.member.views)


class _EachEpoch(Callback):
    """Calls advance(1) after each epoch."""

    def __init__(self, advance: Advance) -> None:
        self.advance = advance

    def on_epoch(self, module: Module, state: State) -> None:
        self.advance(1)


def _held_out(rows: int, seed: int) -> np.ndarray:
    """Return which rows [N] only tell when to stop, a tenth of them, drawn by a seed."""
    held = np.zeros(rows, bool)
    held[np.random.default_rng(seed).permutation(rows)[: max(1, rows // 10)]] = True
    return held


def balanced(labels: np.ndarray, classes: int) -> np.ndarray:
    """Return weights [classes] that make each class count alike: N / (K n_k), 0 where n_k is."""
    counts = np.bincount(labels, minlength=classes)
    present = int((counts > 0).sum())
    return np.where(counts > 0, len(labels) / (present * np.maximum(counts, 1)), 0.0)


def _check_size(member: NetworkMember, shape: tuple[int, int, int], classes: int) -> None:
    """Raise UserError where poolings leave nothing of images, or the weights fill the memory."""
    H, W, C = shape
    whole = member.architecture == "plain" and not member.global_pooling
    poolings = len(member.blocks) - (0 if whole else 1)
    rows, columns = H >> max(0, poolings), W >> max(0, poolings)
    if min(rows, columns) < 1:
        most = min(H, W).bit_length() - (1 if whole else 0)
        raise UserError(
            f"{member.kind}: blocks = {[list(block) for block in member.blocks]}: a pooling after "
            f"each halves {H} x {W} pixels to nothing; take {most} blocks at most."
        )
    weights, width, area = 0, C, member.kernel_size**2
    for filters in (filters for block in member.blocks for filters in block):
        twice = filters if member.architecture == "residual" else 0
        weights += area * filters * (width + twice)
        width = width + filters if member.architecture == "dense" else filters
    weights += (rows * columns if whole else 1) * width * (member.dense or classes)
    if weights > MOST_WEIGHTS:
        raise UserError(
            f"{member.kind}: blocks and dense = {member.dense} make {weights:,} weights of images "
            f"of {H} x {W}, and more than {MOST_WEIGHTS:,} fill the memory; make them smaller."
        )


@dataclass(frozen=True)
class Student(NetworkMember, Taught):
    """One network that learns from what all members say together."""

    kind: str = "student"

    def __post_init__(self) -> None:
        super().__post_init__()
        if (self.count, self.weight, self.class_weights, self.label_smoothing) != (1, 1, "none", 0):
            raise UserError(
                "a student is one network that learns shares: it has no count, weight, "
                "class_weights or label_smoothing."
            )
