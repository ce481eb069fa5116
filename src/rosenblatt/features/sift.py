"""Dense SIFT: Lowe's descriptor (2004) at every place of a grid instead of at key points."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.vision.sift import BINS, CELLS, dense_sift
from rosenblatt.ranges import Range, Whole, check_settings


@dataclass(frozen=True)
class DenseSIFT(Kept):
    """Describe windows of 4 x 4 cells, each by how strong its gradients are in 8 directions.

    Gradients are shared among neighbouring cells and directions; a descriptor is scaled to length
    1, clipped at 0.2 and scaled again. side: of a cell in pixels; step: between windows. Raises
    UserError where they are not positive, or a window is larger than the image.
    """

    side: int = 4
    step: int = 4

    settings: ClassVar[dict[str, Range]] = {"side": Whole(1, 1024), "step": Whole(1, 1024)}

    def __post_init__(self) -> None:
        check_settings(self)

    def check_size(self, rows: int, columns: int) -> None:
        """Raise UserError where no window fits in images of so many rows and columns."""
        if CELLS * self.side > min(rows, columns):
            raise UserError(
                f"side = {self.side}: windows of {CELLS * self.side} pixels do not fit in {rows} x "
                f"{columns}; take {min(rows, columns) // CELLS} at most, or larger images."
            )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the descriptors [N, M, 128] (float32) of images [N, H, W, C]."""
        images = check_images(images)
        N, H, W, _ = images.shape
        self.check_size(H, W)
        rows, columns = ((size - CELLS * self.side) // self.step + 1 for size in (H, W))
        out = np.empty((N, rows * columns, CELLS * CELLS * BINS), np.float32)
        dense_sift(images, self.side, self.step, out)
        return out
