"""How windows lie over rows and columns: the settings that say it, and the arithmetic of places.

A setting is a number for rows and columns alike, or (rows, columns). A padding is so too, or says
what stands before and after, ((top, bottom), (left, right)), or is "same": half of what a window
reaches beyond one pixel.
"""

from functools import lru_cache
from typing import Any, NamedTuple

from rosenblatt.kernels.convolution.geometry import Geometry, geometry
from rosenblatt.layers.base import Layer
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import Choice, Each, Either, Range, Whole

KERNEL = Whole(1, 1024)  # pixels: of a kernel, or between two of its places
BORDER = Whole(0, KERNEL.high)
SAME = Choice(("same",))


def pairs(one: Range) -> Range:
    """Return the range of a setting: in `one`, or for rows and for columns each in it."""
    return Either(one, Each(one, 2, 2))


PADDING = pairs(Either(BORDER, Each(BORDER, 2, 2)))


class Axis(NamedTuple):
    """Windows along one axis: their taps, stride, the taps' distance, padding before and after."""

    size: int
    stride: int = 1
    dilation: int = 1
    before: int = 0
    after: int = 0

    @property
    def extent(self) -> int:
        """Return how many pixels a window reaches over."""
        return self.dilation * (self.size - 1) + 1

    @property
    def padding(self) -> tuple[int, int]:
        """Return the padding before and after."""
        return self.before, self.after

    def count(self, side: int, ceil: bool = False) -> int:
        """Return how many windows fit on a side (Dumoulin & Visin 2016, relationship 15).

        ceil: one more, that reaches beyond the end, where pixels or padding before it are left
        over and it begins on one of them.
        """
        room = side + self.before + self.after - self.extent
        if ceil and room >= 0:
            last = -(-room // self.stride)
            return last + 1 - (last * self.stride >= side + self.before)
        return room // self.stride + 1


def pair(value: Any) -> tuple[Any, Any]:
    """Return a setting for rows and for columns."""
    if isinstance(value, tuple | list):
        rows, columns = value
        return rows, columns
    return value, value


def axes(size: Any, stride: Any, padding: Any = 0, dilation: Any = 1) -> tuple[Axis, Axis]:
    """Return the windows along rows and along columns.

    Raises UserError: padding "same" where a window has no middle.
    """
    found = []
    for taps, step, apart, border in zip(
        *map(pair, (size, stride, dilation, padding)), strict=True
    ):
        axis = Axis(taps, step, apart)
        if border == "same":
            expect(
                axis.extent % 2 == 1,
                f"padding 'same' needs an odd kernel_size, not {taps}: say what stands before and "
                "after, ((top, bottom), (left, right))",
            )
            border = axis.extent // 2
        before, after = pair(border)
        found.append(axis._replace(before=before, after=after))
    rows, columns = found
    return rows, columns


def along(size: int, stride: int, padding: Any, dilation: int) -> tuple[Axis, Axis]:
    """Return windows that lie along one row."""
    return Axis(1), axes((1, size), (1, stride), (0, padding), (1, dilation))[1]


@lru_cache(maxsize=1024)
def geometry_of(shape, channels, filters, both, groups=1) -> Geometry:
    """Return the geometry of images of `shape`, `channels` a group, and windows `both` ways."""
    rows, columns = both
    return geometry(
        shape,
        (rows.size, columns.size, channels, filters),
        (rows.stride, columns.stride),
        (rows.padding, columns.padding),
        (rows.dilation, columns.dilation),
        groups,
    )


class Windowed(Layer):
    """A layer whose outputs see windows; `axes` says how they lie along rows and columns."""

    axes: tuple[Axis, Axis]

    @property
    def windows(self) -> Any:
        rows, columns = self.axes
        return (rows.extent, rows.stride), (columns.extent, columns.stride)

    @property
    def window(self) -> Any:
        """Return the larger of the two."""
        return max(self.windows)
