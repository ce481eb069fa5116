"""A kernel perceptron that remembers a bounded number of samples, however many it is shown."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.dual import DualClassifier
from rosenblatt.classic.inputs import KERNEL_SETTINGS, KERNELS
from rosenblatt.classic.mistakes import shuffled_order
from rosenblatt.features.gram import KERNEL
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.ranges import EPOCHS, SEED, Choice, Either, Whole

BLOCK = 256  # samples that are shown between two products of matrices


@dataclass(eq=False)
class BudgetPerceptron(DualClassifier):
    """A kernel perceptron of all classes at once that forgets at random what exceeds its budget.

    On a mistake the sample is added to its own class and taken from the best rival (Duda & Hart
    1973, section 5.12); where that makes more than `budget` samples, one of the earlier ones, drawn
    at random, is dropped (Cavallanti, Cesa-Bianchi & Gentile 2007, figure 2). No Gram matrix is
    larger than 256 rows by 256 + budget, so the memory does not grow with the samples.

    kernel, gamma, degree: as in KernelExpansion; "precomputed" has no use here. seed: of the order
    of the samples and of what is forgotten.

    Learned: as DualClassifier (two classes have two rows in dual_coef_ too), and mistakes_.
    """

    epochs: int = 10
    budget: int = 500
    seed: int = 0

    settings: ClassVar = KERNEL_SETTINGS | {
        "kernel": Either(Choice(KERNELS[:-1]), KERNEL),
        "epochs": EPOCHS,
        "budget": Whole(1, 1_000_000),
        "seed": SEED,
    }

    def _fit(self, x: np.ndarray, labels: np.ndarray) -> None:
        self._choose_kernel(x)
        rng = np.random.default_rng(self.seed)
        order = shuffled_order(len(x), self.epochs, self.seed)
        support, dual = np.empty(0, np.int64), np.zeros((len(self.classes_), 0))
        self.mistakes_ = 0
        for first in range(0, len(order), BLOCK):
            shown = order[first : first + BLOCK]
            candidates = np.concatenate([support, shown])
            dual = np.hstack([dual, np.zeros((len(dual), len(shown)))])
            assert self.kernel_ is not None
            gram = self.kernel_(x[shown], x[candidates]).astype(np.float64)
            self._show(gram, labels[shown], dual, len(support), rng)
            kept = dual.any(0)
            support, dual = candidates[kept], dual[:, kept]
        self._keep_rows(x, support, dual)

    def decision_function(self, X: Any) -> np.ndarray:
        """Return the scores [M, K] (float32), of two classes the difference [M]."""
        scores = self._sums(self._asked(X), self.intercept_)
        return scores if scores.shape[1] > 2 else scores[:, 1] - scores[:, 0]

    def _show(
        self,
        gram: np.ndarray,
        labels: np.ndarray,
        dual: np.ndarray,
        held: int,
        rng: np.random.Generator,
    ) -> None:
        """Show samples one by one: gram [n, held + n] with those held so far and with themselves;
        dual [K, held + n] changes."""
        used = int(dual.any(0).sum())
        for place, (row, label) in enumerate(zip(gram, labels, strict=True)):
            scores = np.empty(len(dual))
            gemm(row[None], dual, scores[None], transpose=(False, True))
            own, scores[label] = scores[label], -np.inf
            rival = int(scores.argmax())
            if own > scores[rival]:
                continue
            self.mistakes_ += 1
            if used == self.budget:
                dual[:, rng.permutation(np.flatnonzero(dual.any(0)))[0]] = 0
                used -= 1
            dual[label, held + place], dual[rival, held + place] = 1, -1
            used += 1
