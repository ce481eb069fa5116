"""Pooling layers: fewer pixels or steps, the same channels."""

from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kernels.convolution import pooling, window_pooling
from rosenblatt.kernels.convolution.window_pooling import Windows
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.windows import (
    BORDER,
    KERNEL,
    PADDING,
    Axis,
    Windowed,
    along,
    axes,
    pairs,
)
from rosenblatt.ranges import FLAG, NONE, Each, Either, Whole, check_settings
from rosenblatt.tape import empty

SIDE = Whole(1, window_pooling.SMALL)
BYTES = SIDE.high**2  # codes of pixels that a byte holds
STRIDE = Either(Whole(1, 1024), NONE)


def _held(axis: Axis, side: int, count: int, padded: bool) -> np.ndarray:
    """Return how many taps of each of `count` windows lie on the side, or on it and its padding."""
    first = np.arange(count)[:, None] * axis.stride - axis.before
    places = first + np.arange(axis.size) * axis.dilation
    low, high = (-axis.before, side + axis.after) if padded else (0, side)
    return ((places >= low) & (places < high)).sum(1)


@lru_cache(maxsize=1024)
def _counts(both: tuple[Axis, Axis], sides: tuple[int, int], ceil: bool) -> tuple[int, int]:
    """Return how many windows lie along rows and columns. Raises UserError as `_Pooling` says."""
    counts = []
    for axis, side in zip(both, sides, strict=True):
        count = axis.count(side, ceil)
        expect(count >= 1, f"a window of {axis.extent} does not fit into a side of {side}")
        alone = _held(axis, side, count, False).min() == 0
        expect(not alone, f"a window of {axis.extent} would lie on padding alone: pad less")
        counts.append(count)
    rows, columns = counts
    return rows, columns


@lru_cache(maxsize=1024)
def _shares(both, sides, counts, padded, dtype) -> np.ndarray:
    """Return 1 / the number of taps that a mean counts, for each window [HO, WO]."""
    held = (_held(*axis, padded) for axis in zip(both, sides, counts, strict=True))
    return (1 / np.multiply.outer(*held)).astype(dtype)


class _Pooling(Windowed):
    """Windows of `size`, `stride` apart (by default side by side), of taps `dilation` apart.

    size, stride, dilation, padding: a number, or (rows, columns); padding also ((top, bottom),
    (left, right)). Each window must hold a pixel. ceil_mode: a last window may reach beyond the
    padding, so that no pixel is left over.
    """

    settings: ClassVar[Settings] = {
        "size": pairs(KERNEL),
        "stride": Either(STRIDE, Each(KERNEL, 2, 2)),
        "padding": PADDING,
        "dilation": pairs(KERNEL),
        "ceil_mode": FLAG,
    }
    examples: ClassVar[Any] = (
        ({"size": 2}, (5, 4, 3)),
        ({"size": 3, "stride": 2}, (7, 6, 2)),
        ({"size": 2, "stride": 3}, (6, 6, 1)),
        ({"size": 3, "stride": 2, "padding": 1}, (6, 5, 2)),
        ({"size": (2, 3), "stride": (1, 2), "padding": ((1, 0), (0, 2)), "dilation": (2, 1)},
         (5, 6, 9)),
        ({"size": 3, "stride": 2, "padding": 1, "ceil_mode": True}, (4, 6, 2)),
    )  # fmt: skip

    def __init__(
        self,
        size: Any,
        stride: Any = None,
        padding: Any = 0,
        *,
        dilation: Any = 1,
        ceil_mode: bool = False,
    ) -> None:
        self.size = size
        self.stride = size if stride is None else stride
        self.padding = padding
        self.dilation = dilation
        self.ceil_mode = ceil_mode
        check_settings(self)
        self.axes = self._axes()

    def _axes(self) -> tuple[Axis, Axis]:
        return axes(self.size, self.stride, self.padding, self.dilation)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"pooling takes images (H, W, C), not {shape}")
        return *_counts(self.axes, shape[:2], self.ceil_mode), shape[2]

    def _output(self, x):
        """Return x as images, and room for what becomes of them."""
        images = x.reshape(len(x), -1, *x.shape[-2:])
        sides = _counts(self.axes, images.shape[1:3], self.ceil_mode)
        return images, empty((len(x), *sides, x.shape[-1]), x.dtype)

    def _of_form(self, images, x):
        """Return images as sequences where x are."""
        return images if x.ndim == images.ndim else images[:, 0]

    def _windows(self) -> Windows:
        rows, columns = self.axes
        return Windows(
            rows.size, columns.size, rows.stride, columns.stride, rows.dilation, columns.dilation,
            rows.before, columns.before,
        )  # fmt: skip


class MaxPooling(_Pooling):
    """y = the largest number of each window.

    The cache holds the switches, where each was found (Zeiler & Fergus 2014, section 2.1), as
    bytes, or int32 of large windows, [N, HO, WO, C]: row * columns of the window + column.
    """

    replays = True

    def forward(self, x, *, train):
        images, output = self._output(x)
        rows, columns = self.axes
        code = np.uint8 if rows.size * columns.size <= BYTES else np.int32
        switches = empty(output.shape, np.dtype(code))
        window_pooling.max_pool(images, self._windows(), output, switches)
        return self._of_form(output, x), (switches, x.shape)

    def backward(self, d_output, cache, needs):
        """dx = dy where the switches point, else 0."""
        switches, shape = cache
        d_x = empty(shape, d_output.dtype)
        images = d_x.reshape(len(d_x), -1, *shape[-2:])
        window_pooling.max_pool_gradient(
            d_output.reshape(switches.shape), switches, self._windows(), images
        )
        return (d_x,)


class AveragePooling(_Pooling):
    """y = the mean of each window.

    count_include_pad: padding counts, as zeros; a window that ceil_mode lets reach beyond it is as
    much smaller. Otherwise only pixels count.
    """

    replays = True

    settings: ClassVar[Settings] = {**_Pooling.settings, "count_include_pad": FLAG}
    examples: ClassVar[Any] = (
        *_Pooling.examples,
        ({"size": 3, "stride": 2, "padding": 1, "ceil_mode": True, "count_include_pad": False},
         (4, 6, 2)),
    )  # fmt: skip

    def __init__(
        self,
        size: Any,
        stride: Any = None,
        padding: Any = 0,
        *,
        dilation: Any = 1,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> None:
        self.count_include_pad = count_include_pad
        super().__init__(size, stride, padding, dilation=dilation, ceil_mode=ceil_mode)

    def _shares(self, sides, counts, dtype):
        return _shares(self.axes, sides, counts, self.count_include_pad, dtype)

    def forward(self, x, *, train):
        images, output = self._output(x)
        shares = self._shares(images.shape[1:3], output.shape[1:3], x.dtype)
        window_pooling.average_pool(images, shares, self._windows(), output)
        return self._of_form(output, x), (images.shape, output.shape, x.shape)

    def backward(self, d_output, cache, needs):
        """dx = dy / (numbers in its window), summed over the windows a pixel lies in."""
        images, output, shape = cache
        d_x = empty(images, d_output.dtype)
        shares = self._shares(images[1:3], output[1:3], d_x.dtype)
        window_pooling.average_pool_gradient(d_output.reshape(output), shares, self._windows(), d_x)
        return (d_x.reshape(shape),)


class _OfSequences(_Pooling):
    """Windows along sequences [N, T, C]; padding is a number, or (before, after)."""

    settings: ClassVar[Settings] = {
        "size": KERNEL,
        "stride": STRIDE,
        "padding": Either(BORDER, Each(BORDER, 2, 2)),
        "dilation": KERNEL,
        "ceil_mode": FLAG,
    }
    examples: ClassVar[Any] = (
        ({"size": 2}, (5, 3)),
        ({"size": 3, "stride": 2, "padding": (1, 0), "ceil_mode": True}, (6, 2)),
    )

    def _axes(self) -> tuple[Axis, Axis]:
        return along(self.size, self.stride, self.padding, self.dilation)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 2, f"1-D pooling takes sequences (T, C), not {shape}")
        return super().output_shape((1, *shape))[1:]


class MaxPooling1D(_OfSequences, MaxPooling):
    """y [N, TO, C] = the largest number of each window of steps of x [N, T, C]."""

    replays = True


class AveragePooling1D(_OfSequences, AveragePooling):
    """y [N, TO, C] = the mean of each window of steps of x [N, T, C]."""

    replays = True

    settings: ClassVar[Settings] = {**_OfSequences.settings, "count_include_pad": FLAG}


class GlobalAverage(Layer):
    """y [N, C] = the mean over all pixels of x [N, H, W, C] (Lin et al. 2014, section 3.2)."""

    replays = True

    examples: ClassVar[Any] = (({}, (3, 4, 5)), ({}, (1, 1, 2)))

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a global average takes images (H, W, C), not {shape}")
        return shape[2:]

    def forward(self, x, *, train):
        N, C = x.shape[0], x.shape[-1]
        output = empty((N, C), x.dtype)
        pooling.global_average(x.reshape(N, -1, C), output)
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx = dy / (H W) at each pixel."""
        d_x = empty(cache, d_output.dtype)
        pooling.global_average_gradient(d_output, d_x.reshape(cache[0], -1, cache[-1]))
        return (d_x,)


class GlobalAverage1D(GlobalAverage):
    """y [N, C] = the mean over all steps of x [N, T, C]."""

    replays = True

    examples: ClassVar[Any] = (({}, (4, 3)),)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 2, f"a 1-D global average takes sequences (T, C), not {shape}")
        return shape[1:]
