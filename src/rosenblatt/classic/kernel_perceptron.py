"""The perceptron with weights on the samples (the dual form): any boundary a kernel can draw."""

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.dual import DualClassifier
from rosenblatt.classic.inputs import KERNEL_SETTINGS, check_fitted, one_versus_rest
from rosenblatt.classic.mistakes import ANSWERS, machines, shuffled_order
from rosenblatt.kernels.similarity.perceptron import Shown, learn_dual
from rosenblatt.ranges import EPOCHS, SEED, Choice

MEMORY = 1 << 30  # bytes; a larger Gram matrix is computed again in each epoch, block by block
BLOCK = 1024  # steps to a block


@dataclass(eq=False)
class KernelPerceptron(DualClassifier):
    """A perceptron in the feature space of a kernel (Aizerman, Braverman & Rozonoer 1964).

    One for each class against the rest. Its weights are a sum of the samples it took wrongly, so
    its score is a sum of kernels with them; nothing is ever computed in the feature space.

    kernel, gamma, degree: as in KernelExpansion. answer: the last perceptron, the average over all
    steps, or the vote of all perceptrons on the way (Freund & Schapire 1999). seed: of the order in
    which samples are shown.

    Learned: as DualClassifier, mistakes_ [K], the number of mistakes, and for a vote
    perceptrons_, their lists.
    """

    epochs: int = 10
    answer: str = "averaged"
    seed: int = 0

    settings: ClassVar = KERNEL_SETTINGS | {
        "epochs": EPOCHS,
        "answer": Choice(ANSWERS),
        "seed": SEED,
    }

    def _fit(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._choose_kernel(x)
        order = shuffled_order(len(x), self.epochs, self.seed)
        signs = one_versus_rest(labels, len(self.classes_))
        steps = np.empty((len(signs), len(order)), np.int64)
        counts = np.zeros(len(signs), np.int64)
        self._show(x, order, signs, steps, counts)
        self.mistakes_ = counts
        found = machines(order, signs, steps, counts)
        dual = np.stack([machine.coefficients(len(x), self.answer) for machine in found])
        self._keep_support(x, dual, None)
        if self.answer == "voted":
            place = np.zeros(len(x), np.int64)
            place[self.support_] = np.arange(len(self.support_))
            self.perceptrons_ = [replace(one, samples=place[one.samples]) for one in found]

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [M, K] (float32), [M] for two classes; votes lie between -1 and 1."""
        if self.answer != "voted":
            return super().decision_function(X)
        check_fitted(self, "perceptrons_")
        x = self._asked(X)
        scores = np.empty((len(x), len(self.perceptrons_)), np.float32)
        for first in range(0, len(x), BLOCK):
            rows = slice(first, first + BLOCK)
            gram = self._gram(x[rows])
            for k, machine in enumerate(self.perceptrons_):
                scores[rows, k] = machine.votes(gram)
        return scores if scores.shape[1] > 1 else scores[:, 0]

    def _show(
        self,
        x: np.ndarray,
        order: np.ndarray,
        signs: np.ndarray,
        steps: np.ndarray,
        counts: np.ndarray,
    ) -> None:
        """Show all samples in `order`; `steps` and `counts` are filled with the mistakes."""
        scores = np.zeros_like(signs)
        if self.kernel_ is None or 4 * len(x) ** 2 <= MEMORY:
            gram = x if self.kernel_ is None else self.kernel_(x)
            learn_dual(gram, Shown(order, order), signs, scores, steps, counts, 0)
            return
        for first in range(0, len(order), BLOCK):
            samples = order[first : first + BLOCK]
            gram = self.kernel_(x[samples], x)
            rows = np.arange(len(samples))
            learn_dual(gram, Shown(rows, samples), signs, scores, steps, counts, first)
