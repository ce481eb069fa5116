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


class Frame(NamedTuple):
    """What a task sees of a padded input: the scratch's rows and columns of pixels, and how many
    of them lie above and left of the image."""

    rows: int
    columns: int
    above: int
    left: int


class Weights(NamedTuple):
    """What a sample meets: weights, flat, as the method packs them; bias; floor of the output."""

    packed: np.ndarray
    bias: np.ndarray
    floor: np.floating


class Tables(NamedTuple):
    """Index tables (intp, flat), each with NARROW_ROWS entries more: taps, places, and where the
    rows of the output begin."""

    taps: np.ndarray
    places: np.ndarray
    rows: np.ndarray


class Share(NamedTuple):
    """A task of the forward pass: `samples` whole samples, or a band of `band` output rows of one;
    and the rows, columns and padding of what it sees of a sample."""

    samples: int
    band: int
    stride: int
    rows: int
    columns: int
    padding: int

    @property
    def frame(self) -> Frame:
        return Frame(self.rows, self.columns, self.padding, self.padding)


def padded(table) -> np.ndarray:
    """Return the table as intp with its last entry repeated: tiles read whole groups of rows."""
    table = np.asarray(table, np.intp).reshape(-1)
    last = table[-1] if table.size else 0
    return np.append(table, np.full(NARROW_ROWS, last))


@lru_cache(maxsize=256)
def forward_tables(g: Geometry, whole: bool = False) -> tuple[Tables, Share]:
    """Return taps in the order of the weights, places of a task's pixels, rows of its output.

    A task is one whole sample, however large, where `whole` is set.
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
    share = Share(samples, band, g.stride, scratch_rows, columns, g.padding)
    return Tables(padded(taps), padded(places), padded(rows)), share


@lru_cache(maxsize=256)
def backward_tables(g: Geometry) -> tuple[Frame, list[tuple[np.ndarray, Tables]]]:
    """Return the frame of d_output and, phase by phase, where d_input comes from.

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
            phases.append((numbers, Tables(padded(taps), padded(places), padded(rows))))
    return Frame(scratch_rows, columns, above, left), phases
