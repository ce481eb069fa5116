"""Boosted trees as a member: what most who bring a table expect to win it with."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from rosenblatt.challenge.target import Target, Values
from rosenblatt.classic import BoostedTreesClassifier, BoostedTreesRegressor
from rosenblatt.members.trees import TreesMember
from rosenblatt.ranges import Whole

ROUNDS = 200  # that a share is of, where their number is found by cross-validation
OWN = BoostedTreesRegressor.settings


@dataclass(frozen=True)
class BoostingMember(TreesMember):
    """Gradient boosting; the keys are those of classic.BoostedTrees.

    rounds, leaves: 0 for as many as cross-validation inside the rows finds best; l2: by default as
    so many rows want it."""

    kind: str = "boosting"
    rounds: int = 0
    rate: float = 0.05
    leaves: int = 0
    l2: float | None = None
    least_rows: int = 5
    rows: float = 0.7
    columns: float = 0.5

    chooses = True
    settings: ClassVar = {
        "rounds": Whole(0, 100_000),
        "leaves": Whole(0, 4096),
        **{name: OWN[name] for name in ("rate", "l2", "least_rows", "rows", "columns")},
    }

    def shorter(self, share: float) -> Self:
        rounds = max(1, round(share * (self.rounds or ROUNDS)))
        return self if share >= 1 else dataclasses.replace(self, rounds=rounds)

    def estimator(self, target: Target, codes: tuple[int, ...], seed: int) -> Any:
        names = ("rate", "l2", "least_rows", "rows", "columns")
        given = {name: getattr(self, name) for name in names}
        given |= {"rounds": self.rounds or None, "leaves": self.leaves or None}
        given |= {"categorical": codes, "seed": seed}
        if isinstance(target, Values):
            return BoostedTreesRegressor(**given)
        return BoostedTreesClassifier(**given)
