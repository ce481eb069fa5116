"""Descriptors of square windows at every place of a grid: dense SIFT."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import angle
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.vision.hog import CLIP, F32, TURN, gradient, scale

CELLS, BINS = 4, 8
LEAST = F32(1e-12)


@kernel
def _directions(image, maps):
    """Share each pixel's gradient among the two nearest of 8 directions: maps [8, H, W]."""
    for i in range(image.shape[0]):
        for j in range(image.shape[1]):
            down, across = gradient(image, i, j)
            strength = F32(np.sqrt(down * down + across * across))
            turned = angle(down, across) / TURN
            place = F32(turned - np.floor(turned)) * F32(BINS)
            first = int(place)
            share = place - F32(first)
            maps[first % BINS, i, j] += (F32(1) - share) * strength
            maps[(first + 1) % BINS, i, j] += share * strength


@kernel
def _spread(maps, side, out):
    """Write to out[b, t, j] the sum over rows of map b, by a triangle about the cell that begins at
    row t; what lies outside of the image counts as 0."""
    B, H, W = maps.shape
    middle = F32(side - 1) * F32(0.5)
    for b in range(B):
        for t in range(H):
            for u in range(max(0, t - side), min(H, t + 2 * side)):
                weight = F32(1) - abs(F32(u - t) - middle) / F32(side)
                if weight > 0:
                    row, total = maps[b, u], out[b, t]
                    for j in range(W):
                        total[j] += weight * row[j]


@kernel
def _turn(maps):
    """Return maps [B, H, W] with rows for columns."""
    B, H, W = maps.shape
    out = np.empty((B, W, H), np.float32)
    for b in range(B):
        for i in range(H):
            for j in range(W):
                out[b, j, i] = maps[b, i, j]
    return out


@kernel
def _describe(image, side, step, out):
    H, W, _ = image.shape
    maps = np.zeros((BINS, H, W), np.float32)
    _directions(image, maps)
    tall = np.zeros((BINS, H, W), np.float32)
    _spread(maps, side, tall)
    both = np.zeros((BINS, W, H), np.float32)
    _spread(_turn(tall), side, both)
    columns = (W - CELLS * side) // step + 1
    for number in range(out.shape[0]):
        top, left = number // columns * step, number % columns * step
        row = out[number]
        for cell in range(CELLS * CELLS):
            y, x = top + cell // CELLS * side, left + cell % CELLS * side
            for b in range(BINS):
                row[cell * BINS + b] = both[b, x, y]
        scale(row, LEAST)
        for d in range(row.size):
            row[d] = min(row[d], CLIP)
        scale(row, LEAST)


@parallel_kernel
def dense_sift(images, side, step, out):
    """Describe images [N, H, W, C] by windows of 4 x 4 cells of `side` pixels, every `step` pixels.

    out [N, M, 128], M in reading order.
    """
    for n in prange(images.shape[0]):
        _describe(images[n], side, step, out[n])
