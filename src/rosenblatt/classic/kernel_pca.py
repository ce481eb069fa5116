"""Principal components in the feature space of a kernel."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.classic.base import Transformer
from rosenblatt.classic.dual import KernelExpansion
from rosenblatt.classic.eigen import largest
from rosenblatt.classic.inputs import KERNEL_SETTINGS
from rosenblatt.classic.standardisation import MappedTerm
from rosenblatt.errors import UserError
from rosenblatt.features.centring import Centring
from rosenblatt.kernels.core.dot import dot
from rosenblatt.ranges import SEED, Whole

FAINT = 1e-5  # of the largest eigenvalue: components below it are rounding


@dataclass(eq=False)
class KernelPCA(KernelExpansion, Transformer):
    """The directions of largest variance in a feature space (Schoelkopf, Smola & Mueller 1998).

    kernel, gamma, degree: as in KernelExpansion. components: how many, less where the samples span
    fewer. seed: of the search for them; the result depends on it in the last digits only. fit
    raises UserError where all samples are the same to the kernel.

    Learned: kernel_, support_ (all samples), dual_coef_ [K, N], intercept_ [K], and eigenvalues_
    [K], of the centred Gram matrix: N times the variances along the components, falling.
    """

    components: int = 100
    seed: int = 0

    settings: ClassVar = KERNEL_SETTINGS | {"components": Whole(1, 1_000_000), "seed": SEED}

    def _fit(self, x: np.ndarray) -> None:
        gram = self._training_gram(x)
        centring = Centring.fit(gram)
        rng = np.random.default_rng(self.seed)
        values, vectors = largest(centring(gram), min(self.components, len(x)), rng)
        kept = values > max(FAINT * values[0], 0)
        if not kept.any():
            raise UserError(
                "all samples are the same to the kernel, or there is one sample: no components."
            )
        self.eigenvalues_, vectors = values[kept], vectors[:, kept]
        signs = np.sign(vectors[np.abs(vectors).argmax(0), np.arange(vectors.shape[1])])
        dual = np.ascontiguousarray((vectors * signs / np.sqrt(self.eigenvalues_)).T)
        shift = np.array([-dot(row, centring.mean) for row in dual], np.float32)
        # The coefficients of a component add up to 0, so that centring takes off a constant.
        self._keep_support(x, dual, shift)

    def transform(self, X: Any) -> np.ndarray:
        """Return the components [M, K] (float32) of rows X [M, D], seen before or not.

        Raises UserError before fit, for other columns, or as check_vectors.
        """
        return self._sums(self._asked(X), self.intercept_)


@dataclass(frozen=True)
class KernelPCATerm(MappedTerm):
    """Principal components in the feature space of a Gaussian kernel."""

    kind: str = "kernel_pca"

    def map(self, seed: int) -> Transformer:
        return KernelPCA("gaussian", self.width, components=self.components, seed=seed)
