"""Moving the origin of a feature space to the mean of the training samples, by their kernels."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.errors import UserError

BLOCK = 64  # rows, so that their float64 copies stay in the caches


@dataclass(frozen=True)
class Centring:
    """<phi(x) - mean, phi(y) - mean> = k(x, y) less the means over rows, columns and both.

    Schoelkopf, Smola & Mueller 1998, equation 17. mean: of k(., x_i) over the training samples,
    [N] float64; grand_mean: of all of them.
    """

    mean: np.ndarray
    grand_mean: float

    @classmethod
    def fit(cls, gram: np.ndarray) -> Self:
        """Learn from the training samples' Gram matrix [N, N].

        Raises UserError as check_vectors, or where it is not square.
        """
        gram = check_vectors(gram, "Gram matrix")
        if gram.shape[0] != gram.shape[1]:
            raise UserError(f"Gram matrix of shape {gram.shape}; to learn it must be square.")
        mean = gram.mean(1, dtype=np.float64)
        return cls(mean, float(mean.mean()))

    def __call__(self, gram: np.ndarray) -> np.ndarray:
        """Return a Gram matrix [M, N] of any samples with the training samples, centred, float32.

        For [N, N] itself the result has rows and columns that add up to 0. Raises UserError as
        check_vectors.
        """
        gram = check_vectors(gram, "Gram matrix", len(self.mean))
        out = np.empty(gram.shape, np.float32)
        for first in range(0, len(gram), BLOCK):
            rows = gram[first : first + BLOCK]
            shift = self.grand_mean - rows.mean(1, dtype=np.float64, keepdims=True)
            out[first : first + BLOCK] = rows - self.mean + shift
        return out
