"""Recursive feature machines as members: kernel ridge regression that finds what counts."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from rosenblatt.challenge.target import Target, Values
from rosenblatt.classic.feature_machine import FeatureMachineClassifier, FeatureMachineRegressor
from rosenblatt.errors import UserError
from rosenblatt.features.tables.encoding import SCALED
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.features.tables.target_mean import TargetMean
from rosenblatt.members.estimators import EstimatorMember, Given

FEWEST = 200  # rows that a shorter machine learns its metric on


@dataclass(frozen=True)
class FeatureMachineMember(EstimatorMember):
    """A Laplacian kernel machine that learns its metric. rounds: of that, at most; sample: rows
    that it is learned on, at most.

    Levels are told by the mean of what is asked for, too, so that those alike lie near."""

    kind: str = "feature_machine"
    features: tuple[ColumnFeature, ...] = (*SCALED, TargetMean())
    rounds: int = 3
    sample: int = 2000

    settings: ClassVar = {
        name: FeatureMachineRegressor.settings[name] for name in ("rounds", "sample")
    }

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.balanced:
            raise UserError("a feature_machine counts all rows alike; leave balanced out.")

    def shorter(self, share: float) -> Self:
        rounds = min(self.rounds, max(1, round(share * self.rounds)))
        sample = min(self.sample, max(FEWEST, round(share * self.sample)))
        return dataclasses.replace(self, rounds=rounds, sample=sample)

    def learn(
        self,
        x: np.ndarray,
        target: Target,
        given: Given,
        seed: int,
    ) -> Any:
        kind = FeatureMachineRegressor if isinstance(target, Values) else FeatureMachineClassifier
        return kind(self.rounds, sample=self.sample, seed=seed).fit(x, target.truth, given.together)
