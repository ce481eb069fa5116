"""Where a convolution reads and writes: index tables, made once for each geometry.

A sample of the input lies in a scratch array of rows with their padding, [rows, columns, C] flat.
A *place* is where in the scratch the window of an output pixel begins; a *tap* is the distance from
there to one element of the window. The table of taps is the im2col that is never stored.
"""

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.kernels.core.tile import NARROW_ROWS

SCRATCH = 1 << 16  # elements of one task's padded input: 256 KiB of float32, half of a usual L2
PIXELS = 64  # a task takes several samples where one has fewer pixels than this


class Geometry(NamedTuple):
    """The shapes of one convolution; arrays are [N, H, W, C], weights [KH, KW, C / groups, F].

    Filters of a group see the channels of their group. stride and dilation, the distance of two
    taps, are a number for rows and columns, or one for each; padding likewise, or for each the
    numbers before and after.
    """

    H: int
    W: int
    C: int
    KH: int
    KW: int
    F: int
    stride: int | tuple[int, int]
    padding: Any  # int | ((top, bottom), (left, right))
    dilation: int | tuple[int, int] = 1
    groups: int = 1

    @property
    def square(self) -> bool:
        """Return whether rows and columns are treated alike, and all channels belong together."""
        return (
            isinstance(self.stride, int)
            and isinstance(self.padding, int)
            and self.dilation == self.groups == 1
        )

    @property
    def strides(self) -> tuple[int, int]:
        """Return the strides of rows and of columns."""
        return pair(self.stride)

    @property
    def dilations(self) -> tuple[int, int]:
        """Return the dilations of rows and of columns."""
        return pair(self.dilation)

    @property
    def borders(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """Return the padding (above, below) and (left, right)."""
        rows, columns = pair(self.padding)
        return pair(rows), pair(columns)

    @property
    def output(self) -> tuple[int, int]:
        """Return the height and width of the output (Dumoulin & Visin 2016, relationship 15)."""
        return _output(self)


@lru_cache(maxsize=1024)
def _output(g: Geometry) -> tuple[int, int]:
    rows, columns = (
        (side + sum(border) - dilation * (taps - 1) - 1) // stride + 1
        for side, taps, border, dilation, stride in zip(
            (g.H, g.W), (g.KH, g.KW), g.borders, g.dilations, g.strides, strict=True
        )
    )
    return rows, columns


def pair(value):
    """Return what holds for rows and for columns, of a number for both or one for each."""
    return (value, value) if isinstance(value, int) else tuple(value)


def _one(value):
    """Return the number that stands in all places, or else what it was."""
    first, second = pair(value)
    rows, columns = (one if isinstance(one, int) else _one(one) for one in (first, second))
    return rows if rows == columns and isinstance(rows, int) else (rows, columns)


def geometry(x_shape, weight_shape, stride, padding, dilation=1, groups=1) -> Geometry:
    """Return the geometry of x [N, H, W, C] and weight [KH, KW, C / groups, F]."""
    (_, H, W, C), (KH, KW, _, F) = x_shape, weight_shape
    return Geometry(H, W, C, KH, KW, F, _one(stride), _one(padding), _one(dilation), groups)


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
    with the stride of rows; and the frame of what it sees of a sample."""

    samples: int
    band: int
    stride: int
    rows: int
    columns: int
    above: int
    left: int

    @property
    def frame(self) -> Frame:
        return Frame(self.rows, self.columns, self.above, self.left)


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
    (down, across), (step_y, step_x), ((above, _), border) = g.strides, g.dilations, g.borders
    columns, extent = g.W + sum(border), step_y * (g.KH - 1) + 1
    fitting = (SCRATCH // (columns * g.C) - extent) // down + 1
    band = height if whole else min(height, max(1, fitting))
    scratch_rows = (band - 1) * down + extent
    samples = 1
    if band == height and not whole:
        samples = max(1, min(PIXELS // (height * width), SCRATCH // (scratch_rows * columns * g.C)))
    ky, kx, c = np.ix_(range(g.KH), range(g.KW), range(g.C))
    taps = (ky * step_y * columns + kx * step_x) * g.C + c
    s, y, x = np.ix_(range(samples), range(band), range(width))
    places = (s * scratch_rows * columns + y * down * columns + x * across) * g.C
    rows = np.arange(samples * band * width) * g.F
    share = Share(samples, band, down, scratch_rows, columns, above, border[0])
    return Tables(padded(taps), padded(places), padded(rows)), share


@lru_cache(maxsize=256)
def backward_tables(g: Geometry) -> tuple[Frame, list[tuple[np.ndarray, Tables]]]:
    """Return the frame of d_output and, phase by phase, where d_input comes from.

    Input pixels fall into phases by (y + padding) mod stride: a phase sees only the taps of
    dilation ky = phase + stride t, through which d_output row m - t reaches input row stride m +
    phase - padding. So each phase is a dense correlation with its own taps; the scratch keeps the
    rows above and below d_output that are zero. Each phase is (its taps' numbers in the weights,
    Tables); a phase without taps (stride > kernel) has none.
    """
    down, across = (
        _phases(*axis)
        for axis in zip((g.H, g.W), (g.KH, g.KW), g.strides, g.dilations, g.borders, strict=True)
    )
    (above, left), (height, width) = (
        (steps * (taps - 1) // stride for steps, taps, stride in zip(
            g.dilations, (g.KH, g.KW), g.strides, strict=True)),
        g.output,
    )  # fmt: skip
    last_y, last_x = ((side - 1 + border[0]) // stride for side, border, stride in zip(
        (g.H, g.W), g.borders, g.strides, strict=True))  # fmt: skip
    scratch_rows = above + max(last_y + 1, height)
    columns = left + max(last_x + 1, width)
    phases = []
    for kys, t, ys, m in down:
        for kxs, u, xs, n in across:
            numbers = (kys[:, None] * g.KW + kxs).reshape(-1).astype(np.intp)
            taps = -(t[:, None, None] * columns + u[:, None]) * g.F + np.arange(g.F)
            places = ((m + above)[:, None] * columns + n + left) * g.F
            rows = (ys[:, None] * g.W + xs) * g.C
            phases.append((numbers, Tables(padded(taps), padded(places), padded(rows))))
    return Frame(scratch_rows, columns, above, left), phases


def _phases(side, count, stride, dilation, border):
    """Return for each phase of an axis its taps, their rows t, its input rows y and their m."""
    found, places = [], np.arange(count) * dilation
    for phase in range(stride):
        inputs = np.arange((phase - border[0]) % stride, side, stride)
        taps = np.flatnonzero(places % stride == phase)
        if inputs.size:
            found.append((taps, places[taps] // stride, inputs, (inputs + border[0]) // stride))
    return found
