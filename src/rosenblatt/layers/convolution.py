"""The convolutional layer: the same small weights at every place of the image."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    convolve_pool,
    pooled_input_gradient,
    pooled_weight_gradient,
)
from rosenblatt.kernels.convolution.geometry import geometry
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.dense import ACTIVATION, FLOORS, INITIALISER
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import NONE, Choice, Either, Whole, check_settings
from rosenblatt.tape import Parameter, empty

KERNEL = Whole(1, 1024)  # pixels: of a kernel, or between two of its places


class Convolution(Layer):
    """y[p, f] = f(b[f] + sum over taps t, channels c of x[stride p + t - padding, c] W[t, c, f]).

    x [N, H, W, C], W [K, K, C, F], b [F], y [N, HO, WO, F] with HO = (H + 2 padding - K) // stride
    + 1 (LeCun et al. 1998, section II; Dumoulin & Visin 2016, relationship 6). padding "same" keeps
    the size at stride 1 and needs an odd kernel. activation None or "relu" (fused). pooling: y is
    then the largest number of each window of so many pixels a side, side by side (fused).
    """

    settings: ClassVar[Settings] = {
        "filters": SIZE,
        "kernel_size": KERNEL,
        "stride": KERNEL,
        "padding": Either(Whole(0, KERNEL.high), Choice(("same",))),
        "activation": ACTIVATION,
        "initialiser": INITIALISER,
        "pooling": Either(Whole(2, 15), NONE),
    }
    examples = (
        ({"filters": 3, "kernel_size": 3}, (5, 6, 2)),
        ({"filters": 2, "kernel_size": 3, "padding": "same", "activation": "relu"}, (4, 5, 1)),
        ({"filters": 4, "kernel_size": 2, "stride": 2, "padding": 1}, (5, 4, 3)),
        ({"filters": 3, "kernel_size": 3, "activation": "relu", "pooling": 2}, (7, 8, 2)),
    )

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | str = 0,
        activation: str | None = None,
        initialiser: str = "he_uniform",
        pooling: int | None = None,
    ) -> None:
        self.filters = filters
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.activation = activation
        self.initialiser = initialiser
        self.pooling = pooling
        check_settings(self)
        odd = padding != "same" or kernel_size % 2 == 1
        expect(odd, f"padding 'same' needs an odd kernel_size, not {kernel_size}")

    @property
    def window(self) -> tuple[int, int] | None:
        pooling = self.pooling or 1
        return self.kernel_size + (pooling - 1) * self.stride, self.stride * pooling

    @property
    def border(self) -> int:
        """Return the padding in pixels."""
        return (self.kernel_size - 1) // 2 if self.padding == "same" else int(self.padding)

    def create(self, shape, rng) -> None:
        size = (self.kernel_size, self.kernel_size, shape[-1], self.filters)
        self.weight = Parameter(INITIALISERS[self.initialiser](size, rng), "weight")
        self.bias = Parameter(np.zeros(self.filters, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a convolution takes images (H, W, C), not {shape}")
        H, W, C = shape
        if hasattr(self, "weight"):
            known = self.weight.value.shape[2]
            expect(known == C, f"the convolution has weights for {known} channels, not {C}")
        rows, columns = (
            (side + 2 * self.border - self.kernel_size) // self.stride + 1 for side in (H, W)
        )
        pooling = self.pooling or 1
        fits = rows >= pooling and columns >= pooling
        expect(fits, f"a kernel of {self.kernel_size} pixels does not fit into {H} x {W}")
        return rows // pooling, columns // pooling, self.filters

    def multiply_adds(self, shape) -> int:
        g = self._geometry((1, *shape))
        return int(np.prod(g.output)) * self.filters * self.kernel_size**2 * shape[-1]

    def _geometry(self, shape):
        weight = self.kernel_size, self.kernel_size, shape[-1], self.filters
        return geometry(shape, weight, self.stride, self.border)

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        weight, bias, floor = self.weight.value, self.bias.value, FLOORS[self.activation]
        g = self._geometry(x.shape)
        if self.pooling:
            switches = empty(output.shape, np.dtype(np.uint8))
            convolve_pool(x, weight, bias, g, self.pooling, floor, output, switches)
            return output, (x, output, switches)
        convolve(x, weight, bias, g, floor, output)
        return output, (x, output if self.activation else None, None)

    def backward(self, d_output, cache, needs):
        """dW[t] = sum over p of x[stride p + t]^T d[p], db = sum of d, dx = d with W transposed.

        d = dy f'(y); the kernels apply the rectifier's derivative where they are given y. With
        pooling, d is zero but where the switches point (LeCun et al. 1998, section II).
        """
        x, output, switches = cache
        weight, g = self.weight.value, self._geometry(x.shape)
        size, floor = self.pooling, FLOORS[self.activation]
        if self.weight.trained or self.bias.trained:
            d_weight, d_bias = empty(weight.shape, x.dtype), empty(self.bias.value.shape, x.dtype)
            if self.pooling:
                pooled_weight_gradient(
                    x, d_output, output, switches, g, size, floor, d_weight, d_bias
                )
            else:
                convolution_weight_gradient(x, d_output, output, g, d_weight, d_bias)
            for parameter, gradient in ((self.weight, d_weight), (self.bias, d_bias)):
                if parameter.trained:
                    parameter.accumulate(gradient)
        if not needs[0]:
            return (None,)
        d_x = empty(x.shape, x.dtype)
        if self.pooling:
            pooled_input_gradient(d_output, output, switches, weight, g, size, floor, d_x)
        else:
            convolution_input_gradient(d_output, output, weight, g, d_x)
        return (d_x,)
