"""Kernel perceptrons, which have no probabilities: a vote is 1 for the choice."""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.classic import BudgetPerceptron, KernelPerceptron
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.standardisation import NumbersTerm
from rosenblatt.features.terms import Chain, form
from rosenblatt.members.base import Advance, Fitted, Member, Rows, no_progress
from rosenblatt.ranges import COUNT, FROM_ZERO, Choice, Whole
from rosenblatt.train.plan import Callback

Perceptron = KernelPerceptron | BudgetPerceptron


@dataclass(frozen=True)
class KernelPerceptronMember(Member):
    """A kernel perceptron, one versus rest, averaged; of columns that are standardised.

    gamma: exp(-gamma |x - y|^2), 0 for 1 / (features x variance); degree of the polynomial. budget:
    samples that it remembers at most, 0 for all; then one perceptron learns all classes at once.
    """

    kind: str = "kernel_perceptron"
    kernel: str = "gaussian"
    gamma: float = 0.0
    degree: int = 3
    epochs: int = 10
    budget: int = 0

    takes = ("images", "numbers", "table")
    settings: ClassVar = {
        "kernel": Choice(("gaussian", "polynomial")),
        "gamma": FROM_ZERO,
        "degree": KERNEL_SETTINGS["degree"],
        "epochs": COUNT,
        "budget": Whole(0, 1_000_000),
    }

    @property
    def units(self) -> int:
        return self.epochs

    def shorter(self, share: float) -> Self:
        return dataclasses.replace(self, epochs=max(1, round(share * self.epochs)))

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> "FittedPerceptron":
        scaling, scaled = rows.scaled()
        columns = NumbersTerm(standardise=form(scaled.samples) != "images")
        describe = columns.describe(scaled.samples, seed)
        settings: dict[str, Any] = {"degree": self.degree, "epochs": self.epochs}
        settings["gamma"] = self.gamma or None
        if self.budget:
            machine: Perceptron = BudgetPerceptron(self.kernel, budget=self.budget, **settings)
        else:
            machine = KernelPerceptron(self.kernel, **settings)
        machine.fit(describe(scaled.samples), rows.labels)
        advance(self.units)
        return FittedPerceptron(Chain(scaling, describe), machine, rows.classes)


@dataclass(frozen=True, eq=False)
class FittedPerceptron(Fitted):
    """What describes samples as rows, and the perceptron, for so many classes."""

    describe: Callable[[np.ndarray], np.ndarray]
    machine: Perceptron
    classes: int

    def predict(self, samples: np.ndarray) -> np.ndarray:
        choice = self.machine.predict(self.describe(samples))
        return np.eye(self.classes, dtype=np.float32)[choice]
