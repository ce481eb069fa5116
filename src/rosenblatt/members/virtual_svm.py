"""Virtual support vectors: machines on images, and on changed copies of those near a boundary."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from rosenblatt.classic import VirtualSVM
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.terms import Describe, RowTerm
from rosenblatt.features.whitening import Centred
from rosenblatt.kept import Kept
from rosenblatt.members.base import Advance, Rows, no_progress
from rosenblatt.members.machines import (
    FittedMachine,
    Machine,
    Scores,
    calibrated,
    calibration_folds,
    columns,
)
from rosenblatt.ranges import POSITIVE, Whole
from rosenblatt.train.plan import Callback


@dataclass(frozen=True)
class VirtualSVMMember(Machine):
    """Virtual support vectors; see classic.virtual_svm.

    kernels: terms of images, whose descriptions stand side by side, each times the root of its
    weight; their own gammas are not used.
    """

    kind: str = "virtual_svm"
    copies: int = 8
    views: int = 8
    gamma: float = 1.0
    cost: float = 10.0
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift=1.5, rotation=12))

    takes = ("images",)
    settings: ClassVar = {
        "copies": Whole(0, 1000),
        "views": Whole(0, 1000),
        "gamma": POSITIVE,
        "cost": POSITIVE,
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if not all("images" in term.takes for term in self.kernels):
            raise UserError("a virtual_svm wants kernels of images, such as hog.")

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> FittedMachine:
        classes, fold = calibration_folds(rows, seed)
        scaling, scaled = rows.scaled()
        images, labels = scaled.samples, rows.labels

        def machine(inside: np.ndarray) -> VirtualSVM:
            return self._machine(images[inside], seed).fit(images[inside], labels[inside])

        def score(inside: np.ndarray, held: np.ndarray) -> np.ndarray:
            return columns(machine(inside).decision_function(images[held]))

        found = calibrated(rows, fold, score)
        scores = Scores(scaling, machine(np.arange(len(images))))
        advance(self.units)
        return FittedMachine(scores, found, classes, rows.classes)

    def _machine(self, images: np.ndarray, seed: int) -> VirtualSVM:
        parts = []
        for term in self.kernels:
            assert isinstance(term, RowTerm)
            describe = term.describe(images, seed)
            weight = np.sqrt(np.float32(term.weight))
            parts.append((describe, Centred.fit(describe(images)), weight))

        return VirtualSVM(
            _Together(tuple(parts)),
            self.augmentation,
            self.copies,
            self.views,
            self.gamma,
            self.cost,
        )


@dataclass(frozen=True, eq=False)
class _Together(Kept):
    """Descriptions side by side, each centred and times its weight."""

    parts: tuple[tuple[Describe, Centred, float], ...]

    def __call__(self, new: np.ndarray) -> np.ndarray:
        return np.hstack(
            [weight * centred(describe(new)) for describe, centred, weight in self.parts]
        )
