"""What kernel machines share as members: scores become probabilities, class by class."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.challenge.target import Target
from rosenblatt.classic.calibration import Temperature
from rosenblatt.classic.inputs import encode_labels
from rosenblatt.data.folds import stratified_folds
from rosenblatt.errors import UserError
from rosenblatt.features.terms import Term
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.members.base import Fitted, Member, Rows

FOLDS = 5  # of the training rows, to choose among costs and to calibrate
ENOUGH = 500  # rows for the one number of a calibration

Score = Callable[[np.ndarray], np.ndarray]  # samples to scores [m, k]


@dataclass(frozen=True)
class Machine(Member):
    """A member that compares samples by terms, one kernel each."""

    kernels: tuple[Term, ...] = ()

    takes: ClassVar[tuple[str, ...]] = ("images", "numbers", "sequences", "table", "graphs")

    def suits(self, samples: np.ndarray, target: Target) -> None:
        super().suits(samples, target)
        for term in self.kernels:
            try:
                term.suits(samples)
            except UserError as error:
                raise UserError(f"{self.kind}: {term.kind}: {error}") from error


@dataclass(frozen=True, eq=False)
class FittedMachine(Fitted):
    """A machine's scores, the softmax of them by a temperature, for the classes it has seen [k].

    The temperature changes no decision. classes: how many there are in all.
    """

    score: Score
    temperature: float
    seen: np.ndarray
    classes: int

    def predict(self, samples: np.ndarray) -> np.ndarray:
        scores = self.score(samples)
        votes = np.empty((len(scores), len(self.seen)), np.float32)
        softmax(np.ascontiguousarray(scores / np.float32(self.temperature), np.float32), votes)
        out = np.zeros((len(scores), self.classes), np.float32)
        out[:, self.seen] = votes
        return out


@dataclass(frozen=True, eq=False)
class FittedValues(Fitted):
    """A machine of values: samples to [n, T]."""

    values: Score

    def predict(self, samples: np.ndarray) -> np.ndarray:
        return self.values(samples).astype(np.float32)


def calibration_folds(rows: Rows, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the classes of the rows [k], and the fold of each row to calibrate on, [N].

    Raises UserError where there is one class alone.
    """
    classes, _ = encode_labels(rows.labels, len(rows.labels))
    folds = min(FOLDS, len(rows.labels))
    return classes, stratified_folds(rows.labels, folds, np.random.default_rng(seed))


def temperature(
    labels: np.ndarray, fold: np.ndarray, score: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> float:
    """Return the temperature that makes scores probabilities, 1 where no row can be held out.

    score(inside, held) gives the scores of held rows by a machine learned from those inside. Folds
    are held out until ENOUGH rows are scored.
    """
    classes, places = np.unique(labels, return_inverse=True)
    scores: list[np.ndarray] = []
    truth: list[np.ndarray] = []
    for k in np.unique(fold):
        inside, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
        whole = len(np.unique(labels[inside])) == len(classes)
        if whole and sum(part.size for part in truth) < ENOUGH:
            scores.append(score(inside, held))
            truth.append(places[held])
    if not truth:
        return 1.0
    return Temperature.fit(np.concatenate(scores), np.concatenate(truth)).temperature


def columns(scores: np.ndarray) -> np.ndarray:
    """Return scores [M, K], from [M] of the second of two classes."""
    return np.stack([-scores, scores], 1) if scores.ndim == 1 else scores
