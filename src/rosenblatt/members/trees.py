"""What members of trees share: tables as numbers with gaps and codes, and the answers."""

import dataclasses
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import take
from rosenblatt.challenge.target import Classes, Target, Values
from rosenblatt.features.tables.encoding import AS_IT_IS, encode
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.members.base import Advance, Cost, Member, Rows, no_progress
from rosenblatt.members.estimators import FittedEstimator
from rosenblatt.ranges import FLAG
from rosenblatt.train.plan import Callback

PREPARED = 40  # rows whose trees compile what all need
MEASURED = 20_000  # rows, at most, that a measured fit learns from


@dataclass(frozen=True)
class TreesMember(Member):
    """Trees on numbers, or on a table by features: those that `features` lists, numbers and codes
    as they are and NaN where they are missing, levels as categories, choices and dates.

    balanced: every class has the same weight in all, whatever its rows.
    """

    features: tuple[ColumnFeature, ...] = AS_IT_IS
    balanced: bool = False

    takes: ClassVar[tuple[str, ...]] = ("table", "numbers")
    answers: ClassVar = (Classes, Values)
    settings: ClassVar = {"balanced": FLAG}

    def estimator(self, rows: Rows, categorical: tuple[int, ...], seed: int) -> Any:
        """Return the estimator for such rows, of classes or of values, with nothing learned."""
        raise NotImplementedError

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> FittedEstimator:
        target = rows.target
        describe, x = encode(rows.samples, self.features, target.responses, seed)
        machine = self.estimator(rows, describe.categorical, seed)
        if isinstance(target, Values):
            machine.fit(x, target.values)
        else:
            machine.fit(x, target.labels, _balanced(target.labels) if self.balanced else None)
        advance(self.units)
        return FittedEstimator(describe, machine, target)

    def measure(self, rows: Rows, asked: np.ndarray) -> Cost:
        """Return the seconds of a fit, which grow as the rows do."""
        order = np.random.default_rng(0).permutation(len(rows.samples))[:MEASURED]
        part = Rows(take(rows.samples, order), rows.target[order])
        self.prepare([self], rows.samples, rows.target, 1)
        start = time.perf_counter()
        self.fit(part, 0).predict(asked[:MEASURED])
        return Cost(rest=(time.perf_counter() - start) * len(rows.samples) / len(order))

    @classmethod
    def prepare(
        cls, members: Sequence[Any], samples: np.ndarray, target: Target, threads: int
    ) -> None:
        some = np.arange(min(len(samples), PREPARED))
        few = target[some]
        if isinstance(few, Classes):  # the first rows may all be of one
            few = dataclasses.replace(few, labels=some % len(few.names))
        if not JIT_DISABLED:
            members[0].shorter(1e-6).fit(Rows(take(samples, some), few), 0)


def _balanced(labels: np.ndarray) -> np.ndarray:
    """Return weights of rows [N], of mean 1, by which each class that has rows counts the same."""
    counts = np.bincount(labels)
    return (len(labels) / (np.count_nonzero(counts) * counts[labels])).astype(np.float64)
