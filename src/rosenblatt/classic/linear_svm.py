"""Linear support vector machines, for many samples or many features."""

import warnings
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.classic.inputs import one_versus_rest
from rosenblatt.classic.linear import LinearClassifier, with_one
from rosenblatt.features.gram import square_norms
from rosenblatt.kernels.similarity.dual_coordinate import Limits, epoch
from rosenblatt.ranges import EPOCHS, POSITIVE, SEED, Choice

LOSSES = "hinge", "squared_hinge"
TOLERANCE = 1e-2  # of the slopes of the dual objective


@dataclass(eq=False)
class LinearSVM(LinearClassifier):
    """The widest margin without a kernel, one machine for each class against the rest.

    It minimises (|w|^2 + b^2) / 2 + cost sum max(0, 1 - y (w x + b)), or of its square, by dual
    coordinate descent (Hsieh et al. 2008). cost: the C of the literature. epochs: at the most; it
    warns where they did not suffice. seed: of the order of the samples.

    Learned: as LinearClassifier; dual_coef_ [K, N], the alpha y of each sample; epochs_, those
    used.
    """

    cost: float = 1.0
    loss: str = "squared_hinge"
    epochs: int = 1000
    seed: int = 0

    settings: ClassVar = {
        "cost": POSITIVE,
        "loss": Choice(LOSSES),
        "epochs": EPOCHS,
        "seed": SEED,
    }

    def _fit(self, x: np.ndarray, labels: np.ndarray) -> None:
        x = with_one(x)
        signs = one_versus_rest(labels, len(self.classes_)).astype(np.float64)
        norms = square_norms(x).astype(np.float64)
        hinge = self.loss == "hinge"
        limits = Limits(self.cost, 0.0) if hinge else Limits(np.inf, 0.5 / self.cost)
        alpha, weights = np.zeros_like(signs), np.zeros((len(signs), x.shape[1]))
        violations = np.empty(len(signs))
        rng = np.random.default_rng(self.seed)
        self.epochs_ = 0
        while self.epochs_ < self.epochs:
            self.epochs_ += 1
            order = rng.permutation(len(x))
            epoch(x, norms, order, signs, alpha, weights, limits, violations)
            if violations.max() < TOLERANCE:
                break
        else:
            warnings.warn(
                f"{self.epochs} epochs left a slope of {violations.max():.2g}; take more epochs, "
                "or scale the features",
                stacklevel=4,
            )
        self.dual_coef_ = alpha * signs
        self._keep(weights)
