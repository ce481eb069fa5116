"""From a challenge to predictions: features, members, votes. A run is a function of its recipe."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.challenge.recipe import KernelPerceptronMember, Member, NetworkMember, Recipe
from rosenblatt.classic.kernel_perceptron import KernelPerceptron
from rosenblatt.features.scaling import Scaling
from rosenblatt.models.convolutional import convolutional
from rosenblatt.train import (
    SGD,
    Callback,
    Constant,
    Cosine,
    Network,
    OneCycle,
    Plan,
    State,
    Step,
    parallel,
)
from rosenblatt.train.losses import cross_entropy
from rosenblatt.train.parallel import Advance

SCHEDULES = {"constant": Constant, "step": Step, "cosine": Cosine, "one_cycle": OneCycle}


@dataclass(frozen=True)
class Fit:
    """One member to train: its table of the recipe, its seed, and its name for people."""

    member: Member
    seed: int
    name: str


@dataclass(frozen=True)
class Rows:
    """What a member learns from and what it predicts: images [N, C, H, W], labels [N]."""

    train: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    classes: int


def fits(recipe: Recipe) -> Iterator[Fit]:
    """Yield the members to train, each with a seed of its own."""
    total = sum(getattr(member, "count", 1) for member in recipe.members)
    number = 0
    for member in recipe.members:
        for _ in range(getattr(member, "count", 1)):
            number += 1
            yield Fit(member, recipe.seed * 1000 + number, f"{member.kind} {number}/{total}")


class _EachEpoch(Callback):
    """Calls advance(1) after each epoch."""

    def __init__(self, advance: Advance) -> None:
        self.advance = advance

    def on_epoch(self, network: Network, state: State) -> None:
        self.advance(1)


def no_progress(units: int) -> None:
    """Show nothing."""


def votes(recipe: Recipe, fit: Fit, rows: Rows, advance: Advance = no_progress) -> np.ndarray:
    """Train one member on rows.train and return its votes for rows.test, [M, K] float32.

    A network's votes are its probabilities; a kernel perceptron's are 1 for its choice.
    """
    scaling = Scaling.fit(rows.train, recipe.features.scale)
    train, test = scaling(rows.train), scaling(rows.test)
    if isinstance(fit.member, NetworkMember):
        callbacks = (_EachEpoch(advance),)
        network = train_network(fit.member, fit.seed, (train, rows.labels), rows.classes, callbacks)
        return network.predict_proba(test)
    result = _perceptron_votes(fit.member, (train, rows.labels), test, rows.classes)
    advance(fit.member.epochs)
    return result


def train_network(
    member: NetworkMember,
    seed: int,
    data: tuple[np.ndarray, np.ndarray],
    classes: int,
    callbacks: tuple[Callback, ...] = (),
) -> Network:
    """Train one network of a recipe on data = (images [N, H, W, C], labels [N])."""
    layers = convolutional(
        member.blocks,
        classes,
        kernel_size=member.kernel_size,
        dense=member.dense,
        dropout=member.dropout,
        batch_normalisation=member.batch_normalisation,
    )
    network = Network(layers, data[0].shape[1:], seed=seed)
    plan = Plan(
        epochs=member.epochs,
        batch_size=member.batch_size,
        optimiser=SGD(member.momentum, member.nesterov, member.decay),
        schedule=SCHEDULES[member.schedule](member.rate),
        loss=partial(cross_entropy, label_smoothing=member.label_smoothing),
        augment=member.augmentation,
        seed=seed,
        callbacks=callbacks,
    )
    return network.fit(*data, plan)


def _perceptron_votes(
    member: KernelPerceptronMember,
    data: tuple[np.ndarray, np.ndarray],
    test: np.ndarray,
    classes: int,
) -> np.ndarray:
    train, labels = data
    machine = KernelPerceptron(
        kernel=member.kernel,
        gamma=member.gamma or None,
        degree=member.degree,
        epochs=member.epochs,
    )
    machine.fit(train.reshape(len(train), -1), labels)
    choice = machine.predict(test.reshape(len(test), -1))
    return np.eye(classes, dtype=np.float32)[choice]


def combine(recipe: Recipe, members: list[np.ndarray]) -> np.ndarray:
    """Add up the members' votes [M, K], in their order; "vote" first makes each a choice."""
    result = np.zeros(members[0].shape, np.float64)
    for fit, member_votes in zip(fits(recipe), members, strict=True):
        if recipe.combine == "vote":
            member_votes = np.eye(member_votes.shape[1])[member_votes.argmax(1)]
        result += fit.member.weight * member_votes
    return result


def units(recipe: Recipe) -> int:
    """Return how often `advance` is called for one run of all members: once an epoch."""
    return sum(fit.member.epochs for fit in fits(recipe))


def predict(
    challenge: Challenge, recipe: Recipe, threads: int, progress: Advance = no_progress
) -> np.ndarray:
    """Train all members on all training rows; return the predicted class indices, [M] int64."""
    rows = Rows(challenge.train, challenge.labels, challenge.test, len(challenge.classes))
    members = parallel.run(_fit_all, (recipe, rows), list(fits(recipe)), threads, progress)
    return combine(recipe, members).argmax(1)


def _fit_all(shared: tuple[Recipe, Rows], fit: Fit, advance: Advance) -> np.ndarray:
    recipe, rows = shared
    return votes(recipe, fit, rows, advance)


def cross_validate(
    challenge: Challenge,
    recipe: Recipe,
    fold: np.ndarray,
    threads: int,
    progress: Advance = no_progress,
) -> list[np.ndarray]:
    """Return each member's votes [N, K] for the training rows, each row by a model without it.

    fold [N] says which fold each row is in. All that learns, the scaling included, is fitted on
    the rows of the other folds.
    """
    tasks = [(fit, k) for k in np.unique(fold) for fit in fits(recipe)]
    results = parallel.run(_fit_fold, (recipe, challenge, fold), tasks, threads, progress)
    members = [np.empty((len(fold), len(challenge.classes)), np.float32) for _ in fits(recipe)]
    for number, ((_, k), result) in enumerate(zip(tasks, results, strict=True)):
        members[number % len(members)][fold == k] = result
    return members


def _fit_fold(
    shared: tuple[Recipe, Challenge, np.ndarray], task: tuple[Fit, int], advance: Advance
) -> np.ndarray:
    (recipe, challenge, fold), (fit, k) = shared, task
    inside = fold != k
    train, labels = challenge.train[inside], challenge.labels[inside]
    rows = Rows(train, labels, challenge.train[~inside], len(challenge.classes))
    return votes(recipe, fit, rows, advance)
