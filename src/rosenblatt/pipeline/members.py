"""The members of a recipe: what each learns from, and how it votes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from rosenblatt.challenge.machines import KernelMachineMember, VirtualSVMMember
from rosenblatt.challenge.recipe import KernelPerceptronMember, Member, NetworkMember, Recipe
from rosenblatt.classic.kernel_perceptron import KernelPerceptron
from rosenblatt.features.scaling import Scaling
from rosenblatt.layers import Module
from rosenblatt.pipeline.machines import machine_votes
from rosenblatt.pipeline.networks import network_votes
from rosenblatt.pipeline.rows import Rows
from rosenblatt.pipeline.suits import check_member
from rosenblatt.train import Callback, State
from rosenblatt.train.results import Result

Advance = Callable[[int], None]


@dataclass(frozen=True)
class Fit:
    """One member to train: its table of the recipe, its seed, and its name for people."""

    member: Member
    seed: int
    name: str


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

    def on_epoch(self, network: Module, state: State) -> None:
        self.advance(1)


def no_progress(units: int) -> None:
    """Show nothing."""


def votes(recipe: Recipe, fit: Fit, rows: Rows, advance: Advance = no_progress) -> np.ndarray:
    """Train one member on rows.train and return its votes for rows.test, [M, K] float32."""
    return learn(recipe, fit, rows, advance).arrays["votes"]


def learn(
    recipe: Recipe,
    fit: Fit,
    rows: Rows,
    advance: Advance = no_progress,
    checkpoint: Callback | None = None,
) -> Result:
    """Train one member on rows.train and return its votes for rows.test, and its history.

    A network's votes are its probabilities; a kernel perceptron's are 1 for its choice; for those
    of kernel machines see pipeline.machines. A network goes on from its checkpoint where there is
    one. Raises UserError where the member cannot learn from such samples.
    """
    check_member(fit.member, rows.train, rows.classes)
    if isinstance(fit.member, KernelMachineMember | VirtualSVMMember):
        found = machine_votes(fit.member, fit.seed, recipe.features.scale, rows)
        advance(fit.member.epochs)
        return Result({"votes": found}, {"history": []})
    scaling = Scaling.fit(rows.train, recipe.features.scale)
    train, test = scaling(rows.train), scaling(rows.test)
    if isinstance(fit.member, NetworkMember):
        callbacks = (_EachEpoch(advance), *([checkpoint] if checkpoint else []))
        data = train, rows.labels
        votes, network = network_votes(fit.member, fit.seed, data, test, rows.classes, callbacks)
        return Result({"votes": votes}, {"history": network.history})
    result = _perceptron_votes(fit.member, (train, rows.labels), test, rows.classes)
    advance(fit.member.epochs)
    return Result({"votes": result}, {"history": []})


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
