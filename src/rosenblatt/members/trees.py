"""What members of trees share: codes and gaps stay as they are, levels are categories."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import take
from rosenblatt.challenge.target import Classes, Target
from rosenblatt.features.tables.encoding import AS_IT_IS
from rosenblatt.features.tables.feature import ColumnFeature
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.members.base import Rows
from rosenblatt.members.estimators import EstimatorMember, Given

PREPARED = 40  # rows whose trees compile what all need


@dataclass(frozen=True)
class TreesMember(EstimatorMember):
    """Trees on numbers, or on a table by features: those that `features` lists, numbers and codes
    as they are and NaN where they are missing, levels as categories, choices and dates."""

    features: tuple[ColumnFeature, ...] = AS_IT_IS

    chooses: ClassVar[bool] = False  # something by folds inside

    def estimator(self, target: Target, codes: tuple[int, ...], seed: int) -> Any:
        """Return the estimator of classes or of values, with nothing learned."""
        raise NotImplementedError

    def learn(
        self,
        x: np.ndarray,
        target: Target,
        given: Given,
        seed: int,
    ) -> Any:
        machine = self.estimator(target, given.codes, seed)
        if given.together is None or not self.chooses:
            return machine.fit(x, target.truth, given.weights)
        return machine.fit(x, target.truth, given.weights, groups=given.together)

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
