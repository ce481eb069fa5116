"""What machines of scores share as members: these become probabilities, learned out of fold."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.challenge.target import Target
from rosenblatt.classic.calibration import BiasCorrectedTemperature, Platt, Temperature
from rosenblatt.classic.inputs import encode_labels
from rosenblatt.data.folds import folds_inside
from rosenblatt.errors import UserError
from rosenblatt.features.terms import Term
from rosenblatt.kept import Kept
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.members.base import Fitted, Member, Rows
from rosenblatt.metrics import Metric, find_metric
from rosenblatt.metrics.decisions import answer_held

FOLDS = 5  # of the training rows, to choose among costs and to calibrate
ENOUGH = 500  # rows for the few numbers of a calibration
NOTHING = 1e30  # a temperature beyond which no score counts

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
class Calibration(Kept):
    """What turns scores [m, k] into probabilities: softmax(scores / temperature + offsets); without
    offsets [k] it changes no decision."""

    temperature: float
    offsets: np.ndarray

    axes: ClassVar = {"offsets": "float32 K"}

    def __call__(self, scores: np.ndarray) -> np.ndarray:
        """Return the probabilities, [m, k] float32."""
        logits = np.ascontiguousarray(scores / np.float32(self.temperature), np.float32)
        logits += self.offsets
        votes = np.empty(logits.shape, np.float32)
        softmax(logits, votes)
        return votes


@dataclass(frozen=True, eq=False)
class FittedMachine(Fitted):
    """A machine's scores as probabilities, for the classes it has seen [k].

    classes: how many there are in all.
    """

    score: Score
    calibration: Calibration
    seen: np.ndarray
    classes: int

    def predict(self, samples: np.ndarray) -> np.ndarray:
        scores = self.score(samples)
        out = np.zeros((len(scores), self.classes), np.float32)
        out[:, self.seen] = self.calibration(scores)
        return out


@dataclass(frozen=True, eq=False)
class Scores(Kept):
    """A classifier's scores of samples, as something describes them."""

    describe: Callable[[np.ndarray], np.ndarray]
    machine: Any

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Return the scores [m, k]."""
        return columns(self.machine.decision_function(self.describe(samples)))


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
    rng = np.random.default_rng(seed)
    return classes, folds_inside(rows.labels, rows.together, FOLDS, rng)


def calibrated(
    rows: Rows, fold: np.ndarray, score: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> Calibration:
    """Return what makes scores probabilities, learned from rows held out, where any can be.

    score(inside, held) gives the scores of held rows by a machine learned from those inside. Folds
    are held out until ENOUGH rows are scored.
    """
    labels = rows.labels
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
        return _plain(1.0, len(classes))
    metric = find_metric(rows.metric)
    return calibration(np.concatenate(scores), np.concatenate(truth), metric)


def calibration(scores: np.ndarray, labels: np.ndarray, metric: Metric) -> Calibration:
    """Return what makes scores [n, k] of rows of labels [n], which were held out, probabilities.

    Where the metric is of these, they need be no worse than the shares of the classes: a number for
    each class, and one for the scores, which count only where they tell something. Else Platt's way
    of two classes; one number, the temperature, of more, for accuracy, which the machine's own
    decisions serve, and where Platt would turn the scores round.
    """
    if metric.wants == "probabilities":
        found = BiasCorrectedTemperature.fit(scores, labels)
        temperature = 1 / found.slope if found.slope else NOTHING
        return Calibration(temperature, found.offsets.astype(np.float32))
    if scores.shape[1] == 2 and metric.name != "accuracy" and len(np.unique(labels)) == 2:
        platt = Platt.fit(scores[:, 1] - scores[:, 0], labels)
        if platt.slope > 0:
            return Calibration(1 / platt.slope, np.array([0, platt.offset], np.float32))
    return _plain(Temperature.fit(scores, labels).temperature, scores.shape[1])


def _plain(temperature: float, classes: int) -> Calibration:
    return Calibration(temperature, np.zeros(classes, np.float32))


def gain(metric: Metric, labels: np.ndarray, scores: np.ndarray, fold: np.ndarray) -> float:
    """Return how good scores [n, k] are of rows of labels [n], held out by folds: more is better.

    Of accuracy, that is how few decisions are wrong.
    """
    if metric.name == "accuracy":
        return -float(np.sum(scores.argmax(1) != labels))
    votes = calibration(scores, labels, metric)(scores)
    return metric.gain(metric(labels, answer_held(metric, labels, votes, fold)))


def columns(scores: np.ndarray) -> np.ndarray:
    """Return scores [M, K], from [M] of the second of two classes."""
    return np.stack([-scores, scores], 1) if scores.ndim == 1 else scores
