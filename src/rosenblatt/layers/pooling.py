"""Pooling layers: fewer pixels, the same channels."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.convolution import pooling
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import NONE, Either, Whole, check_settings
from rosenblatt.tape import empty

SIDE = Whole(1, 15)  # of a window: switches are bytes
STRIDE = Either(Whole(1, 1024), NONE)


class _Pooling(Layer):
    """Windows of size x size, `stride` apart (by default side by side), all inside the image."""

    settings: ClassVar[Settings] = {"size": SIDE, "stride": STRIDE}
    examples = (
        ({"size": 2}, (5, 4, 3)),
        ({"size": 3, "stride": 2}, (7, 6, 2)),
        ({"size": 2, "stride": 3}, (6, 6, 1)),
    )

    def __init__(self, size: int, stride: int | None = None) -> None:
        self.size = size
        self.stride = size if stride is None else stride
        check_settings(self)

    @property
    def window(self) -> tuple[int, int] | None:
        return self.size, self.stride

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"pooling takes images (H, W, C), not {shape}")
        H, W, C = shape
        expect(min(H, W) >= self.size, f"a window of {self.size} does not fit into {H} x {W}")
        return (H - self.size) // self.stride + 1, (W - self.size) // self.stride + 1, C


class MaxPooling(_Pooling):
    """y = the largest number of each window.

    The cache holds the switches, where each was found (Zeiler & Fergus 2014, section 2.1), as
    uint8 [N, HO, WO, C]: row * size + column.
    """

    def forward(self, x, *, train):
        shape = (len(x), *self.output_shape(x.shape[1:]))
        output, switches = empty(shape, x.dtype), empty(shape, np.dtype(np.uint8))
        pooling.max_pool(x, output, switches, self.size, self.stride)
        return output, (switches, x.shape)

    def backward(self, d_output, cache, needs):
        """dx = dy where the switches point, else 0."""
        switches, shape = cache
        d_x = empty(shape, d_output.dtype)
        pooling.max_pool_gradient(d_output, switches, d_x, self.size, self.stride)
        return (d_x,)


class AveragePooling(_Pooling):
    """y = the mean of each window."""

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        pooling.average_pool(x, output, self.size, self.stride)
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx = dy / size^2, summed over the windows a pixel lies in."""
        d_x = empty(cache, d_output.dtype)
        pooling.average_pool_gradient(d_output, d_x, self.size, self.stride)
        return (d_x,)


class GlobalAverage(Layer):
    """y [N, C] = the mean over all pixels of x [N, H, W, C] (Lin et al. 2014, section 3.2)."""

    examples = (({}, (3, 4, 5)), ({}, (1, 1, 2)))

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a global average takes images (H, W, C), not {shape}")
        return shape[2:]

    def forward(self, x, *, train):
        N, H, W, C = x.shape
        output = empty((N, C), x.dtype)
        pooling.global_average(x.reshape(N, H * W, C), output)
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx = dy / (H W) at each pixel."""
        N, H, W, C = cache
        d_x = empty(cache, d_output.dtype)
        pooling.global_average_gradient(d_output, d_x.reshape(N, H * W, C))
        return (d_x,)
