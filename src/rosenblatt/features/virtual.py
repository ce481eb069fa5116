"""Virtual examples: the images shifted and mirrored, for machines that learn no invariance."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.kept import Kept
from rosenblatt.ranges import Each, Whole, check_value


@dataclass(frozen=True)
class Variants(Kept):
    """Images, then copies of them moved by `shift` pixels to four sides, then the mirrored ones."""

    flip: bool = False
    shift: int = 0

    @property
    def count(self) -> int:
        """Return how many there are of each image, itself among them."""
        return len(self._shifts) * (2 if self.flip else 1)

    @property
    def _shifts(self) -> tuple[tuple[int, int], ...]:
        s = self.shift
        return ((0, 0), (s, 0), (-s, 0), (0, s), (0, -s)) if s else ((0, 0),)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the images and their copies, [count, N, H, W, C]. Raises UserError as variants."""
        return variants(images, self._shifts, self.flip)


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return images [N, H, W, C] moved by whole pixels; the edge's pixels fill the gap.

    Raises UserError as check_images, or where a shift is as large as the image.
    """
    check_images(images)
    images = np.asarray(images)
    _, H, W, _ = images.shape
    check_value("down", down, Whole(1 - H, H - 1))
    check_value("right", right, Whole(1 - W, W - 1))
    rows = np.clip(np.arange(H) - down, 0, H - 1)
    columns = np.clip(np.arange(W) - right, 0, W - 1)
    return images[:, rows[:, None], columns]


def variants(
    images: np.ndarray, shifts: Sequence[tuple[int, int]] = ((0, 0),), flip: bool = False
) -> np.ndarray:
    """Return every image under every change, [V, N, H, W, C] (Burges & Schoelkopf 1997).

    V counts the shifts (down, right), and twice as many where mirror images are added. Flattened
    to [V N, ...] they go with np.tile(labels, V); the mean of the scores over V is a prediction
    that minds neither shift nor mirror. Raises UserError as shifted, or where there is no shift.
    """
    check_value("shifts", shifts, Each(Each(Whole(-100_000, 100_000), 2, 2), 1, 10_000))
    moved = np.stack([shifted(images, *shift) for shift in shifts])
    return np.concatenate([moved, moved[:, :, :, ::-1]]) if flip else moved
