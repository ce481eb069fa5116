"""Finite feature spaces in place of a kernel's own: linear machines do, on any number of rows.

phi(x) phi(y) comes near k(x, y), the nearer the more components.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.errors import UserError
from rosenblatt.features.gram import KERNEL, Gaussian, Kernel, products
from rosenblatt.kernels.core.elementary import FARTHEST
from rosenblatt.kernels.core.fourier import waves
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.random import fill_normal
from rosenblatt.kernels.core.symmetric import eigenvectors
from rosenblatt.ranges import GENERATOR, SEED, Kind, Whole, check_value

FAINT = 1e-6  # of the largest eigenvalue: directions below it are rounding


@dataclass(frozen=True)
class Nystrom:
    """phi(x) = K(Z, Z)^(-1/2) k(Z, x), exact on the span of the landmarks Z.

    Williams & Seeger 2001. landmarks [M, D]; roots [M, M'] float32, where M' is M less what the
    landmarks do not span.
    """

    kernel: Kernel
    landmarks: np.ndarray
    roots: np.ndarray

    @classmethod
    def fit(cls, kernel: Kernel, x: np.ndarray, components: int, rng: np.random.Generator) -> Self:
        """Take `components` rows of x [N, D] at random as landmarks. Raises UserError if too many.

        Any others, such as k-means centres, may be given by x itself and components = N.
        """
        check_value("kernel", kernel, KERNEL)
        check_value("rng", rng, GENERATOR)
        x = check_vectors(x)
        check_value("components", components, Whole(1, len(x)))
        landmarks = x[np.sort(rng.permutation(len(x))[:components])]
        values, vectors = eigenvectors(kernel(landmarks))
        kept = values > FAINT * values[-1]
        roots = vectors[:, kept] / np.sqrt(values[kept])
        return cls(kernel, landmarks, np.ascontiguousarray(roots, np.float32))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the features [N, M'] (float32) of x [N, D]. Raises UserError as check_vectors."""
        x = check_vectors(x, columns=self.landmarks.shape[1])
        gram = self.kernel(x, self.landmarks)
        return gemm(gram, self.roots, np.empty((len(x), self.roots.shape[1]), np.float32))


@dataclass(frozen=True)
class RandomFourier:
    """cos(w x) and sin(w x) for random w, for the Gaussian kernel (Rahimi & Recht 2007, theorem 1).

    directions [K, D], normal with variance 2 gamma; there are 2 K features. Phases are float64: of
    rows far from the origin they are many turns, and what is left over counts.
    """

    directions: np.ndarray

    @classmethod
    def make(cls, kernel: Gaussian, columns: int, components: int, seed: int) -> Self:
        """Draw the directions; components must be even. Raises UserError where it is not."""
        check_value("kernel", kernel, Kind(Gaussian, "a Gaussian"))
        check_value("columns", columns, Whole(1, 10_000_000))
        check_value("components", components, Whole(2, 10_000_000))
        check_value("seed", seed, SEED)
        if components % 2:
            raise UserError(f"components = {components}: half are cosines, so it must be even.")
        normal = np.empty(components // 2 * columns)
        fill_normal(np.uint64(seed), (0, 0, 0), normal)
        directions = np.sqrt(2 * kernel.gamma) * normal.reshape(-1, columns)
        return cls(directions)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the features [N, 2 K] (float32) of x [N, D]. Raises UserError as check_vectors."""
        x = check_vectors(x, columns=self.directions.shape[1])
        phases = np.empty((len(x), len(self.directions)))
        products(np.ascontiguousarray(x, np.float64), self.directions, phases)
        if np.abs(phases).max() > FARTHEST:
            raise UserError(
                f"the kernel's waves turn by {np.abs(phases).max():.2g} radians over these "
                "samples, which says nothing any more; lower gamma, or scale the columns."
            )
        out = np.empty((len(x), 2 * phases.shape[1]), np.float32)
        waves(phases, 1 / np.sqrt(phases.shape[1]), out)
        return out
