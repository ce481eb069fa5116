"""Virtual examples: the images shifted and mirrored, for machines that learn no invariance."""

from collections.abc import Sequence

import numpy as np


def shifted(images: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return images [N, H, W, C] moved by whole pixels; the edge's pixels fill the gap.

    Raises ValueError where a shift is as large as the image.
    """
    _, H, W, _ = images.shape
    if abs(down) >= H or abs(right) >= W:
        raise ValueError(f"a shift by {(down, right)} leaves nothing of {H} x {W} pixels")
    rows = np.clip(np.arange(H) - down, 0, H - 1)
    columns = np.clip(np.arange(W) - right, 0, W - 1)
    return images[:, rows[:, None], columns]


def variants(
    images: np.ndarray, shifts: Sequence[tuple[int, int]] = ((0, 0),), flip: bool = False
) -> np.ndarray:
    """Return every image under every change, [V, N, H, W, C] (Burges & Schoelkopf 1997).

    V counts the shifts (down, right), and twice as many where mirror images are added. Flattened
    to [V N, ...] they go with np.tile(labels, V); the mean of the scores over V is a prediction
    that minds neither shift nor mirror.
    """
    moved = np.stack([shifted(images, *shift) for shift in shifts])
    return np.concatenate([moved, moved[:, :, :, ::-1]]) if flip else moved
