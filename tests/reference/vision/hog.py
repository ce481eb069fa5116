"""A slow twin of the histograms of oriented gradients, for one image of one channel."""

import numpy as np


def histograms(image, rows, columns, bins, signed):
    """Return the cells [rows, columns, bins]: each pixel spread by triangles in all three axes."""
    H, W = image.shape
    padded = np.pad(image.astype(np.float64), 1, mode="edge")
    down = padded[2:, 1:-1] - padded[:-2, 1:-1]
    right = padded[1:-1, 2:] - padded[1:-1, :-2]
    strength = np.hypot(down, right)
    around = 2 * np.pi if signed else np.pi
    direction = np.arctan2(down, right) % around / around * bins
    cells = np.zeros((rows, columns, bins))
    for i in range(rows):
        near_y = np.maximum(0, 1 - np.abs((np.arange(H) + 0.5) * rows / H - 0.5 - i))
        for j in range(columns):
            near_x = np.maximum(0, 1 - np.abs((np.arange(W) + 0.5) * columns / W - 0.5 - j))
            for b in range(bins):
                apart = np.abs(direction - b)
                near = np.maximum(0, 1 - np.minimum(apart, bins - apart))
                cells[i, j, b] = np.sum(np.outer(near_y, near_x) * near * strength)
    return cells


def normalised(cells):
    """Return the 2 x 2 squares by L2-Hys, faint ones left faint."""
    rows, columns, _ = cells.shape
    squares = [
        cells[i : i + 2, j : j + 2].ravel() for i in range(rows - 1) for j in range(columns - 1)
    ]
    least = 0.01 * np.mean([square @ square for square in squares])
    clipped = [np.minimum(0.2, square / np.sqrt(square @ square + least)) for square in squares]
    return np.concatenate([square / np.linalg.norm(square) for square in clipped])
