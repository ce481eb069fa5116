"""Recursive feature machines as members: kernel ridge regression that finds what counts."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.classic.feature_machine import FeatureMachineClassifier, FeatureMachineRegressor
from rosenblatt.features.tables.encoding import SCALED, encode
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.members.base import Advance, Member, Rows, no_progress
from rosenblatt.members.estimators import FittedEstimator
from rosenblatt.train.plan import Callback


@dataclass(frozen=True)
class FeatureMachineMember(Member):
    """A Laplacian kernel machine that learns its metric.

    rounds: of that, at most; features: what columns of a table become.
    """

    kind: str = "feature_machine"
    rounds: int = 3
    features: tuple[ColumnFeature, ...] = SCALED

    takes = ("table", "numbers")
    answers: ClassVar = (Classes, Values)
    settings: ClassVar = {"rounds": FeatureMachineRegressor.settings["rounds"]}

    def shorter(self, share: float) -> Self:
        return dataclasses.replace(
            self, rounds=min(self.rounds, max(1, round(share * self.rounds)))
        )

    def fit(
        self,
        rows: Rows,
        seed: int,
        advance: Advance = no_progress,
        callback: Callback | None = None,
    ) -> FittedEstimator:
        target = rows.target
        describe, x = encode(rows.samples, self.features, target.responses, seed)
        machine: Any
        if isinstance(target, Values):
            machine = FeatureMachineRegressor(self.rounds, seed=seed).fit(x, target.values)
        else:
            machine = FeatureMachineClassifier(self.rounds, seed=seed).fit(x, target.labels)
        advance(self.units)
        return FittedEstimator(describe, machine, target)
