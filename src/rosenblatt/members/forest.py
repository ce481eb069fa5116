"""A random forest as a member: beside boosted trees it errs on other rows."""

import dataclasses
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from rosenblatt.challenge.target import Target, Values
from rosenblatt.classic import RandomForestClassifier, RandomForestRegressor
from rosenblatt.members.trees import TreesMember
from rosenblatt.ranges import SHARE, Whole

OWN = RandomForestRegressor.settings


@dataclass(frozen=True)
class ForestMember(TreesMember):
    """A random forest; the keys are those of classic.RandomForestRegressor.

    least_rows: 0 for 1 where classes are asked for, 5 where values are. columns: 0 for a third of
    them, for classes sqrt(D) of D.
    """

    kind: str = "forest"
    trees: int = 200
    leaves: int = 4096
    least_rows: int = 0
    columns: float = 0.0

    settings: ClassVar = {
        "trees": OWN["trees"],
        "leaves": OWN["leaves"],
        "least_rows": Whole(0, 1_000_000),
        "columns": SHARE,
    }

    def shorter(self, share: float) -> Self:
        return dataclasses.replace(self, trees=max(1, round(min(share, 1.0) * self.trees)))

    def estimator(self, target: Target, codes: tuple[int, ...], seed: int) -> Any:
        make = RandomForestRegressor if isinstance(target, Values) else RandomForestClassifier
        return make(
            categorical=codes,
            trees=self.trees,
            leaves=self.leaves,
            least_rows=self.least_rows or make.least_rows,
            columns=self.columns or None,
            seed=seed,
        )
