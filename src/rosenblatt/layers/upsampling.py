"""Layers that give back the pixels that pooling took: transposed convolution, and unpooling."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kernels.convolution import pooling
from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
)
from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.layers.base import SIZE, Settings, Shape
from rosenblatt.layers.convolution import check_groups
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.pooling import SIDE, STRIDE
from rosenblatt.layers.windows import (
    BORDER,
    KERNEL,
    PADDING,
    Windowed,
    axes,
    geometry_of,
    pair,
    pairs,
)
from rosenblatt.ranges import Choice, check_settings
from rosenblatt.tape import Parameter, empty


def bilinear(
    shape: tuple[int, ...], rng: np.random.Generator | None, groups: int = 1
) -> np.ndarray:
    """Return weights [KH, KW, F / groups, C] of a transposed convolution that interpolates.

    With stride s, K = 2 s - s % 2 and padding (K - s) / 2, each channel is enlarged s times by
    itself (Long et al. 2015, section 3.3). Without a generator the weights are zeros, to be loaded.
    """
    *sides, F, C = shape
    weight = np.zeros(shape, np.float32)
    if rng is not None:
        tents = []
        for K in sides:
            factor = (K + 1) // 2
            centre = (K - 1) / 2 if K % 2 else factor - 0.5
            tents.append(1 - np.abs(np.arange(K) - centre) / factor)
        for channel in range(C):
            if channel % (C // groups) < F:
                weight[:, :, channel % (C // groups), channel] = np.multiply.outer(*tents)
    return weight


class Enlarging(Windowed):
    """A layer that does to its inputs what windows do to their gradients."""

    @property
    def windows(self) -> Any:
        rows, columns = (
            (-(-axis.extent // axis.stride), Fraction(1, axis.stride)) for axis in self.axes
        )
        return rows, columns


@dataclass(eq=False, repr=False)
class TransposedConvolution(Enlarging):
    """What a convolution does to a gradient on its way back, as a layer: y is larger than x.

    y[p, f] = b[f] + sum of x[q, c] W[t, f, c] over pixels q and taps t with stride q + dilation t -
    padding = p. x [N, H, W, C], W [KH, KW, F / groups, C], b [F], y [N, HO, WO, F], HO = stride
    (H - 1) + dilation (KH - 1) + 1 - padding + output_padding, padding above and below together
    (Zeiler et al. 2010; Dumoulin & Visin 2016, relationship 14). Settings as Convolution's;
    output_padding, less than the stride, is what stands below and right of that in y, seen by the
    taps that reach there. initialiser "bilinear", or a convolution's.
    """

    settings: ClassVar[Settings] = {
        "filters": SIZE,
        "kernel_size": pairs(KERNEL),
        "stride": pairs(KERNEL),
        "padding": PADDING,
        "initialiser": Choice(("bilinear", *INITIALISERS)),
        "output_padding": pairs(BORDER),
        "dilation": pairs(KERNEL),
        "groups": SIZE,
    }
    examples: ClassVar[Any] = (
        ({"filters": 2, "kernel_size": 3, "stride": 2}, (3, 2, 3)),
        ({"filters": 2, "kernel_size": 4, "stride": 2, "padding": 1, "initialiser": "bilinear"},
         (2, 3, 2)),
        ({"filters": 4, "kernel_size": (3, 2), "stride": (2, 3), "padding": ((1, 0), (0, 2)),
          "output_padding": (1, 2), "dilation": (1, 2), "groups": 2}, (3, 2, 2)),
    )  # fmt: skip

    filters: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    initialiser: str = "he_uniform"
    output_padding: Any = 0
    dilation: Any = 1
    groups: int = 1

    def __post_init__(self) -> None:
        check_settings(self)
        check_groups("filters", self.filters, self.groups)
        self.axes = axes(self.kernel_size, self.stride, self.padding, self.dilation)
        for axis, more in zip(self.axes, pair(self.output_padding), strict=True):
            fits = more < axis.stride
            expect(fits, f"output_padding {more} must be less than the stride, {axis.stride}")

    def create(self, shape, rng) -> None:
        rows, columns = self.axes
        F, C, groups = self.filters, shape[-1], self.groups
        kernel = rows.size, columns.size, F // groups, C
        if self.initialiser == "bilinear":
            weight = bilinear(kernel, rng, groups)
        else:  # drawn as of a convolution from C to F: so many terms has a sum at stride 1
            drawn = INITIALISERS[self.initialiser]((*kernel[:2], C // groups, F), rng)
            weight = np.ascontiguousarray(drawn.swapaxes(2, 3)).reshape(kernel)
        self.weight = Parameter(weight, "weight")
        self.bias = Parameter(np.zeros(F, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a transposed convolution takes images (H, W, C), not {shape}")
        H, W, C = shape
        check_groups("channels", C, self.groups)
        if hasattr(self, "weight"):
            known = self.weight.value.shape[3]
            expect(known == C, f"the layer has weights for {known} channels, not {C}")
        rows, columns = (
            axis.stride * (side - 1) + axis.extent + more - sum(axis.padding)
            for axis, side, more in zip(self.axes, (H, W), pair(self.output_padding), strict=True)
        )
        expect(min(rows, columns) >= 1, f"a padding of {self.padding} leaves nothing of {H} x {W}")
        return rows, columns, self.filters

    def multiply_adds(self, shape) -> int:
        rows, columns = self.axes
        return int(np.prod(shape)) * rows.size * columns.size * self.filters // self.groups

    def _geometry(self, shape):
        """Return the geometry of the convolution whose input has the shape of y."""
        filters = self.weight.value.shape[3]
        return geometry_of(shape, self.filters // self.groups, filters, self.axes, self.groups)

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        weight = self.weight.value
        convolution_input_gradient(x, None, weight, self._geometry(output.shape), output)
        output += self.bias.value
        return output, x

    def backward(self, d_output, cache, needs):
        """dx is dy convolved with W, dW that convolution's own, with dy in the place of its input.

        db = sum of dy over all pixels.
        """
        x, weight, g = cache, self.weight.value, self._geometry(d_output.shape)
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


class UpSampling(Enlarging):
    """Each pixel of x [N, H, W, C] repeated: y [N, factor H, factor W, C], the nearest of x.

    factor: a number, or (rows, columns).
    """

    settings: ClassVar[Settings] = {"factor": pairs(SIDE)}
    examples: ClassVar[Any] = (({"factor": 2}, (2, 3, 2)), ({"factor": (1, 3)}, (3, 2, 1)))

    def __init__(self, factor: Any = 2) -> None:
        self.factor = factor
        check_settings(self)
        self.axes = axes(factor, factor)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"up-sampling takes images (H, W, C), not {shape}")
        (down, across), (H, W, C) = pair(self.factor), shape
        return H * down, W * across, C

    def forward(self, x, *, train):
        output = empty((len(x), *self.output_shape(x.shape[1:])), x.dtype)
        (N, H, W, C), (down, across) = x.shape, pair(self.factor)
        output.reshape(N, H, down, W, across, C)[...] = x[:, :, None, :, None]
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx = the sum of dy over a pixel's copies."""
        (N, H, W, C), (down, across) = cache, pair(self.factor)
        d_x = empty(cache, d_output.dtype)
        d_output.reshape(N, H, down, W, across, C).sum((2, 4), out=d_x)
        return (d_x,)


class Unpooling(Enlarging):
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
        self.axes = axes(self.size, self.stride)

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
