"""Histograms of oriented gradients: every image of a batch by itself."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import angle
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

F32 = np.float32
TURN = 6.283185307179586
CLIP = F32(0.2)  # Lowe's: no single gradient may dominate a block
FAINT = F32(0.1)  # a block this much fainter than the image's mean is not blown up to full contrast


@kernel
def gradient(image, i, j):
    """Return (down, right) of the channel that changes most at a pixel, by centred differences."""
    H, W, C = image.shape
    above, below = max(i - 1, 0), min(i + 1, H - 1)
    left, right = max(j - 1, 0), min(j + 1, W - 1)
    best, down, across = F32(-1), F32(0), F32(0)
    for k in range(C):
        y = image[below, j, k] - image[above, j, k]
        x = image[i, right, k] - image[i, left, k]
        square = y * y + x * x
        if square > best:
            best, down, across = square, y, x
    return down, across


@kernel
def _add(cells, i, j, bin_number, weight):
    if 0 <= i < cells.shape[0] and 0 <= j < cells.shape[1]:
        cells[i, j, bin_number] += weight


@kernel
def _histograms(image, cells, signed):
    """Share each pixel's gradient among the two nearest bins and the four nearest cells."""
    H, W, _ = image.shape
    rows, columns, bins = cells.shape
    for i in range(H):
        for j in range(W):
            down, across = gradient(image, i, j)
            strength = F32(np.sqrt(down * down + across * across))
            turned = angle(down, across) / TURN
            turned = turned if signed else 2.0 * turned
            place = F32(turned - np.floor(turned)) * F32(bins)
            first = int(place)
            share = place - F32(first)
            first = first % bins
            y = (F32(i) + F32(0.5)) * F32(rows) / F32(H) + F32(0.5)
            x = (F32(j) + F32(0.5)) * F32(columns) / F32(W) + F32(0.5)
            top, left = int(y), int(x)
            v, u = y - F32(top), x - F32(left)
            for b, part in ((first, F32(1) - share), ((first + 1) % bins, share)):
                weight = part * strength
                _add(cells, top - 1, left - 1, b, weight * (F32(1) - v) * (F32(1) - u))
                _add(cells, top - 1, left, b, weight * (F32(1) - v) * u)
                _add(cells, top, left - 1, b, weight * v * (F32(1) - u))
                _add(cells, top, left, b, weight * v * u)


@kernel
def scale(block, least):
    """Divide a flat block by its length, or rather by sqrt(length^2 + least)."""
    square = least
    for d in range(block.size):
        square += block[d] * block[d]
    factor = F32(1) / F32(np.sqrt(square)) if square > 0 else F32(0)
    for d in range(block.size):
        block[d] *= factor


@kernel
def _normalise(cells, out):
    """Write every 2 x 2 square of cells, clipped and of length 1 (L2-Hys), one after another."""
    rows, columns, bins = cells.shape
    size = 4 * bins
    energy, count = F32(0), (rows - 1) * (columns - 1)
    for i in range(rows - 1):
        for j in range(columns - 1):
            at = (i * (columns - 1) + j) * size
            for part in range(4):
                for b in range(bins):
                    value = cells[i + part // 2, j + part % 2, b]
                    out[at + part * bins + b] = value
                    energy += value * value
    least = FAINT * FAINT * energy / F32(count)
    for number in range(count):
        block = out[number * size : (number + 1) * size]
        scale(block, least)
        for d in range(size):
            block[d] = min(block[d], CLIP)
        scale(block, F32(1e-12))


@kernel
def _describe(image, shape, signed, out):
    cells = np.zeros(shape, np.float32)
    _histograms(image, cells, signed)
    _normalise(cells, out)


@parallel_kernel
def hog(images, shape, signed, out):
    """Describe images [N, H, W, C] by shape = (rows, columns, bins) cells, two rows at least.

    out [N, (rows - 1) (columns - 1) 4 bins]; all float32.
    """
    for n in prange(images.shape[0]):
        _describe(images[n], shape, signed, out[n])
