"""Kernel machines on a weighted sum of kernels: support vectors, or ridge regression."""

import dataclasses
from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.classic import SVM, KernelLogisticRegression, KernelRidge, KernelRidgeRegressor
from rosenblatt.classic.multiple_kernels import mkl_weights
from rosenblatt.errors import UserError
from rosenblatt.features.combination import alignment_weights
from rosenblatt.features.terms import Comparison, form
from rosenblatt.features.virtual import Variants
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.similarity.gram import exponential
from rosenblatt.members.base import Advance, Fitted, Rows, no_progress
from rosenblatt.members.machines import (
    NOTHING,
    FittedMachine,
    FittedValues,
    Machine,
    calibrated,
    calibration_folds,
    columns,
    gain,
)
from rosenblatt.metrics import Metric, find_metric
from rosenblatt.ranges import FLAG, FROM_ZERO, POSITIVE, Choice, Each, Whole
from rosenblatt.train.plan import Callback

Learner = SVM | KernelRidge | KernelLogisticRegression


@dataclass(frozen=True, eq=False)
class Cross(Kept):
    """Samples to their Gram matrix with the training rows: a weighted sum of terms."""

    scaling: Callable[[np.ndarray], np.ndarray]
    terms: tuple[Comparison, ...]
    weights: np.ndarray
    gamma: float

    axes: ClassVar = {"weights": "float64 K"}

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        new = self.scaling(samples)
        return self.sum([term(new) for term in self.terms])

    def sum(self, grams: Sequence[np.ndarray]) -> np.ndarray:
        """Return the sum of the terms' Gram matrices, and what gamma makes of it."""
        total = np.zeros(grams[0].shape, np.float32)
        for weight, gram in zip(self.weights, grams, strict=True):
            total += np.float32(weight) * gram
        if self.gamma:
            exponential(np.subtract(1, total, out=total), np.float32(self.gamma))
        return total


@dataclass(frozen=True, eq=False)
class _OnGram(Kept):
    """A machine on the Gram matrix of samples, and of their copies, with the training rows."""

    machine: Any
    cross: Cross
    copies: int

    def of_support(self) -> Self:
        """Return the same on the training rows that count alone, which need less room."""
        machine, support = copy(self.machine), self.machine.support_
        machine.support_ = np.arange(len(support))
        terms = [dataclasses.replace(one, rows=one.rows[support]) for one in self.cross.terms]
        cross = dataclasses.replace(self.cross, terms=tuple(terms))
        return dataclasses.replace(self, machine=machine, cross=cross)


class _Scores(_OnGram):
    """A machine's scores of samples, those of their copies added."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        return _score(self.machine, self.cross(samples), self.copies)


class _Values(_OnGram):
    """A machine's values of samples, the mean of those of their copies."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        found = self.machine.predict(self.cross(samples))
        return found.reshape(self.copies, len(samples), -1).mean(0)


@dataclass(frozen=True)
class KernelMachineMember(Machine):
    """A machine on a weighted sum of kernels.

    kernels: the terms of the sum. weights: as "given" in the terms, or learned from the training
    rows, by "alignment" with the labels or by "simple_mkl". gamma: 0 for the sum k itself, else
    exp(gamma (k - 1)), a Gaussian in its feature space, since each term has k(x, x) = 1.
    machine: "svm" or "ridge". costs: of the SVM; of several, the one that the challenge's metric
    finds best over folds of the training rows; ridge finds its penalty by leaving one out, and is
    the one that learns values; "logistic" has penalty.
    flip, shift: learn from mirrored images too, and from those moved by so many pixels to four
    sides, and score all (Burges & Schoelkopf 1997).
    """

    kind: str = "kernel_machine"
    machine: str = "svm"
    costs: tuple[float, ...] = (1.0,)
    weights: str = "given"
    gamma: float = 0.0
    flip: bool = False
    shift: int = 0
    penalty: float = 1e-4

    answers = Classes, Values
    settings: ClassVar = {
        "machine": Choice(("svm", "ridge", "logistic")),
        "costs": Each(POSITIVE, 1, 100),
        "weights": Choice(("given", "alignment", "simple_mkl")),
        "gamma": FROM_ZERO,
        "flip": FLAG,
        "shift": Whole(0, 1000),
        "penalty": KernelLogisticRegression.settings["penalty"],
    }

    def suits(self, samples: np.ndarray, target: Target) -> None:
        if (self.flip or self.shift) and form(samples) != "images":
            key = "flip = true mirrors" if self.flip else f"shift = {self.shift} moves"
            raise UserError(f"{key} images, and these samples are none; leave it out.")
        if self.shift and self.shift >= min(samples.shape[2:]):
            raise UserError(f"shift = {self.shift}: the images have {samples.shape[2:]} pixels.")
        super().suits(samples, target)
        if isinstance(target, Values) and (self.machine != "ridge" or self.weights != "given"):
            raise UserError(
                f'machine = "{self.machine}" with weights = "{self.weights}" learns classes, and '
                'the challenge asks for values; write machine = "ridge" and weights = "given", or '
                "leave --recipe out."
            )

    def shorter(self, share: float) -> Self:
        count = max(1, round(share * len(self.kernels)))
        return dataclasses.replace(self, kernels=self.kernels[:count])

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> Fitted:
        scaling, scaled = rows.scaled()
        variants = Variants(self.flip, self.shift)
        copies = variants.count
        inside = rows.folds_inside(seed)
        terms = [
            term.learn(scaled.samples, seed, rows.known, variants, rows.target.responses, inside)
            for term in self.kernels
        ]
        grams = [term.gram() for term in terms]
        weights = self._weights(grams, rows, copies)

        cross = Cross(scaling, tuple(terms), weights, self.gamma)
        learn = self._of_values if isinstance(rows.target, Values) else self._of_classes
        found = learn(rows, seed, cross.sum(grams), cross, copies)
        advance(self.units)
        return found

    def _of_values(
        self, rows: Rows, seed: int, gram: np.ndarray, cross: Cross, copies: int
    ) -> Fitted:
        values = np.tile(rows.values, (copies, 1))
        machine = KernelRidgeRegressor("precomputed")
        machine.fit(gram, values, groups=_kept_together(rows, copies))
        if _gain(values, machine.leave_one_out_.reshape(values.shape)) < copies:
            machine = KernelRidgeRegressor("precomputed", penalty=NOTHING).fit(gram, values)
        return FittedValues(_Values(machine, cross, copies))

    def _of_classes(
        self, rows: Rows, seed: int, gram: np.ndarray, cross: Cross, copies: int
    ) -> Fitted:
        classes, fold = calibration_folds(rows, seed)
        labels = np.tile(rows.labels, copies)
        make = self._chosen(gram, labels, np.tile(fold, copies), find_metric(rows.metric))

        together = _kept_together(rows, copies)

        def learned(own: np.ndarray, inside: np.ndarray) -> Learner:
            given = {}
            if together is not None and self.machine == "ridge":  # it chooses by leaving rows out
                given["groups"] = together[inside]
            return make().fit(own, labels[inside], **given)

        def score_held(inside: np.ndarray, held: np.ndarray) -> np.ndarray:
            inside, held = (_with_copies(part, len(fold), copies) for part in (inside, held))
            machine = learned(gram[np.ix_(inside, inside)], inside)
            return _score(machine, gram[np.ix_(held, inside)], copies)

        found = calibrated(rows, fold, score_held)
        machine = learned(gram, np.arange(len(labels)))
        return FittedMachine(_Scores(machine, cross, copies), found, classes, rows.classes)

    def _weights(self, grams: list[np.ndarray], rows: Rows, copies: int) -> np.ndarray:
        given = np.array([term.weight for term in self.kernels])
        if self.weights == "given":
            return given / given.sum()
        labels = np.tile(rows.labels, copies)
        if self.weights == "alignment":
            return alignment_weights(grams, labels)
        return mkl_weights(grams, labels, self.costs[0])

    def _chosen(
        self, gram: np.ndarray, labels: np.ndarray, fold: np.ndarray, metric: Metric
    ) -> Callable[[], Learner]:
        """Return what makes the machine, with the cost that a metric finds best over the folds."""
        if self.machine == "ridge":
            return lambda: KernelRidge("precomputed")
        if self.machine == "logistic":
            return lambda: KernelLogisticRegression("precomputed", penalty=self.penalty)
        if len(self.costs) == 1:
            return lambda: _svm(self.costs[0])
        classes, places = np.unique(labels, return_inverse=True)
        scores: list[list[np.ndarray]] = [[] for _ in self.costs]
        judged: list[np.ndarray] = []
        for k in np.unique(fold):
            inside, held = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            if len(np.unique(labels[inside])) == len(classes):
                judged.append(held)
                train, asked = gram[np.ix_(inside, inside)], gram[np.ix_(held, inside)]
                for place, cost in enumerate(self.costs):
                    machine = _svm(cost).fit(train, labels[inside])
                    scores[place].append(columns(machine.decision_function(asked)))
        if not judged:
            return lambda: _svm(self.costs[0])
        rows = np.concatenate(judged)
        gains = [gain(metric, places[rows], np.concatenate(one), fold[rows]) for one in scores]
        return lambda: _svm(self.costs[int(np.argmax(gains))])


def _kept_together(rows: Rows, copies: int) -> np.ndarray | None:
    """Return which samples may not be parted, [copies N]: a row's copies least of all."""
    if rows.together is None and copies == 1:
        return None
    own = np.arange(len(rows.samples)) if rows.together is None else rows.together
    return np.tile(own, copies)


def _gain(values: np.ndarray, said: np.ndarray) -> float:
    """Return what predictions of rows held out, [N, T], add to the logarithmic likelihood of values
    of mean 0: what is less than 1 pays for no number that was fitted (Akaike 1974)."""
    squares = [max(float(np.square(one).sum()), 1e-300) for one in (values, values - said)]
    return values.size / 2 * float(log(np.array([squares[0] / squares[1]]))[0])


def _svm(cost: float) -> SVM:
    return SVM("precomputed", cost=cost, strategy="one_versus_rest")


def _score(machine: Learner, cross: np.ndarray, copies: int) -> np.ndarray:
    """Return the scores of samples [m, k], those of their copies added."""
    found = columns(machine.decision_function(cross))
    return found.reshape(copies, -1, found.shape[1]).sum(0)


def _with_copies(rows: np.ndarray, count: int, copies: int) -> np.ndarray:
    """Return the indices of rows and of their copies, which lie `count` apart."""
    return np.concatenate([rows + copy * count for copy in range(copies)])
