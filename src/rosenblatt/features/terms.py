"""Terms of a sum of kernels: what a kernel machine may compare samples by.

A term stands beside its feature and inherits its settings, so a new one is one file.
"""

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import is_frame
from rosenblatt.cache import cache_folder
from rosenblatt.errors import UserError
from rosenblatt.features.gram import ArcCosine, Gaussian, Kernel, Linear, Normalised
from rosenblatt.features.graphs.compact import Graphs
from rosenblatt.features.histograms import ChiSquare, Intersection, Laplacian
from rosenblatt.features.stored import Known, Stored
from rosenblatt.features.virtual import Variants
from rosenblatt.features.whitening import Centred, MeanSum
from rosenblatt.kept import Kept
from rosenblatt.kinds import Kinded
from rosenblatt.ranges import POSITIVE, WEIGHT, Choice, Range

BLOCK = 1000  # images that are described at a time
ALONE = Variants()
COMPARISONS: dict[str, tuple[Any, Callable[[float], Kernel]]] = {
    "gaussian": (Centred, Gaussian),
    "laplacian": (MeanSum, Laplacian),
    "chi_square": (MeanSum, ChiSquare),
    "intersection": (MeanSum, lambda gamma: Normalised(Intersection())),
    "arc_cosine": (Centred, lambda gamma: Normalised(ArcCosine())),
    "linear": (Centred, lambda gamma: Normalised(Linear())),
}

Describe = Callable[[np.ndarray], np.ndarray]


def form(samples: Any) -> str:
    """Return what samples are: a "table" (a DataFrame), "graphs", "sequences" [N, L] uint8,
    "images" of 4 axes, or "numbers"."""
    if is_frame(samples):
        return "table"
    if isinstance(samples, Graphs):
        return "graphs"
    if samples.dtype == np.uint8:
        return "sequences"
    return "images" if samples.ndim == 4 else "numbers"


@dataclass(frozen=True, eq=False)
class Comparison(Kept):
    """A term that has learned from training samples: a kernel of their descriptions, `rows`."""

    describe: Describe
    kernel: Kernel
    rows: np.ndarray

    def gram(self) -> np.ndarray:
        """Return the Gram matrix of the training samples, [n, n] float32."""
        return self.kernel(self.rows)

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        """Return the Gram matrix of samples with the training samples, [m, n] float32."""
        return self.kernel(self.describe(samples), self.rows)


@dataclass(frozen=True)
class Term(Kinded):
    """What all terms share. takes: the forms of samples that it can compare.

    Each term has k(x, x) = 1. weight: in the sum.
    """

    weight: float = 1.0

    packages = "rosenblatt.features", "rosenblatt.classic"
    usual = ""
    takes: ClassVar[tuple[str, ...]]
    settings: ClassVar[dict[str, Range]] = {"weight": WEIGHT}

    def suits(self, samples: np.ndarray) -> None:
        """Raise UserError where the term cannot describe samples of this form or size."""
        if form(samples) not in self.takes:
            raise UserError(
                f"the recipe's kernel {self.kind!r} is one of {' or '.join(self.takes)}, and does "
                "not suit these samples; choose another, or leave --recipe out."
            )

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        """Return the comparison with training samples, images as [N, H, W, C].

        known: samples among which are these and probably all that will be asked for. copies: the
        rows of the matrices are those of the images, then those of each of their copies. target:
        what is asked for, [N, T] float64, for terms of tables whose features see it; fold: as
        they take it.
        """
        raise NotImplementedError


@dataclass(frozen=True)
class KernelTerm(Term):
    """A kernel of samples as they are; a subclass inherits one, and its settings."""

    def __post_init__(self) -> None:
        super().__post_init__()
        self.alone()  # raises UserError where the settings make no kernel

    def alone(self) -> Kernel:
        """Return the kernel without the term's weight."""
        kernel: Any = next(c for c in type(self).__mro__ if not issubclass(c, Term))
        return kernel(**{f.name: getattr(self, f.name) for f in dataclasses.fields(kernel)})

    def kernel(self) -> Kernel:
        """Return the kernel, cosine-normalised."""
        return Normalised(self.alone())

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        return Comparison(as_it_is, self.kernel(), samples)


@dataclass(frozen=True)
class SequenceTerm(KernelTerm):
    """What the kernels of sequences share."""

    takes = ("sequences",)

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        """Return parts of the Gram matrix of all known sequences.

        That one is the same for all ways to split the rows, so it is computed once and kept.
        """
        kernel = Stored(self.kernel(), cache_folder() / "grams")
        every = np.unique(samples if known is None else known, axis=0)
        return Comparison(as_it_is, Known(kernel, every), samples)


@dataclass(frozen=True)
class RowTerm(Term):
    """What the descriptions of images and rows of numbers share.

    compare: "gaussian", exp(-gamma |x - y|^2), of descriptions that are centred and scaled to a
    mean square length of 1; "laplacian", exp(-gamma sum |x - y|), of those scaled to a mean sum of
    1; "chi_square" and "intersection" of histograms, so scaled; "arc_cosine" and "linear", the
    cosines of centred ones in the space of these kernels. gamma: of the first three.
    """

    gamma: float = 0.5
    compare: str = "gaussian"

    takes: ClassVar[tuple[str, ...]] = ("images",)
    settings: ClassVar[dict[str, Range]] = {
        "gamma": POSITIVE,
        "compare": Choice(tuple(COMPARISONS)),
    }

    def suits(self, samples: np.ndarray) -> None:
        super().suits(samples)
        if form(samples) == "images":
            self.check_size(*samples.shape[2:])

    def check_size(self, rows: int, columns: int) -> None:
        """Raise UserError where images of so many rows and columns are too small for the term."""

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        """Return what turns images [N, H, W, C], or rows [N, D], into descriptions [N, D'].

        It learns from such samples; a feature that learns nothing is what it returns.
        """
        assert callable(self)
        return self

    def learn(
        self,
        samples: np.ndarray,
        seed: int,
        known: np.ndarray | None = None,
        copies: Variants = ALONE,
        target: np.ndarray | None = None,
        fold: np.ndarray | None = None,
    ) -> Comparison:
        plain = _Blocks(self.describe(samples, seed), copies)
        return compared(self, plain, plain(samples))


def compared(term: RowTerm, plain: Describe, rows: np.ndarray) -> Comparison:
    """Return the comparison of descriptions as a term says; rows: those to train on, [N, D]."""
    scaling, kernel = COMPARISONS[term.compare]
    scaled = scaling.fit(rows)
    return Comparison(Chain(plain, scaled), kernel(term.gamma), scaled(rows))


@dataclass(frozen=True)
class _Blocks(Kept):
    """Descriptions [n, D] of samples, then those of the copies of images."""

    describe: Describe
    copies: Variants

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        kinds = [samples] if self.copies.count == 1 else self.copies(samples)
        return np.concatenate([
            np.asarray(self.describe(kind[first : first + BLOCK]), np.float32)
            for kind in kinds
            for first in range(0, len(kind), BLOCK)
        ])  # fmt: skip


@dataclass(frozen=True)
class Chain(Kept):
    """Two descriptions, the second of what the first gives."""

    first: Describe
    second: Describe

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        return self.second(self.first(samples))


@dataclass(frozen=True)
class Root(Kept):
    """The square roots of numbers."""

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        return np.sqrt(numbers)


@dataclass(frozen=True)
class AsItIs(Kept):
    """Samples that describe themselves."""

    def __call__(self, samples: np.ndarray) -> np.ndarray:
        return samples


as_it_is = AsItIs()
