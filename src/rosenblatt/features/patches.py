"""A dictionary of patches, learned by k-means from whitened patches (Coates & Ng 2011)."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.errors import UserError
from rosenblatt.features.gram import products, square_norms
from rosenblatt.features.kmeans import k_means
from rosenblatt.features.terms import Chain, Describe, Root, RowTerm
from rosenblatt.features.whitening import ZCA, normalise_contrast
from rosenblatt.kept import Kept
from rosenblatt.kernels.vision.patches import cut_patches, pool, triangle
from rosenblatt.ranges import GENERATOR, Whole, check_value

BATCH = 8  # images whose codes stand in memory at a time
FLAT = 0.04  # offset of the patches' variance, as a share of its mean over all patches
EPSILON = 0.1  # of the whitening, for patches of variance about 1


@dataclass(frozen=True)
class PatchDictionary(Kept):
    """Describe an image by how near its patches are to each of K learned ones.

    Patches are brought to a common contrast and whitened; each is encoded by max(0, mu - d_k), d_k
    its distances to the centres and mu their mean, so that about half of the code is 0; codes are
    added up over a grid of cells.

    side: of a patch in pixels. offset: added to the variance of each patch. centres [K, side side
    C]. grid: cells down and across.
    """

    side: int
    offset: float
    whitening: ZCA
    centres: np.ndarray
    grid: int

    axes: ClassVar = {"centres": "float32 K D"}

    @classmethod
    def fit(
        cls,
        images: np.ndarray,
        rng: np.random.Generator,
        side: int = 6,
        count: int = 400,
        grid: int = 2,
        samples: int = 100_000,
    ) -> Self:
        """Learn `count` patches from `samples` random ones of images [N, H, W, C].

        Raises UserError as random_patches and k_means, or where the grid has more cells than
        patches fit in.
        """
        images = check_images(images)
        check_grid(side, grid, *images.shape[1:3])
        patches = random_patches(images, side, samples, rng)
        offset = FLAT * float(patches.var(1).mean()) or 1.0
        patches = normalise_contrast(patches, offset)
        whitening = ZCA.fit(patches, EPSILON)
        centres = k_means(whitening(patches), count, rng)
        return cls(side, offset, whitening, centres, grid)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the descriptions [N, grid grid K] (float32) of images [N, H, W, C]."""
        images = check_images(images)
        N, H, W, C = images.shape
        if self.side**2 * C != len(self.whitening.mean):
            raise UserError(f"images of {C} channels, and not those learned from; give the same.")
        check_grid(self.side, self.grid, H, W)
        rows, columns = H - self.side + 1, W - self.side + 1
        cells = _cells(rows, columns, self.grid)
        K, width = len(self.centres), self.side**2 * C
        squares = square_norms(self.centres)
        out = np.empty((N, self.grid**2, K), np.float32)
        for first in range(0, N, BATCH):
            batch = images[first : first + BATCH]
            patches = np.empty((len(batch), rows * columns, width), np.float32)
            cut_patches(batch, self.side, patches)
            white = self.whitening(normalise_contrast(patches.reshape(-1, width), self.offset))
            codes = np.empty((len(white), K), np.float32)
            products(white, self.centres, codes)
            triangle(codes, white, self.centres, square_norms(white), squares)
            pool(codes.reshape(len(batch), -1, K), cells, out[first : first + BATCH])
        return out.reshape(N, -1)


@dataclass(frozen=True)
class PatchesTerm(RowTerm):
    """A dictionary of learned patches, square roots of its codes."""

    kind: str = "patches"
    side: int = 6
    count: int = 1600
    grid: int = 2

    settings: ClassVar = {
        "side": Whole(1, 64),
        "count": Whole(1, 50_000),
        "grid": Whole(1, 64),
    }

    def check_size(self, rows: int, columns: int) -> None:
        check_grid(self.side, self.grid, rows, columns)

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        rng = np.random.default_rng(seed)
        patches = PatchDictionary.fit(samples, rng, self.side, self.count, self.grid)
        return Chain(patches, Root())


def random_patches(
    images: np.ndarray, side: int, count: int, rng: np.random.Generator
) -> np.ndarray:
    """Return patches [count, side side C] (float32) of random images at random places.

    Raises UserError as check_images, or where a patch is larger than the images.
    """
    images = check_images(images)
    N, H, W, C = images.shape
    check_side(side, H, W)
    check_value("count", count, Whole(1, 100_000_000))
    check_value("rng", rng, GENERATOR)
    which = rng.integers(0, N, count)
    top, left = rng.integers(0, H - side + 1, count), rng.integers(0, W - side + 1, count)
    out = np.empty((count, side, side, C), np.float32)
    for i in range(side):
        for j in range(side):
            out[:, i, j] = images[which, top + i, left + j]
    return out.reshape(count, -1)


def check_side(side: int, rows: int, columns: int) -> None:
    """Raise UserError where a patch does not fit in images of so many rows and columns."""
    check_value("side", side, Whole(1, 1024))
    if side > min(rows, columns):
        raise UserError(
            f"patches of {side} pixels do not fit in {rows} x {columns}; "
            f"take {min(rows, columns)} at most."
        )


def check_grid(side: int, grid: int, rows: int, columns: int) -> None:
    """Raise UserError as check_side, or where there are more cells than patches a side."""
    check_side(side, rows, columns)
    check_value("grid", grid, Whole(1, min(rows, columns) - side + 1))


def _cells(rows: int, columns: int, grid: int) -> np.ndarray:
    """Return the cell of each patch, [rows columns] int64."""
    down, across = np.arange(rows) * grid // rows, np.arange(columns) * grid // columns
    return (down[:, None] * grid + across).ravel()
