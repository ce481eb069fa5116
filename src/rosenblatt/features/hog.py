"""Histograms of oriented gradients (Dalal & Triggs 2005)."""

from dataclasses import dataclass

import numpy as np

from rosenblatt.kernels.hog import hog


@dataclass(frozen=True)
class HOG:
    """Describe an image by the directions of its edges, cell by cell, at several cell sizes.

    Each pixel's gradient is shared among the two nearest of `bins` directions and the four nearest
    cells; each 2 x 2 square of cells is scaled to length 1, clipped at 0.2, scaled again (L2-Hys,
    section 6.4), and the descriptors of all sizes stand one after another. Brightness and contrast
    of the image do not matter.

    cells: sides of the cells in pixels. signed: directions over the whole turn; else light to dark
    is the same as dark to light, over half a turn. Raises ValueError where a size or the number of
    bins is not positive, or fewer than 2 x 2 cells fit in the image.
    """

    cells: tuple[int, ...] = (4, 8)
    bins: int = 9
    signed: bool = False

    def __post_init__(self) -> None:
        if not self.cells or min(self.cells) < 1 or self.bins < 1:
            raise ValueError(f"{self}: cells and bins must be 1 at least")

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the descriptors [N, D] (float32) of images [N, H, W, C]."""
        images = np.ascontiguousarray(images, np.float32)
        return np.concatenate([self._one_size(images, side) for side in self.cells], axis=1)

    def _one_size(self, images: np.ndarray, side: int) -> np.ndarray:
        N, H, W, _ = images.shape
        rows, columns = H // side, W // side
        if rows < 2 or columns < 2:
            raise ValueError(f"2 x 2 cells of {side} pixels do not fit in {H} x {W}")
        out = np.empty((N, (rows - 1) * (columns - 1) * 4 * self.bins), np.float32)
        hog(images, (rows, columns, self.bins), self.signed, out)
        return out
