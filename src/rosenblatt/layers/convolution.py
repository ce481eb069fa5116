"""The convolutional layer: the same small weights at every place of the image."""

import numpy as np

from rosenblatt.kernels.convolution import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
)
from rosenblatt.layers.base import Layer, expect
from rosenblatt.layers.dense import FLOORS
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.tape import Parameter, empty


class Convolution(Layer):
    """y[p, f] = f(b[f] + sum over taps t, channels c of x[stride p + t - padding, c] W[t, c, f]).

    x [N, H, W, C], W [K, K, C, F], b [F], y [N, HO, WO, F] with HO = (H + 2 padding - K) // stride
    + 1 (LeCun et al. 1998, section II; Dumoulin & Visin 2016, relationship 6). padding "same" keeps
    the size at stride 1 and needs an odd kernel. activation None or "relu" (fused).
    """

    examples = (
        ({"filters": 3, "kernel_size": 3}, (5, 6, 2)),
        ({"filters": 2, "kernel_size": 3, "padding": "same", "activation": "relu"}, (4, 5, 1)),
        ({"filters": 4, "kernel_size": 2, "stride": 2, "padding": 1}, (5, 4, 3)),
    )

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        stride: int = 1,
        padding: int | str = 0,
        activation: str | None = None,
        initialiser: str = "he_uniform",
    ) -> None:
        expect(min(filters, kernel_size, stride) >= 1, "filters, kernel and stride start from 1")
        expect(activation in FLOORS, f"unknown activation {activation!r}; None or 'relu'")
        expect(initialiser in INITIALISERS, f"unknown initialiser {initialiser!r}")
        if padding == "same":
            expect(kernel_size % 2 == 1, f"padding 'same' needs an odd kernel, not {kernel_size}")
        else:
            expect(isinstance(padding, int) and padding >= 0, f"padding {padding!r} is no number")
        self.filters = filters
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.activation = activation
        self.initialiser = initialiser

    @property
    def window(self):
        return self.kernel_size, self.stride

    @property
    def border(self) -> int:
        """Return the padding in pixels."""
        return (self.kernel_size - 1) // 2 if self.padding == "same" else int(self.padding)

    def create(self, shape, rng):
        size = (self.kernel_size, self.kernel_size, shape[-1], self.filters)
        self.weight = Parameter(INITIALISERS[self.initialiser](size, rng), "weight")
        self.bias = Parameter(np.zeros(self.filters, np.float32), "bias", decay=False)

    def output_shape(self, shape):
        expect(len(shape) == 3, f"a convolution takes images (H, W, C), not {shape}")
        H, W, C = shape
        if hasattr(self, "weight"):
            known = self.weight.value.shape[2]
            expect(known == C, f"the convolution has weights for {known} channels, not {C}")
        rows, columns = (
            (side + 2 * self.border - self.kernel_size) // self.stride + 1 for side in (H, W)
        )
        fits = rows >= 1 and columns >= 1
        expect(fits, f"a kernel of {self.kernel_size} pixels does not fit into {H} x {W}")
        return rows, columns, self.filters

    def multiply_adds(self, shape):
        return int(np.prod(self.output_shape(shape))) * self.kernel_size**2 * shape[-1]

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        weight, bias = self.weight.value, self.bias.value
        convolve(x, weight, bias, output, self.stride, self.border, FLOORS[self.activation])
        return output, (x, output if self.activation else None)

    def backward(self, d_output, cache, needs):
        """dW[t] = sum over p of x[stride p + t]^T d[p], db = sum of d, dx = d with W transposed.

        d = dy f'(y); the kernels apply the rectifier's derivative where they are given y.
        """
        x, output = cache
        if self.weight.trained or self.bias.trained:
            d_weight = empty(self.weight.value.shape, x.dtype)
            d_bias = empty(self.bias.value.shape, x.dtype)
            convolution_weight_gradient(
                x, d_output, output, d_weight, d_bias, self.stride, self.border
            )
            for parameter, gradient in ((self.weight, d_weight), (self.bias, d_bias)):
                if parameter.trained:
                    parameter.accumulate(gradient)
        if not needs[0]:
            return (None,)
        d_x = empty(x.shape, x.dtype)
        weight = self.weight.value
        convolution_input_gradient(d_output, output, weight, d_x, self.stride, self.border)
        return (d_x,)
