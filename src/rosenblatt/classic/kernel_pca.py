"""Principal components in the feature space of a kernel."""

from typing import ClassVar, Self

import numpy as np

from rosenblatt.classic.dual import KernelExpansion
from rosenblatt.classic.eigen import largest
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.errors import UserError
from rosenblatt.features.centring import Centring
from rosenblatt.features.gram import Kernel
from rosenblatt.kernels.core.dot import dot
from rosenblatt.ranges import SEED, Whole

FAINT = 1e-5  # of the largest eigenvalue: components below it are rounding


class KernelPCA(KernelExpansion):
    """The directions of largest variance in a feature space (Schoelkopf, Smola & Mueller 1998).

    kernel, gamma, degree: as in KernelExpansion. components: how many, less where the samples span
    fewer. seed: of the search for them; the result depends on it in the last digits only.

    Learned: kernel_, support_ (all samples), dual_coef_ [K, N], intercept_ [K], and eigenvalues_
    [K], of the centred Gram matrix: N times the variances along the components, falling.
    """

    settings: ClassVar = KERNEL_SETTINGS | {"components": Whole(1, 1_000_000), "seed": SEED}

    def __init__(
        self,
        kernel: str | Kernel = "gaussian",
        gamma: float | None = None,
        degree: int = 3,
        components: int = 100,
        seed: int = 0,
    ) -> None:
        self.kernel = kernel
        self.gamma = gamma
        self.degree = degree
        self.components = components
        self.seed = seed

    def fit(self, x: np.ndarray, y: np.ndarray | None = None) -> Self:
        """Learn from samples x [N, D]; y is not used.

        Raises UserError as check_vectors, or where all samples are the same in the feature space.
        """
        x = self._check(x)
        self._choose_kernel(x)
        gram = x if self.kernel_ is None else self.kernel_(x)
        centring = Centring.fit(gram)
        rng = np.random.default_rng(self.seed)
        values, vectors = largest(centring(gram), min(self.components, len(x)), rng)
        kept = values > max(FAINT * values[0], 0)
        if not kept.any():
            raise UserError("all samples are the same to the kernel; there are no components.")
        self.eigenvalues_, vectors = values[kept], vectors[:, kept]
        signs = np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])
        dual = np.ascontiguousarray((vectors * signs / np.sqrt(self.eigenvalues_)).T)
        shift = np.array([-dot(row, centring.mean) for row in dual], np.float32)
        # The coefficients of a component add up to 0, so that centring takes off a constant.
        self._keep_support(x, dual, shift)
        return self

    def transform(self, x: np.ndarray) -> np.ndarray:
        """Return the components [M, K] (float32) of rows x [M, D], seen before or not."""
        return self._sums(x)
