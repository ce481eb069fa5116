"""What members of an estimator share: samples become rows, and what it answers for them votes."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rosenblatt.challenge.target import Target, Values
from rosenblatt.features.tables.encoding import Encoding
from rosenblatt.members.base import Fitted


@dataclass(frozen=True, eq=False)
class FittedEstimator(Fitted):
    """What describes samples, the estimator that learned from them, and what is asked."""

    describe: Encoding
    machine: Any
    target: Target

    def predict(self, samples: np.ndarray) -> np.ndarray:
        x = self.describe(samples)
        if isinstance(self.target, Values):
            return self.machine.predict(x).reshape(len(x), -1).astype(np.float32)
        out = np.zeros((len(x), len(self.target.names)), np.float32)
        out[:, self.machine.classes_] = self.machine.predict_proba(x)
        return out
