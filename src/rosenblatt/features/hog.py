"""Histograms of oriented gradients (Dalal & Triggs 2005)."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.errors import UserError
from rosenblatt.features.terms import RowTerm
from rosenblatt.kept import Kept
from rosenblatt.kernels.vision.hog import hog
from rosenblatt.ranges import FLAG, Each, Range, Whole, check_settings


@dataclass(frozen=True)
class HOG(Kept):
    """Describe an image by the directions of its edges, cell by cell, at several cell sizes.

    Each pixel's gradient is shared among the two nearest of `bins` directions and the four nearest
    cells; each 2 x 2 square of cells is scaled to length 1, clipped at 0.2, scaled again (L2-Hys,
    section 6.4), and the descriptors of all sizes stand one after another. Brightness and contrast
    of the image do not matter.

    cells: sides of the cells in pixels. signed: directions over the whole turn; else light to dark
    is the same as dark to light, over half a turn. Raises UserError where a size or the number of
    bins is not positive, or fewer than 2 x 2 cells fit in the image.
    """

    cells: tuple[int, ...] = (4, 8)
    bins: int = 9
    signed: bool = False

    settings: ClassVar[dict[str, Range]] = {
        "cells": Each(Whole(1, 1024), 1, 16),
        "bins": Whole(1, 360),
        "signed": FLAG,
    }

    def __post_init__(self) -> None:
        check_settings(self)

    def check_size(self, rows: int, columns: int) -> None:
        """Raise UserError where images of so many rows and columns are too small."""
        side = max(self.cells)
        if min(rows, columns) < 2 * side:
            raise UserError(
                f"cells = {list(self.cells)}: 2 x 2 cells of {side} pixels do not fit in "
                f"{rows} x {columns}; take cells of {min(rows, columns) // 2} at most."
            )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the descriptors [N, D] (float32) of images [N, H, W, C]."""
        images = check_images(images)
        self.check_size(*images.shape[1:3])
        return np.concatenate([self._one_size(images, side) for side in self.cells], axis=1)

    def _one_size(self, images: np.ndarray, side: int) -> np.ndarray:
        N, H, W, _ = images.shape
        rows, columns = H // side, W // side
        out = np.empty((N, (rows - 1) * (columns - 1) * 4 * self.bins), np.float32)
        hog(images, (rows, columns, self.bins), self.signed, out)
        return out


@dataclass(frozen=True)
class HOGTerm(HOG, RowTerm):
    """Histograms of oriented gradients."""

    kind: str = "hog"
    signed: bool = True
