"""Where a convolution reads and writes: index tables, made once for each geometry.

A sample of the input lies in a scratch array of rows with their padding, [rows, columns, C] flat.
A *place* is where in the scratch the window of an output pixel begins; a *tap* is the distance from
there to one element of the window. The table of taps is the im2col that is never stored.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.core.tile import NARROW_ROWS

SCRATCH = 1 << 16  # elements of one task's padded input: 256 KiB of float32, half of a usual L2
PIXELS = 64  # a task takes several samples where one has fewer pixels than this


class Geometry(NamedTuple):
    """The shapes of one convolution; arrays are [N, H, W, C], weights [KH, KW, C, F]."""

    H: int
    W: int
    C: int
    KH: int
    KW: int
    F: int
    stride: int
    padding: int

    @property
    def output(self) -> tuple[int, int]:
        """Return the height and width of the output (Dumoulin & Visin 2016, relationship 6)."""
        return (
            (self.H + 2 * self.padding - self.KH) // self.stride + 1,
            (self.W + 2 * self.padding - self.KW) // self.stride + 1,
        )


def geometry(x_shape, weight_shape, stride, padding) -> Geometry:
    """Return the geometry of x [N, H, W, C] and weight [KH, KW, C, F]."""
    (_, H, W, C), (KH, KW, _, F) = x_shape, weight_shape
    return Geometry(H, W, C, KH, KW, F, stride, padding)


class Tables(NamedTuple):
    """Index tables (intp, flat) and the extents that go with them."""

    indices: tuple[np.ndarray, np.ndarray, np.ndarray]  # taps, places, rows
    extent: tuple[int, ...]


def padded(table) -> np.ndarray:
    """Return the table as intp with its last entry repeated: tiles read whole groups of rows."""
    table = np.asarray(table, np.intp).reshape(-1)
    return np.concatenate([table, np.repeat(table[-1:], NARROW_ROWS)])


@lru_cache(maxsize=256)
def forward_tables(g: Geometry, whole: bool = False) -> Tables:
    """Return taps in the order of the weights, places of a task's pixels, rows of its output.

    A task is `samples` whole samples, or a band of `band` output rows of one sample; one whole
    sample, however large, where `whole` is set.
    extent = (samples, band, scratch rows, scratch columns).
    """
    height, width = g.output
    columns = g.W + 2 * g.padding
    fitting = (SCRATCH // (columns * g.C) - g.KH) // g.stride + 1
    band = height if whole else min(height, max(1, fitting))
    scratch_rows = (band - 1) * g.stride + g.KH
    samples = 1
    if band == height and not whole:
        samples = max(1, min(PIXELS // (height * width), SCRATCH // (scratch_rows * columns * g.C)))
    ky, kx, c = np.ix_(range(g.KH), range(g.KW), range(g.C))
    taps = (ky * columns + kx) * g.C + c
    s, y, x = np.ix_(range(samples), range(band), range(width))
    places = (s * scratch_rows * columns + y * g.stride * columns + x * g.stride) * g.C
    rows = np.arange(samples * band * width) * g.F
    extent = (samples, band, scratch_rows, columns)
    return Tables((padded(taps), padded(places), padded(rows)), extent)


@lru_cache(maxsize=256)
def backward_tables(g: Geometry) -> tuple[tuple[int, ...], list[tuple[np.ndarray, Tables]]]:
    """Return the scratch extent of d_output and, phase by phase, where d_input comes from.

    Input pixels fall into stride^2 phases by (y + padding) mod stride: a phase sees only the taps
    ky = phase + stride t, through which d_output row m - t reaches input row stride m + phase -
    padding. So each phase is a dense correlation with its own taps; the scratch keeps the rows
    above and below d_output that are zero. Each phase is (its taps' numbers in the weights,
    Tables); a phase without taps (stride > kernel) has none.
    """
    height, width = g.output
    above, left = -(-g.KH // g.stride) - 1, -(-g.KW // g.stride) - 1
    last_y, last_x = (g.H - 1 + g.padding) // g.stride, (g.W - 1 + g.padding) // g.stride
    scratch_rows = above + max(last_y + 1, height)
    columns = left + max(last_x + 1, width)
    phases = []
    for phase_y in range(g.stride):
        for phase_x in range(g.stride):
            ys = np.arange((phase_y - g.padding) % g.stride, g.H, g.stride)
            xs = np.arange((phase_x - g.padding) % g.stride, g.W, g.stride)
            if not (ys.size and xs.size):
                continue
            kys, kxs = np.arange(phase_y, g.KH, g.stride), np.arange(phase_x, g.KW, g.stride)
            numbers = (kys[:, None] * g.KW + kxs).reshape(-1).astype(np.intp)
            t, u = kys // g.stride, kxs // g.stride
            taps = -(t[:, None, None] * columns + u[:, None]) * g.F + np.arange(g.F)
            m, n = (ys + g.padding) // g.stride + above, (xs + g.padding) // g.stride + left
            places = (m[:, None] * columns + n) * g.F
            rows = (ys[:, None] * g.W + xs) * g.C
            taps = padded(taps) if taps.size else np.zeros(0, np.intp)
            tables = Tables((taps, padded(places), padded(rows)), (ys.size * xs.size,))
            phases.append((numbers, tables))
    return (above, left, scratch_rows, columns), phases
