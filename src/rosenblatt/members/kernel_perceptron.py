"""Kernel perceptrons: scores as probabilities; for accuracy a vote is 1 for the choice."""

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
from rosenblatt.members.machines import (
    FittedMachine,
    Scores,
    calibrated,
    calibration_folds,
    columns,
)
from rosenblatt.ranges import COUNT, FROM_ZERO, Choice, Whole
from rosenblatt.train.plan import Callback

Perceptron = KernelPerceptron | BudgetPerceptron


@dataclass(frozen=True)
class KernelPerceptronMember(Member):
    """A kernel perceptron, one versus rest, averaged; of columns that are standardised.

    gamma: exp(-gamma |x - y|^2), 0 for 1 / (features x variance); degree of the polynomial. budget:
    samples that it remembers at most, 0 for all; then one perceptron learns all classes at once.
    Other metrics than accuracy get probabilities of its scores, learned out of fold.
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
    ) -> Fitted:
        scaling, scaled = rows.scaled()
        numbers = NumbersTerm(standardise=form(scaled.samples) != "images")
        describe = numbers.describe(scaled.samples, seed)
        x, labels = describe(scaled.samples), rows.labels
        machine = self._machine().fit(x, labels)
        advance(self.units)
        described = Chain(scaling, describe)

        if rows.metric == "accuracy":
            return FittedPerceptron(described, machine, rows.classes)

        def score(inside: np.ndarray, held: np.ndarray) -> np.ndarray:
            learned = self._machine().fit(x[inside], labels[inside])
            return columns(learned.decision_function(x[held]))

        classes, fold = calibration_folds(rows, seed)
        found = calibrated(rows, fold, score)
        scores = Scores(described, machine)
        return FittedMachine(scores, found, classes, rows.classes)

    def _machine(self) -> Perceptron:
        settings: dict[str, Any] = {"degree": self.degree, "epochs": self.epochs}
        settings["gamma"] = self.gamma or None
        if self.budget:
            return BudgetPerceptron(self.kernel, budget=self.budget, **settings)
        return KernelPerceptron(self.kernel, **settings)


@dataclass(frozen=True, eq=False)
class FittedPerceptron(Fitted):
    """What describes samples as rows, and the perceptron, for so many classes."""

    describe: Callable[[np.ndarray], np.ndarray]
    machine: Perceptron
    classes: int

    def predict(self, samples: np.ndarray) -> np.ndarray:
        choice = self.machine.predict(self.describe(samples))
        return np.eye(self.classes, dtype=np.float32)[choice]
