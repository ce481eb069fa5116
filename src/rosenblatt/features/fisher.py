"""Fisher vectors: how a set of descriptors would have a mixture of Gaussians change."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rosenblatt.arrays import check_numbers, check_vectors
from rosenblatt.errors import UserError
from rosenblatt.features.kmeans import assign, k_means
from rosenblatt.features.sift import DenseSIFT
from rosenblatt.features.terms import Chain, Describe, RowTerm
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.kernels.vision.sift import BINS, CELLS
from rosenblatt.ranges import Kind, Whole, check_value

LEAST = 1e-4  # variance, as a share of the mean variance of the columns
BLOCK = 16384  # rows
DESCRIPTOR = CELLS * CELLS * BINS  # numbers of a SIFT descriptor


@dataclass(frozen=True)
class Mixture(Kept):
    """A mixture of K Gaussians without correlations: weights [K], means and variances [K, D].

    Sums of x and x^2 are float64: their differences are variances even where x is far from 0.
    """

    weights: np.ndarray
    means: np.ndarray
    variances: np.ndarray

    axes: ClassVar = {
        "weights": "float64 K",
        "means": "float64 K D",
        "variances": "float64 K D",
    }

    @classmethod
    def fit(
        cls, x: np.ndarray, count: int, rng: np.random.Generator, rounds: int = 30
    ) -> tuple[Self, list[float]]:
        """Return the mixture and the mean log-likelihood of x [N, D] before each round, rising.

        Expectation-maximisation (Dempster, Laird & Rubin 1977), started from k-means. Raises
        UserError as k_means, or where all rows are the same.
        """
        x = check_vectors(x)
        check_value("rounds", rounds, Whole(0, 100_000))
        floor = LEAST * float(x.var(0, dtype=np.float64).mean())
        if not floor > 0:
            raise UserError("all rows are the same; there is no mixture to learn.")
        centres = k_means(x, count, rng, rounds=5)
        hard = np.eye(count)[assign(x, centres)]
        mixture = cls._of(_statistics(x, hard), floor)
        history = []
        for _ in range(rounds):
            statistics, likelihood = mixture._expect(x)
            history.append(likelihood)
            mixture = cls._of(statistics, floor)
        return mixture, history

    @classmethod
    def _of(cls, statistics: np.ndarray, floor: float) -> Self:
        """Return the likeliest mixture for statistics [K, 1 + 2 D]; no variance is below floor."""
        D = statistics.shape[1] // 2
        mass = np.maximum(statistics[:, :1], 1e-6)
        means = statistics[:, 1 : D + 1] / mass
        variances = np.maximum(statistics[:, D + 1 :] / mass - means**2, floor)
        return cls(mass[:, 0] / mass.sum(), means, variances)

    def _expect(self, x: np.ndarray) -> tuple[np.ndarray, float]:
        total = np.zeros((len(self.weights), 1 + 2 * x.shape[1]))
        likelihood = 0.0
        for first in range(0, len(x), BLOCK):
            rows = x[first : first + BLOCK]
            shares, log_density = self.shares(rows)
            total += _statistics(rows, shares)
            likelihood += float(log_density.sum())
        return total, likelihood / len(x)

    def shares(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return each Gaussian's share in each row [N, K], and the rows' log densities [N].

        Raises UserError as check_vectors.
        """
        x = check_vectors(x, columns=self.means.shape[1])
        precision = 1 / self.variances
        constants = log(self.weights) - 0.5 * (
            log(2 * np.pi * self.variances) + self.means**2 * precision
        ).sum(1)
        factors = np.hstack([self.means * precision, -0.5 * precision])
        logits = np.empty((len(x), len(self.weights)))
        x = np.asarray(x, np.float64)
        gemm(np.hstack([x, x * x]), factors, logits, transpose=(False, True), bias=constants)
        shares = np.empty_like(logits)
        softmax(logits, shares)
        most = logits.max(1)
        best = np.maximum(shares.max(1), 1e-30)
        return shares, most - log(best)  # of the largest: p = e^logit / density


def _statistics(x: np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Return the sums of shares, shares x and shares x^2, [K, 1 + 2 D] float64."""
    x = np.asarray(x, np.float64)
    features = np.hstack([np.ones((len(x), 1)), x, x * x])
    return gemm(
        shares, features, np.empty((shares.shape[1], features.shape[1])), transpose=(True, False)
    )


def fisher_vectors(mixture: Mixture, sets: np.ndarray) -> np.ndarray:
    """Return the improved Fisher vectors [N, 2 K D] (float32) of sets of descriptors [N, M, D].

    The gradients of the mean log-likelihood by means and standard deviations, each by the root of
    its information (Perronnin, Sanchez & Mensink 2010, equations 1 to 4), then signed square roots,
    then length 1 (sections 3.1 and 3.2). Raises UserError as check_numbers and check_vectors.
    """
    check_value("mixture", mixture, Kind(Mixture, "a Mixture"))
    sets = check_numbers(sets, "N M D", "sets")
    N, M, D = sets.shape
    deviations = np.sqrt(mixture.variances)
    root = np.sqrt(mixture.weights)[:, None]
    out = np.empty((N, 2, len(mixture.weights), D), np.float32)
    for n in range(N):
        found = _statistics(sets[n], mixture.shares(sets[n])[0]) / M
        mass, first, second = found[:, :1], found[:, 1 : D + 1], found[:, D + 1 :]
        centred = first - mass * mixture.means
        squares = second - 2 * first * mixture.means + mass * mixture.means**2
        out[n, 0] = centred / deviations / root
        out[n, 1] = (squares / mixture.variances - mass) / (np.sqrt(2) * root)
    flat = out.reshape(N, -1)
    flat = np.sign(flat) * np.sqrt(np.abs(flat))
    return flat / np.maximum(np.sqrt(np.square(flat).sum(1, keepdims=True)), 1e-12)


@dataclass(frozen=True)
class FisherVectors(Kept):
    """The improved Fisher vectors of sets of descriptors, by a mixture."""

    mixture: Mixture

    def __call__(self, sets: np.ndarray) -> np.ndarray:
        return fisher_vectors(self.mixture, sets)


@dataclass(frozen=True)
class FisherTerm(DenseSIFT, RowTerm):
    """Fisher vectors of an image's dense SIFT descriptors.

    count: Gaussians of the mixture, learned from `samples` descriptors of the training images.
    """

    kind: str = "fisher"
    count: int = 16
    samples: int = 20_000

    settings: ClassVar = {
        "count": Whole(1, 1024),
        "samples": Whole(1024, 10_000_000),
    }

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        sift = DenseSIFT(self.side, self.step)
        rng = np.random.default_rng(seed)
        found = sift(samples).reshape(-1, DESCRIPTOR)
        some = found[np.sort(rng.permutation(len(found))[: self.samples])]
        mixture, _ = Mixture.fit(some, min(self.count, len(some)), rng)
        return Chain(sift, FisherVectors(mixture))
