"""Maxima over the cells of a region, cell by cell."""

import math

import numpy as np


def span(first, last, size):
    begin = min(math.floor(min(max(first, 0), 1) * size), size - 1)
    return begin, max(math.ceil(min(max(last, 0), 1) * size), begin + 1)


def pool_region(x, region, levels):
    """Return the largest numbers of a map x [H, W, C] in each cell of a region, cells first."""
    top, left, bottom, right = region
    (y0, y1), (x0, x1) = span(top, bottom, x.shape[0]), span(left, right, x.shape[1])
    cells = []
    for n in levels:
        for i in range(n):
            for j in range(n):
                above = y0 + math.floor(i * (y1 - y0) / n)
                below = y0 + math.ceil((i + 1) * (y1 - y0) / n)
                before = x0 + math.floor(j * (x1 - x0) / n)
                behind = x0 + math.ceil((j + 1) * (x1 - x0) / n)
                cells.append(x[above:below, before:behind].max((0, 1)))
    return np.array(cells)
