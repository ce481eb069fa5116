"""The first layers of the Mark I Perceptron: a retina of photocells, and units wired at random."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rosenblatt.arrays import check_images, check_vectors
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.vision.patches import averages
from rosenblatt.ranges import GENERATOR, Real, Whole, check_value

SIDE = 20  # of the Mark I's retina: 400 photocells


def on_retina(images: np.ndarray, side: int = SIDE) -> np.ndarray:
    """Return images [N, H, W, C] as a retina of side x side cells sees them, [N, side side].

    A cell gets the mean over its share of the picture and over channels, float32. Raises UserError
    as check_images, or for a side that is not from 1 to 1,024.
    """
    check_value("side", side, Whole(1, 1024))
    grey = check_images(images).mean(3)
    down, across = (_shares(side, size) for size in grey.shape[1:])
    seen = np.empty((len(grey), side, side, 1), np.float32)
    averages(np.ascontiguousarray(grey[..., None]), down, across, seen)
    return seen.reshape(len(seen), -1)


def _shares(cells: int, size: int) -> np.ndarray:
    """Return the share [cells, size] that each of `size` pixels has in each cell's mean."""
    edges = np.arange(cells + 1) * size / cells
    low = np.maximum(edges[:-1, None], np.arange(size))
    high = np.minimum(edges[1:, None], np.arange(size) + 1)
    return (np.maximum(high - low, 0) * cells / size).astype(np.float32)


@dataclass(frozen=True)
class AssociationLayer:
    """Association units: each adds up some cells, takes off others, and fires above a threshold.

    Which cells a unit sees is random, and never learned (Rosenblatt 1958, figure 1); a perceptron
    on the units learns to respond. wiring [S, A]: +1 for a cell that excites a unit, -1 for one
    that inhibits it, 0 for the others; threshold: in units of a fully lit cell.
    """

    wiring: np.ndarray
    threshold: float

    @classmethod
    def make(
        cls,
        cells: int,
        units: int,
        rng: np.random.Generator,
        excitatory: int = 10,
        inhibitory: int = 10,
        threshold: float = 1.0,
    ) -> Self:
        """Wire each unit to distinct random cells. Raises UserError where there are too few."""
        check_value("cells", cells, Whole(1, 1_000_000))
        check_value("units", units, Whole(1, 1_000_000))
        check_value("rng", rng, GENERATOR)
        for name, count in (("excitatory", excitatory), ("inhibitory", inhibitory)):
            check_value(name, count, Whole(0, cells))
        check_value("threshold", threshold, Real(-1e30, 1e30))
        if not 1 <= excitatory + inhibitory <= cells:
            raise UserError(f"cannot wire {excitatory} + {inhibitory} of {cells} cells to a unit.")
        wiring = np.zeros((cells, units), np.float32)
        for unit in range(units):
            chosen = rng.permutation(cells)[: excitatory + inhibitory]
            wiring[chosen[:excitatory], unit] = 1
            wiring[chosen[excitatory:], unit] = -1
        return cls(wiring, threshold)

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return which units fire, [N, A] float32 of 0 and 1, for light x [N, S] from 0 to 1.

        Raises UserError as check_vectors.
        """
        x = check_vectors(x, "light", len(self.wiring))
        sums = np.empty((len(x), self.wiring.shape[1]), np.float32)
        gemm(x, self.wiring, sums)
        return (sums >= self.threshold).astype(np.float32)
