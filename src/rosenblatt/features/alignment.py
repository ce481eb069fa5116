"""String kernels of whole sequences: the same letters at the same places, or aligned with gaps."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.features.gram import Kernel
from rosenblatt.features.sequences import check_letters
from rosenblatt.features.terms import SequenceTerm
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.similarity.alignment import LANES, Weights, alignments, equal_runs
from rosenblatt.kernels.similarity.kmers import UNKNOWN
from rosenblatt.ranges import Range, Real, Whole, check_settings

CELLS = 300_000_000  # pairs of letters in one go, about half a second: then Ctrl-C is answered


@dataclass(frozen=True)
class WeightedDegree(Kernel):
    """Equal words at equal places (Raetsch & Sonnenburg 2004, equation 3).

    k(x, y) = sum over d = 1 ... degree of beta_d times the number of places from which d letters
    agree, with beta_d = 2 (degree - d + 1) / (degree (degree + 1)). A run of r equal letters holds
    r - d + 1 words of d letters, so one pass over the letters does. Raises UserError where
    the degree is not from 1 to 1,000.
    """

    degree: int = 8

    settings: ClassVar[dict[str, Range]] = {"degree": Whole(1, 1000)}

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        x = check_letters(x)
        others = x if y is None else check_letters(y)
        out, gains = np.empty((len(x), len(others))), self._gains(x.shape[1])
        for rows in _slices(len(x), others.size):
            equal_runs(x[rows], others, gains, out[rows])
        return out.astype(np.float32)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        x = check_letters(x)
        out, gains = np.empty((1, 1)), self._gains(x.shape[1])
        result = np.empty(len(x), np.float32)
        for n in range(len(x)):
            equal_runs(x[n : n + 1], x[n : n + 1], gains, out)
            result[n] = out[0, 0]
        return result

    def _gains(self, length: int) -> np.ndarray:
        """Return the kernel of a run of r equal letters, r = 0 ... length."""
        d = np.arange(1, self.degree + 1)
        beta = 2 * (self.degree - d + 1) / (self.degree * (self.degree + 1))
        runs = np.arange(length + 1)[:, None]
        return (beta * np.maximum(0, runs - d + 1)).sum(1)


@dataclass(frozen=True)
class LocalAlignment(Kernel):
    """All local alignments, by their scores (Saigo, Vert, Ueda & Akutsu 2004), cosine-normalised.

    K(x, y) = sum over alignments of e^(beta score), the empty one included, where a pair of equal
    letters scores `match`, of others `mismatch`, and a gap of n letters opening + (n - 1) extension
    (both negative). Unknown letters pair with nothing. The sums outgrow float32, so that
    K(x, y) / sqrt(K(x, x) K(y, y)) is given. Raises UserError where beta is not above 0, a gap is
    rewarded, or beta is so large for so long sequences that the sums are beyond float64.
    """

    beta: float = 0.2
    match: float = 1.0
    mismatch: float = -1.0
    opening: float = -3.0
    extension: float = -1.0

    settings: ClassVar[dict[str, Range]] = {
        "beta": Real(1e-6, 1e3),
        "match": Real(0, 100),
        "mismatch": Real(-100, 100),
        "opening": Real(-100, 0),
        "extension": Real(-100, 0),
    }

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        x = check_letters(x)
        others = x if y is None else check_letters(y)
        sums = self._sums(x, others, y is None)
        if y is None:
            sums = np.tril(sums) + np.tril(sums, -1).T
            own = other = np.sqrt(np.diagonal(sums))
        else:
            own, other = np.sqrt(self._own(x)), np.sqrt(self._own(others))
        if not (np.isfinite(own).all() and np.isfinite(other).all()):
            raise UserError(
                f"beta = {self.beta} is too much for sequences of {x.shape[1]} letters: sums of "
                "alignments are beyond float64; lower beta."
            )
        return (sums / (own[:, None] * other)).astype(np.float32)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        return np.ones(len(x), np.float32)

    def _own(self, x: np.ndarray) -> np.ndarray:
        return np.array([self._sums(row, row, False)[0, 0] for row in x[:, None]])

    def _sums(self, x: np.ndarray, others: np.ndarray, half: bool) -> np.ndarray:
        """Return K [N, M] float64; where `half`, at least up to the diagonal."""
        blocks = -(-len(others) // LANES)
        padded = np.full((blocks * LANES, others.shape[1]), UNKNOWN, np.uint8)
        padded[: len(others)] = others
        lanes = padded.reshape(blocks, LANES, -1).transpose(0, 2, 1)
        scores = self.match, self.mismatch, self.opening, self.extension
        weights = Weights(*(float(exp(np.float64(self.beta * score))) for score in scores))
        lanes = np.ascontiguousarray(lanes)
        out = np.zeros((len(x), blocks * LANES))
        for rows in _slices(len(x), x.shape[1] * others.size):
            needed = -(-rows.stop // LANES) if half else blocks
            alignments(x[rows], lanes[:needed], weights, out[rows])
        return out[:, : len(others)]


@dataclass(frozen=True)
class WeightedDegreeTerm(WeightedDegree, SequenceTerm):
    """Words up to `degree` letters at the same places."""

    kind: str = "weighted_degree"


@dataclass(frozen=True)
class LocalAlignmentTerm(LocalAlignment, SequenceTerm):
    """All local alignments; beta: how much the better ones outweigh the others."""

    kind: str = "local_alignment"

    def kernel(self) -> Kernel:
        return self.alone()  # which is normalised


def _slices(N: int, cells: int) -> list[slice]:
    """Return the rows of a matrix, a row of which costs so many cells, in parts of about CELLS."""
    rows = max(1, CELLS // max(1, cells))
    return [slice(first, min(N, first + rows)) for first in range(0, N, rows)]
