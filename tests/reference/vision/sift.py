"""Dense SIFT by its definition: triangles in place and direction about each cell and bin."""

import numpy as np


def window(image, side, top, left):
    """Return the descriptor of one window of an image [H, W]."""
    H, W = image.shape
    padded = np.pad(image.astype(np.float64), 1, mode="edge")
    down, right = padded[2:, 1:-1] - padded[:-2, 1:-1], padded[1:-1, 2:] - padded[1:-1, :-2]
    direction = np.arctan2(down, right) % (2 * np.pi) / (2 * np.pi) * 8
    out = np.zeros((4, 4, 8))
    for i in range(4):
        for j in range(4):
            middle = top + side * i + (side - 1) / 2, left + side * j + (side - 1) / 2
            near_y = np.maximum(0, 1 - np.abs(np.arange(H) - middle[0]) / side)
            near_x = np.maximum(0, 1 - np.abs(np.arange(W) - middle[1]) / side)
            for b in range(8):
                apart = np.abs(direction - b)
                near = np.maximum(0, 1 - np.minimum(apart, 8 - apart))
                out[i, j, b] = np.sum(np.outer(near_y, near_x) * near * np.hypot(down, right))
    clipped = np.minimum(0.2, out.ravel() / np.linalg.norm(out))
    return clipped / np.linalg.norm(clipped)
