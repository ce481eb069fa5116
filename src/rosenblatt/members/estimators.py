"""What members of an estimator share: a table becomes numbers by features, then one learns."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple

import numpy as np

from rosenblatt.arrays import take
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.errors import UserError
from rosenblatt.features.tables.encoding import SCALED, encode
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.members.base import Advance, Cost, Fitted, Member, Rows, no_progress
from rosenblatt.ranges import FLAG
from rosenblatt.train.plan import Callback as Watcher

MEASURED = 20_000  # rows, at most, that a measured fit learns from
Describe = Callable[[Any], np.ndarray]  # samples to numbers [n, D] float32


class Given(NamedTuple):
    """What is known of rows of numbers beside them: their weights [N], if any, the places of codes,
    and what folds inside keep together, as in Rows."""

    weights: np.ndarray | None
    codes: tuple[int, ...]
    together: np.ndarray | None


@dataclass(frozen=True)
class EstimatorMember(Member):
    """A member that learns from numbers, of a table from those that `features` make of it.

    balanced: every class has the same weight in all, whatever its rows; of classes alone.
    """

    features: tuple[ColumnFeature, ...] = SCALED
    balanced: bool = False

    takes: ClassVar[tuple[str, ...]] = ("table", "numbers")
    answers: ClassVar[Any] = (Classes, Values)
    settings: ClassVar = {"balanced": FLAG}

    def suits(self, samples: np.ndarray, target: Target) -> None:
        super().suits(samples, target)
        if self.balanced and isinstance(target, Values):
            raise UserError(
                f"{self.kind}: balanced = true weighs classes, and the challenge asks for values; "
                "leave it out."
            )

    def encoded(self, rows: Rows, seed: int) -> tuple[Describe, np.ndarray, tuple[int, ...]]:
        """Return what describes samples, the numbers of these [N, D], and the places of codes."""
        encoding, x = encode(
            rows.samples, self.features, rows.target.responses, seed, rows.folds_inside(seed)
        )
        return encoding, x, encoding.categorical

    def learn(
        self,
        x: np.ndarray,
        target: Target,
        given: "Given",
        seed: int,
    ) -> Any:
        """Return an estimator that has learned from x [N, D]."""
        raise NotImplementedError

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Watcher | None = None,
    ) -> "FittedEstimator":
        target = rows.target
        describe, x, codes = self.encoded(rows, seed)
        even = self.balanced and isinstance(target, Classes)
        given = Given(_balanced(rows.labels) if even else None, codes, rows.together)
        machine = self.learn(x, target, given, seed)
        advance(self.units)
        columns = 0 if isinstance(target, Values) else target.columns
        return FittedEstimator(describe, machine, columns)

    def measure(self, rows: Rows, asked: np.ndarray) -> Cost:
        """Return the seconds of a fit, which grow as the rows do."""
        order = np.random.default_rng(0).permutation(len(rows.samples))[:MEASURED]
        part = Rows(take(rows.samples, order), rows.target[order])
        self.prepare([self], rows.samples, rows.target, 1)
        start = time.perf_counter()
        self.fit(part, 0).predict(asked[:MEASURED])
        return Cost(rest=(time.perf_counter() - start) * len(rows.samples) / len(order))


@dataclass(frozen=True, eq=False)
class FittedEstimator(Fitted):
    """What describes samples, the estimator that learned from them, and how many classes there
    are in all, 0 where values are asked for."""

    describe: Describe
    machine: Any
    classes: int

    def predict(self, samples: np.ndarray) -> np.ndarray:
        x = self.describe(samples)
        if not self.classes:
            return self.machine.predict(x).reshape(len(x), -1).astype(np.float32)
        out = np.zeros((len(x), self.classes), np.float32)
        out[:, self.machine.classes_] = self.machine.predict_proba(x)
        return out

    def counting(self) -> dict[str, float]:
        metric, names = getattr(self.machine, "metric_", ()), getattr(self.describe, "names", ())
        return {name: float(one) for name, one in zip(names, metric, strict=False)}


def _balanced(labels: np.ndarray) -> np.ndarray:
    """Return weights of rows [N], of mean 1, by which each class that has rows counts the same."""
    counts = np.bincount(labels)
    return (len(labels) / (np.count_nonzero(counts) * counts[labels])).astype(np.float64)
