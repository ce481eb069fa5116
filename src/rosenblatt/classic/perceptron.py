"""Rosenblatt's perceptron, with weights on the inputs themselves (the primal form)."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.inputs import check_fitted, one_versus_rest
from rosenblatt.classic.linear import LinearClassifier, with_one
from rosenblatt.classic.mistakes import ANSWERS, Mistakes, machines, shuffled_order
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Linear
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.similarity.perceptron import learn_classes, learn_signs
from rosenblatt.ranges import EPOCHS, SEED, Choice

STRATEGIES = "one_versus_rest", "multiclass"


@dataclass(eq=False)
class Perceptron(LinearClassifier):
    """A linear classifier that learns from its mistakes alone (Rosenblatt 1958).

    Where the sign of w x + b is not that of the sample, y = +1 or -1, it adds y x to w and y to b.
    On separable data it makes at most (R / delta)^2 mistakes, R the length of the longest (x, 1)
    and delta the margin (Novikoff 1962).

    strategy: one perceptron for each class against the rest, or all classes at once, the sample
    added to its own class's weights and taken from the best rival's. answer: the last weights,
    their average over all steps, or the vote of all perceptrons on the way (Freund & Schapire
    1999; one_versus_rest only). seed: of the order in which samples are shown.

    Learned: as LinearClassifier, mistakes_ [K], the number of mistakes, and for a vote
    perceptrons_, their lists, and samples_ [N, D + 1].
    """

    epochs: int = 10
    strategy: str = "one_versus_rest"
    answer: str = "averaged"
    seed: int = 0

    settings: ClassVar = {
        "epochs": EPOCHS,
        "strategy": Choice(STRATEGIES),
        "answer": Choice(ANSWERS),
        "seed": SEED,
    }

    def _checked(self, x: np.ndarray) -> np.ndarray:
        if self.strategy == "multiclass" and self.answer == "voted":
            raise UserError(
                "the perceptrons of strategy = 'multiclass' have no vote; take answer = 'averaged'."
            )
        return super()._checked(x)

    def _fit(self, x: np.ndarray, labels: np.ndarray) -> None:
        x = with_one(x)
        order = shuffled_order(len(x), self.epochs, self.seed)
        if self.strategy == "multiclass" and len(self.classes_) > 2:
            coefficients = self._fit_classes(x, order, labels)
        else:
            coefficients = self._fit_signs(x, order, one_versus_rest(labels, len(self.classes_)))
        weights = gemm(coefficients, x, np.empty((len(coefficients), x.shape[1]), np.float32))
        self._keep(weights)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [N, K] (float32), [N] for two classes; votes lie between -1 and 1."""
        if self.answer != "voted":
            return super().decision_function(X)
        check_fitted(self, "perceptrons_")
        gram = Linear()(with_one(self._asked(X)), self.samples_)
        scores = np.stack([machine.votes(gram) for machine in self.perceptrons_], 1)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def _fit_signs(self, x: np.ndarray, order: np.ndarray, signs: np.ndarray) -> np.ndarray:
        steps = np.empty((len(signs), len(order)), np.int64)
        counts = np.zeros(len(signs), np.int64)
        learn_signs(x, order, signs, steps, counts)
        self.mistakes_ = counts
        found = machines(order, signs, steps, counts)
        if self.answer == "voted":
            self.perceptrons_, self.samples_ = found, x
        return np.stack([machine.coefficients(len(x), self.answer) for machine in found])

    def _fit_classes(self, x: np.ndarray, order: np.ndarray, labels: np.ndarray) -> np.ndarray:
        K = len(self.classes_)
        steps, rivals = np.empty_like(order), np.empty_like(order)
        count = learn_classes(x, order, labels, np.zeros((K, x.shape[1])), rivals, steps)
        steps, rivals = steps[:count], rivals[:count]
        samples = order[steps]
        own = labels[samples]
        self.mistakes_ = np.bincount(own, minlength=K)
        rows = []
        for k in range(K):
            sign = (own == k).astype(np.float32) - (rivals == k)
            rows.append(
                Mistakes(samples, sign, steps, len(order)).coefficients(len(x), self.answer)
            )
        return np.stack(rows)
