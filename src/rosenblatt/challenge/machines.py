"""Tables of a recipe for kernel machines: what is compared, and what learns from it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from rosenblatt.challenge.bounds import WEIGHT
from rosenblatt.classic import Standardisation
from rosenblatt.errors import UserError
from rosenblatt.features import strings
from rosenblatt.features.alignment import LocalAlignment, WeightedDegree
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.features.ckn import KernelNetwork, LayerShape, check_layers
from rosenblatt.features.gram import Kernel, Normalised
from rosenblatt.features.hidden_markov import STATES, FisherKernel, HiddenMarkov
from rosenblatt.features.hog import HOG
from rosenblatt.features.patches import PatchDictionary, check_grid
from rosenblatt.features.scattering import Scattering
from rosenblatt.ranges import (
    FLAG,
    FROM_ZERO,
    POSITIVE,
    Choice,
    Each,
    Range,
    Whole,
    check_settings,
)

Describe = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class SequenceTerm:
    """What the kernels of sequences share: kernel() of features.strings or features.alignment."""

    kind: str = ""
    weight: float = 1.0

    settings: ClassVar[dict[str, Range]] = {"weight": WEIGHT}

    def __post_init__(self) -> None:
        check_settings(self)
        self.kernel()  # raises UserError where the settings make none

    def kernel(self) -> Kernel:
        """Return the kernel, cosine-normalised."""
        raise NotImplementedError


@dataclass(frozen=True)
class SpectrumTerm(SequenceTerm):
    """Words of so many letters that are the same."""

    kind: str = "spectrum"
    letters: int = 6
    both_strands: bool = True

    settings: ClassVar = SequenceTerm.settings | strings.Spectrum.settings

    def kernel(self) -> Kernel:
        return Normalised(strings.Spectrum(self.letters, self.both_strands))


@dataclass(frozen=True)
class MismatchTerm(SequenceTerm):
    """Words that are the same but for so many mismatches."""

    kind: str = "mismatch"
    letters: int = 8
    mismatches: int = 1
    both_strands: bool = True

    settings: ClassVar = SequenceTerm.settings | strings.Mismatch.settings

    def kernel(self) -> Kernel:
        return Normalised(strings.Mismatch(self.letters, self.both_strands, self.mismatches))


@dataclass(frozen=True)
class GappedTerm(SequenceTerm):
    """Words of `solid` letters in a window of `letters`."""

    kind: str = "gapped"
    letters: int = 10
    solid: int = 6
    both_strands: bool = True

    settings: ClassVar = SequenceTerm.settings | strings.Gapped.settings

    def kernel(self) -> Kernel:
        return Normalised(strings.Gapped(self.letters, self.both_strands, self.solid))


@dataclass(frozen=True)
class WeightedDegreeTerm(SequenceTerm):
    """Words up to `degree` letters at the same places."""

    kind: str = "weighted_degree"
    degree: int = 8

    settings: ClassVar = SequenceTerm.settings | WeightedDegree.settings

    def kernel(self) -> Kernel:
        return Normalised(WeightedDegree(self.degree))


@dataclass(frozen=True)
class LocalAlignmentTerm(SequenceTerm):
    """All local alignments; beta: how much the better ones outweigh the others."""

    kind: str = "local_alignment"
    beta: float = 0.2

    settings: ClassVar = SequenceTerm.settings | {"beta": LocalAlignment.settings["beta"]}

    def kernel(self) -> Kernel:
        return LocalAlignment(self.beta)


@dataclass(frozen=True)
class HiddenMarkovTerm(SequenceTerm):
    """How sequences would have a hidden Markov model of the training sequences change.

    The Fisher kernel of features.hidden_markov, cosine-normalised. It is learned from the rows that
    the machine learns from, by learn().
    """

    kind: str = "hidden_markov"
    states: int = 6
    rounds: int = 30

    settings: ClassVar = SequenceTerm.settings | {"states": STATES, "rounds": Whole(0, 1000)}

    def __post_init__(self) -> None:
        check_settings(self)

    def learn(self, sequences: np.ndarray, seed: int) -> Kernel:
        """Return the kernel, learned from training sequences [N, L]."""
        rng = np.random.default_rng(seed)
        model, _ = HiddenMarkov.fit(sequences, self.states, rng, self.rounds)
        return Normalised(FisherKernel.fit(model, sequences))


@dataclass(frozen=True)
class RowTerm:
    """What the descriptions of images and rows of numbers share.

    Descriptions are centred and scaled to a mean square length of 1, then compared by
    exp(-gamma |x - y|^2). describe(samples, seed) learns from images [N, H, W, C], or from rows
    [N, D], and returns the function from such to descriptions [N, D'].
    """

    kind: str = ""
    weight: float = 1.0
    gamma: float = 0.5

    settings: ClassVar[dict[str, Range]] = {"weight": WEIGHT, "gamma": POSITIVE}

    def __post_init__(self) -> None:
        check_settings(self)

    def check_size(self, rows: int, columns: int) -> None:
        """Raise UserError where images of so many rows and columns are too small for the term."""

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        """Return what turns samples into descriptions."""
        raise NotImplementedError


@dataclass(frozen=True)
class NumbersTerm(RowTerm):
    """The numbers themselves: columns, or pixels. standardise: each column by its deviation."""

    kind: str = "numbers"
    standardise: bool = True

    settings: ClassVar = RowTerm.settings | {"standardise": FLAG}

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        if not self.standardise:
            return _flat
        scale = Standardisation().fit(_flat(samples))
        return lambda new: scale.transform(_flat(new))


@dataclass(frozen=True)
class HOGTerm(RowTerm):
    """Histograms of oriented gradients; see features.hog."""

    kind: str = "hog"
    cells: tuple[int, ...] = (4, 8)
    bins: int = 9
    signed: bool = True

    settings: ClassVar = RowTerm.settings | HOG.settings

    def check_size(self, rows: int, columns: int) -> None:
        HOG(self.cells, self.bins, self.signed).check_size(rows, columns)

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        return HOG(self.cells, self.bins, self.signed)


@dataclass(frozen=True)
class ScatteringTerm(RowTerm):
    """Two layers of scattering; see features.scattering."""

    kind: str = "scattering"
    scales: int = 3
    angles: int = 8

    settings: ClassVar = RowTerm.settings | Scattering.settings

    def check_size(self, rows: int, columns: int) -> None:
        Scattering(self.scales, self.angles).check_size(rows, columns)

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        return Scattering(self.scales, self.angles)


@dataclass(frozen=True)
class PatchesTerm(RowTerm):
    """A dictionary of learned patches, square roots of its codes; see features.patches."""

    kind: str = "patches"
    side: int = 6
    count: int = 1600
    grid: int = 2

    settings: ClassVar = RowTerm.settings | {
        "side": Whole(1, 64),
        "count": Whole(1, 50_000),
        "grid": Whole(1, 64),
    }

    def check_size(self, rows: int, columns: int) -> None:
        check_grid(self.side, self.grid, rows, columns)

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        rng = np.random.default_rng(seed)
        patches = PatchDictionary.fit(samples, rng, self.side, self.count, self.grid)
        return lambda new: np.sqrt(patches(new))


@dataclass(frozen=True)
class KernelNetworkTerm(RowTerm):
    """A convolutional kernel network; layers of (side, anchors, pooling); see features.ckn."""

    kind: str = "kernel_network"
    layers: tuple[tuple[int, int, int], ...] = ((3, 64, 2), (3, 256, 3))

    settings: ClassVar = RowTerm.settings | {"layers": Each(Each(Whole(1, 50_000), 3, 3), 1, 16)}

    def check_size(self, rows: int, columns: int) -> None:
        check_layers(self.shapes, (rows, columns))

    @property
    def shapes(self) -> list[LayerShape]:
        """Return the layers by their names."""
        return [LayerShape(*layer) for layer in self.layers]

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        return KernelNetwork.fit(samples, self.shapes, np.random.default_rng(seed))


Term = (
    SpectrumTerm
    | MismatchTerm
    | GappedTerm
    | WeightedDegreeTerm
    | LocalAlignmentTerm
    | HiddenMarkovTerm
    | NumbersTerm
    | HOGTerm
    | ScatteringTerm
    | PatchesTerm
    | KernelNetworkTerm
)
TERMS: dict[str, type] = {
    "spectrum": SpectrumTerm,
    "mismatch": MismatchTerm,
    "gapped": GappedTerm,
    "weighted_degree": WeightedDegreeTerm,
    "local_alignment": LocalAlignmentTerm,
    "hidden_markov": HiddenMarkovTerm,
    "numbers": NumbersTerm,
    "hog": HOGTerm,
    "scattering": ScatteringTerm,
    "patches": PatchesTerm,
    "kernel_network": KernelNetworkTerm,
}


@dataclass(frozen=True)
class KernelMachineMember:
    """A machine on a weighted sum of kernels, one for each set of the challenge.

    kernels: the terms of the sum. weights: as "given" in the terms, or learned from the training
    rows, by "alignment" with the labels or by "simple_mkl". gamma: 0 for the sum k itself, else
    exp(gamma (k - 1)), a Gaussian in its feature space, since each term has k(x, x) = 1.
    machine: "svm" or "ridge". costs: of the SVM; of several, the one with the fewest errors over
    folds of the training rows; ridge finds its penalty by leaving one out. flip: learn from
    mirrored images too, and score both.
    """

    kind: str = "kernel_machine"
    weight: float = 1.0
    machine: str = "svm"
    costs: tuple[float, ...] = (1.0,)
    weights: str = "given"
    gamma: float = 0.0
    flip: bool = False
    kernels: tuple[Term, ...] = ()

    settings: ClassVar = {
        "kind": Choice(("kernel_machine",)),
        "weight": WEIGHT,
        "machine": Choice(("svm", "ridge")),
        "costs": Each(POSITIVE, 1, 100),
        "weights": Choice(("given", "alignment", "simple_mkl")),
        "gamma": FROM_ZERO,
        "flip": FLAG,
    }
    epochs: ClassVar = 1  # it is learned in one go

    def __post_init__(self) -> None:
        check_settings(self)


@dataclass(frozen=True)
class VirtualSVMMember:
    """Virtual support vectors; see classic.virtual_svm.

    kernels: terms of images, whose descriptions stand side by side, each times the root of its
    weight; their own gammas are not used.
    """

    kind: str = "virtual_svm"
    weight: float = 1.0
    copies: int = 8
    views: int = 8
    gamma: float = 1.0
    cost: float = 10.0
    augmentation: Augmentation = field(default_factory=lambda: Augmentation(shift=1.5, rotation=12))
    kernels: tuple[Term, ...] = ()

    settings: ClassVar = {
        "kind": Choice(("virtual_svm",)),
        "weight": WEIGHT,
        "copies": Whole(0, 1000),
        "views": Whole(0, 1000),
        "gamma": POSITIVE,
        "cost": POSITIVE,
    }
    epochs: ClassVar = 1

    def __post_init__(self) -> None:
        check_settings(self)
        if any(isinstance(term, SequenceTerm) for term in self.kernels):
            raise UserError("a virtual_svm wants kernels of images, such as hog.")


def _flat(samples: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(samples.reshape(len(samples), -1), np.float32)
