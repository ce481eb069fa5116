"""Finite feature spaces in place of a kernel's own: linear machines do, on any number of rows.

phi(x) phi(y) comes near k(x, y), the nearer the more components.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.base import Transformer
from rosenblatt.classic.dual import KernelExpansion, choose_kernel
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.standardisation import MappedTerm
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian, products
from rosenblatt.kernels.core.elementary import FARTHEST
from rosenblatt.kernels.core.fourier import waves
from rosenblatt.kernels.core.random import fill_normal
from rosenblatt.kernels.core.symmetric import eigenvectors
from rosenblatt.ranges import SEED, Whole

FAINT = 1e-6  # of the largest eigenvalue: directions below it are rounding
COMPONENTS = Whole(1, 10_000_000)


@dataclass(eq=False)
class Nystrom(KernelExpansion, Transformer):
    """phi(x) = K(Z, Z)^(-1/2) k(Z, x), exact on the span of the landmarks Z.

    Williams & Seeger 2001. kernel, gamma, degree: as in KernelExpansion. components: how many rows
    are landmarks, all where there are fewer. seed: of the draw.

    Learned: as KernelExpansion; the landmarks are its support, and dual_coef_ [K, S] has a row for
    each feature, fewer than landmarks where these do not span so many.
    """

    components: int = 100
    seed: int = 0

    settings: ClassVar = KERNEL_SETTINGS | {"components": COMPONENTS, "seed": SEED}

    def _fit(self, x: np.ndarray) -> None:
        self._choose_kernel(x)
        drawn = np.random.default_rng(self.seed).permutation(len(x))[: self.components]
        marks = np.sort(drawn)
        rows = x[marks]
        gram = np.ascontiguousarray(rows[:, marks]) if self.kernel_ is None else self.kernel_(rows)
        values, vectors = eigenvectors(gram)
        kept = values > max(FAINT * values[-1], 0)
        if not kept.any():
            raise UserError("all landmarks are 0 to the kernel: there are no features.")
        self._keep_rows(x, marks, (vectors[:, kept] / np.sqrt(values[kept])).T)

    def transform(self, X: Any) -> np.ndarray:
        """Return the features [M, K] (float32) of rows X [M, D].

        Raises UserError before fit, for other columns, or as check_vectors.
        """
        return self._sums(self._asked(X), self.intercept_)


@dataclass(eq=False)
class RandomFourier(Transformer):
    """cos(w x) and sin(w x) for random w, for the Gaussian kernel (Rahimi & Recht 2007, theorem 1).

    gamma: of the kernel, None for 1 / (D variance). components: half are cosines, so it must be
    even. seed: of the directions. Phases are float64: of rows far from the origin they are many
    turns, and what is left over counts.

    Learned: directions_ [components / 2, D] float64, normal with variance 2 gamma.
    """

    gamma: float | None = None
    components: int = 100
    seed: int = 0

    settings: ClassVar = {
        "gamma": KERNEL_SETTINGS["gamma"],
        "components": Whole(2, COMPONENTS.high),
        "seed": SEED,
    }
    axes: ClassVar = {"directions_": "float64 K D"}

    def _checked(self, x: np.ndarray) -> np.ndarray:
        if self.components % 2:
            raise UserError(f"components = {self.components}: half are cosines; it must be even.")
        return super()._checked(x)

    def _fit(self, x: np.ndarray) -> None:
        kernel = choose_kernel("gaussian", self.gamma, 1, x)
        assert isinstance(kernel, Gaussian)
        normal = np.empty(self.components // 2 * x.shape[1])
        fill_normal(np.uint64(self.seed), 0, 0, 0, normal)
        self.directions_ = np.sqrt(2 * kernel.gamma) * normal.reshape(-1, x.shape[1])

    def transform(self, X: Any) -> np.ndarray:
        """Return the features [M, components] (float32) of rows X [M, D].

        Raises UserError before fit, for other columns, as check_vectors, or where the kernel is so
        narrow that phases have no digits left.
        """
        x = self._asked(X)
        phases = np.empty((len(x), len(self.directions_)))
        products(x.astype(np.float64), self.directions_, phases)
        if np.abs(phases).max() > FARTHEST:
            raise UserError(
                f"the kernel's waves turn by {np.abs(phases).max():.2g} radians over these "
                "samples, which says nothing any more; lower gamma, or scale the columns."
            )
        out = np.empty((len(x), 2 * phases.shape[1]), np.float32)
        waves(phases, 1 / np.sqrt(phases.shape[1]), out)
        return out


@dataclass(frozen=True)
class NystromTerm(MappedTerm):
    """Nystrom's features of a Gaussian kernel, from landmarks among the training rows."""

    kind: str = "nystrom"

    def map(self, seed: int) -> Transformer:
        return Nystrom("gaussian", self.width, components=self.components, seed=seed)


@dataclass(frozen=True)
class RandomFourierTerm(MappedTerm):
    """Random waves whose products come near a Gaussian kernel."""

    kind: str = "random_fourier"

    def map(self, seed: int) -> Transformer:
        return RandomFourier(self.width, 2 * self.components, seed)
