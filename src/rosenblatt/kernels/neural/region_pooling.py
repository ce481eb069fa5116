"""Pooling of any region of a feature map to grids of fixed size.

x [N, H, W, C], regions [N, R, 4] as (top, left, bottom, right), fractions of the map's height and
width. A region is cut to the map, and sees one pixel at least. For each level, a number n, it is
divided in n x n cells, which may share a row or column of pixels; a cell gives the largest number
of each channel. out [N, R, cells, C], cells in the order of levels, rows, columns.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.copying import assign
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


@kernel
def _span(first, last, size):
    """Return the pixels [begin, end) of a map's side that lie in part between two fractions."""
    begin = np.int64(np.floor(min(max(first, 0.0), 1.0) * size))
    begin = min(begin, size - 1)
    end = np.int64(np.ceil(min(max(last, 0.0), 1.0) * size))
    return begin, max(end, begin + 1)


@kernel
def _cell(span, i, n):
    """Return the i-th of n parts of a span: from floor(i size / n) to ceil((i + 1) size / n)."""
    begin, end = span
    size = end - begin
    return begin + i * size // n, begin + ((i + 1) * size + n - 1) // n


@kernel
def _largest(x, rows, columns, best, place):
    """Write the largest number of each channel, and its pixel; the first of equal ones."""
    C, W = best.size, x.shape[1]
    assign(best, x[rows[0], columns[0]])
    place[:] = rows[0] * W + columns[0]
    for y in range(rows[0], rows[1]):
        for p in range(columns[0], columns[1]):
            values, here = x[y, p], np.int32(y * W + p)
            for c in range(C):
                larger = not values[c] <= best[c]  # so that NaN wins
                best[c] = values[c] if larger else best[c]
                place[c] = here if larger else place[c]


@kernel
def _pool_region(x, region, levels, out, places):
    H, W, _ = x.shape
    down = _span(region[0], region[2], H)
    across = _span(region[1], region[3], W)
    cell = 0
    for n in levels:
        for i in range(n):
            rows = _cell(down, i, n)
            for j in range(n):
                _largest(x, rows, _cell(across, j, n), out[cell], places[cell])
                cell += 1


@kernel
def _spread(d_out, places, d_x):
    """Add each number of d_out [M, C] to d_x [P, C] where it was found."""
    for m in range(d_out.shape[0]):
        d, place = d_out[m], places[m]
        for c in range(d.size):
            d_x[place[c], c] += d[c]


@parallel_kernel
def pool_regions(x, regions, levels, out, places):
    """Pool regions as the module says; places (int32, as out) tells the pixel of each maximum.

    levels [L] int64.
    """
    R = regions.shape[1]
    for task in prange(x.shape[0] * R):
        n, r = task // R, task % R
        _pool_region(x[n], regions[n, r], levels, out[n, r], places[n, r])


@parallel_kernel
def pool_regions_gradient(d_out, places, d_x):
    """Write to d_x [N, P, C] the sums of d_out [N, M, C] found at each pixel."""
    for n in prange(d_x.shape[0]):
        d_x[n] = 0
        _spread(d_out[n], places[n], d_x[n])
