"""Layers that give back the pixels that pooling took: transposed convolution, and unpooling."""

from fractions import Fraction
from typing import ClassVar

import numpy as np

from rosenblatt.kernels.convolution import pooling
from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
)
from rosenblatt.kernels.convolution.geometry import geometry
from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.convolution import KERNEL
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.pooling import SIDE, STRIDE
from rosenblatt.ranges import Choice, Whole, check_settings
from rosenblatt.tape import Parameter, empty


def bilinear(shape: tuple[int, ...], rng: np.random.Generator | None) -> np.ndarray:
    """Return weights [K, K, F, C] by which a transposed convolution interpolates linearly.

    With stride s, K = 2 s - s % 2 and padding (K - s) / 2, each channel is enlarged s times by
    itself (Long et al. 2015, section 3.3). Without a generator the weights are zeros, to be loaded.
    """
    K, _, F, C = shape
    weight = np.zeros(shape, np.float32)
    if rng is not None:
        factor = (K + 1) // 2
        centre = (K - 1) / 2 if K % 2 else factor - 0.5
        tent = 1 - np.abs(np.arange(K) - centre) / factor
        for channel in range(min(F, C)):
            weight[:, :, channel, channel] = tent[:, None] * tent
    return weight


class TransposedConvolution(Layer):
    """What a convolution does to a gradient on its way back, as a layer: y is larger than x.

    y[p, f] = b[f] + sum of x[q, c] W[t, f, c] over pixels q and taps t with stride q + t - padding
    = p. x [N, H, W, C], W [K, K, F, C], b [F], y [N, HO, WO, F], HO = stride (H - 1) + K - 2
    padding (Zeiler et al. 2010; Dumoulin & Visin 2016, relationship 14). initialiser "bilinear",
    or a convolution's.
    """

    settings: ClassVar[Settings] = {
        "filters": SIZE,
        "kernel_size": KERNEL,
        "stride": KERNEL,
        "padding": Whole(0, KERNEL.high),
        "initialiser": Choice(("bilinear", *INITIALISERS)),
    }
    examples = (
        ({"filters": 2, "kernel_size": 3, "stride": 2}, (3, 2, 3)),
        ({"filters": 2, "kernel_size": 4, "stride": 2, "padding": 1, "initialiser": "bilinear"},
         (2, 3, 2)),
    )  # fmt: skip

    def __init__(
        self,
        filters: int,
        kernel_size: int,
        stride: int = 1,
        padding: int = 0,
        initialiser: str = "he_uniform",
    ) -> None:
        self.filters = filters
        self.kernel_size = kernel_size
        self.stride = stride
        self.padding = padding
        self.initialiser = initialiser
        check_settings(self)

    @property
    def window(self) -> tuple[int, int | Fraction] | None:
        return -(-self.kernel_size // self.stride), Fraction(1, self.stride)

    def create(self, shape, rng) -> None:
        K, F, C = self.kernel_size, self.filters, shape[-1]
        if self.initialiser == "bilinear":
            weight = bilinear((K, K, F, C), rng)
        else:  # drawn as of a convolution from C to F: so many terms has a sum at stride 1
            weight = INITIALISERS[self.initialiser]((K, K, C, F), rng)
            weight = np.ascontiguousarray(weight.swapaxes(2, 3))
        self.weight = Parameter(weight, "weight")
        self.bias = Parameter(np.zeros(F, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a transposed convolution takes images (H, W, C), not {shape}")
        H, W, C = shape
        if hasattr(self, "weight"):
            known = self.weight.value.shape[3]
            expect(known == C, f"the layer has weights for {known} channels, not {C}")
        rows, columns = (
            self.stride * (side - 1) + self.kernel_size - 2 * self.padding for side in (H, W)
        )
        expect(min(rows, columns) >= 1, f"a padding of {self.padding} leaves nothing of {H} x {W}")
        return rows, columns, self.filters

    def multiply_adds(self, shape) -> int:
        return int(np.prod(shape)) * self.kernel_size**2 * self.filters

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        weight = self.weight.value
        g = geometry(output.shape, weight.shape, self.stride, self.padding)
        convolution_input_gradient(x, None, weight, g, output)
        output += self.bias.value
        return output, x

    def backward(self, d_output, cache, needs):
        """dx is dy convolved with W, dW that convolution's own, with dy in the place of its input.

        db = sum of dy over all pixels.
        """
        x, weight = cache, self.weight.value
        g = geometry(d_output.shape, weight.shape, self.stride, self.padding)
        if self.weight.trained:
            d_weight, unused = empty(weight.shape, x.dtype), empty((x.shape[-1],), x.dtype)
            convolution_weight_gradient(d_output, x, None, g, d_weight, unused)
            self.weight.accumulate(d_weight)
        if self.bias.trained:
            d_bias = empty((self.filters,), x.dtype)
            column_sums(d_output.reshape(-1, self.filters), d_bias)
            self.bias.accumulate(d_bias)
        if not needs[0]:
            return (None,)
        d_x, zeros = empty(x.shape, x.dtype), np.zeros(x.shape[-1], x.dtype)
        convolve(d_output, weight, zeros, g, -np.inf, d_x)
        return (d_x,)


class Unpooling(Layer):
    """Put each number of y where the maximum came from that pooled it away; zeros elsewhere.

    Inputs: x [N, HO, WO, C], and pooled [N, H, W, C], what a MaxPooling of the same size and stride
    was given: where its largest numbers lie are the switches (Zeiler & Fergus 2014, section 2.1).
    Numbers of windows that share a maximum are added.
    """

    settings: ClassVar[Settings] = {"size": SIDE, "stride": STRIDE}
    examples = (
        ({"size": 2}, ((2, 2, 3), (5, 4, 3))),
        ({"size": 3, "stride": 2}, ((3, 2, 2), (7, 6, 2))),
    )

    def __init__(self, size: int, stride: int | None = None) -> None:
        self.size = size
        self.stride = size if stride is None else stride
        check_settings(self)

    @property
    def window(self) -> tuple[int, int | Fraction] | None:
        return -(-self.size // self.stride), Fraction(1, self.stride)

    def output_shape(self, shape) -> Shape:
        x, pooled = shape
        expect(len(pooled) == 3, f"unpooling takes maps (H, W, C), not {pooled}")
        H, W, C = pooled
        expected = (H - self.size) // self.stride + 1, (W - self.size) // self.stride + 1, C
        expect(x == expected, f"pooling makes {expected} of {pooled}, not {x}")
        return pooled

    def forward(self, x, pooled, *, train):
        largest, switches = empty(x.shape, x.dtype), empty(x.shape, np.dtype(np.uint8))
        pooling.max_pool(pooled, largest, switches, self.size, self.stride)
        output = empty(pooled.shape, x.dtype)
        pooling.max_pool_gradient(x, switches, output, self.size, self.stride)
        return output, switches

    def backward(self, d_output, cache, needs):
        """dx = dy where the switches point; where they point does not change with the pooled."""
        switches = cache
        n, y, p, c = np.ix_(*map(np.arange, switches.shape))
        rows, columns = divmod(switches, np.uint8(self.size))
        d_x = empty(switches.shape, d_output.dtype)
        d_x[...] = d_output[n, y * self.stride + rows, p * self.stride + columns, c]
        d_pooled = None
        if needs[1]:
            d_pooled = empty(d_output.shape, d_output.dtype)
            d_pooled[...] = 0
        return d_x, d_pooled
