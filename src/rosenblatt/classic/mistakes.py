"""What a perceptron has learned: the list of its mistakes, and the answers that follow from it."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.similarity.perceptron import vote

ANSWERS = "last", "averaged", "voted"


@dataclass(frozen=True)
class Mistakes(Kept):
    """The mistakes of one perceptron of two classes, in order.

    samples [m]: which were taken wrongly; signs [m]: their +1 or -1 (float32); steps [m]: when,
    from 0; total: the number of steps in all.
    """

    samples: np.ndarray
    signs: np.ndarray
    steps: np.ndarray
    total: int

    def coefficients(self, samples: int, answer: str) -> np.ndarray:
        """Return each sample's share in the weights, [N] float32: w = sum_i coefficients[i] x_i.

        Of the last perceptron, or of the average over all steps, which is what Freund & Schapire
        (1999, section 2.3) call `avg`; it stands for the vote too, which has no weights.
        """
        signs = self.signs.astype(np.int64)
        if answer == "last":
            share = np.bincount(self.samples, weights=signs, minlength=samples)
            return share.astype(np.float32)
        # Whole numbers below 2^53: exact in any order.
        share = np.bincount(self.samples, signs * (self.total - self.steps), samples)
        return (share / self.total).astype(np.float32)

    def votes(self, gram: np.ndarray) -> np.ndarray:
        """Return the votes of all perceptrons on the way, as a share, [M] float32.

        gram [M, N] (float32) holds the kernel of M new rows with the N samples. Raises UserError
        where the lists are damaged: of different lengths, or of samples that there are not.
        """
        lists = self.samples, self.signs, self.steps
        inside = (self.samples >= 0) & (self.samples < gram.shape[1])
        if len({part.shape for part in lists}) > 1 or not np.all(inside):
            raise UserError("the mistakes are not those of these samples; fit again.")
        lasted = np.diff(self.steps, append=self.total)
        out = np.empty(len(gram), np.int64)
        vote(gram, self.samples, self.signs, lasted, out)
        return (out / self.total).astype(np.float32)


def machines(
    order: np.ndarray, signs: np.ndarray, steps: np.ndarray, counts: np.ndarray
) -> list[Mistakes]:
    """Return the mistakes of each perceptron, from what kernels.similarity.perceptron wrote."""
    found = []
    for k in range(len(signs)):
        when = steps[k, : counts[k]]
        samples = order[when]
        found.append(Mistakes(samples, signs[k, samples], when, len(order)))
    return found


def shuffled_order(samples: int, epochs: int, seed: int) -> np.ndarray:
    """Return which sample is shown at each step, [epochs N] int64: every epoch in a new order."""
    rng = np.random.default_rng(seed)
    return np.concatenate([rng.permutation(samples) for _ in range(epochs)])
