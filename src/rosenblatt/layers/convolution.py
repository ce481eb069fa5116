"""The convolutional layers: the same small weights at every place of an image or a sequence."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.kernels.convolution.dispatch import (
    convolution_input_gradient,
    convolution_weight_gradient,
    convolve,
    convolve_pool,
    pooled_input_gradient,
    pooled_weight_gradient,
)
from rosenblatt.layers.base import SIZE, Settings, Shape
from rosenblatt.layers.dense import ACTIVATION, FLOORS, INITIALISER
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.layers.inputs import expect
from rosenblatt.layers.windows import (
    BORDER,
    KERNEL,
    PADDING,
    SAME,
    Axis,
    Windowed,
    along,
    axes,
    geometry_of,
    pairs,
)
from rosenblatt.ranges import NONE, Each, Either, Whole, check_settings
from rosenblatt.tape import Parameter, empty


def check_groups(what: str, count: int, groups: int) -> None:
    """Raise UserError where channels or filters do not fall into equal groups."""
    expect(count % groups == 0, f"{count} {what} do not fall into {groups} equal groups")


class _Convolution(Windowed):
    """What convolutions of images and of sequences do alike; sequences are images of one row."""

    filters: int
    kernel_size: Any
    activation: str | None
    initialiser: str
    groups: int
    pooling: int | None = None

    def __post_init__(self) -> None:
        check_settings(self)
        check_groups("filters", self.filters, self.groups)
        self.axes = self._axes()

    def _axes(self) -> tuple[Axis, Axis]:
        raise NotImplementedError

    @property
    def windows(self) -> Any:
        pooling = self.pooling or 1
        rows, columns = (
            (axis.extent + (pooling - 1) * axis.stride, axis.stride * pooling) for axis in self.axes
        )
        return rows, columns

    def create(self, shape, rng) -> None:
        rows, columns = self.axes
        size = rows.size, columns.size, shape[-1] // self.groups, self.filters
        self.weight = Parameter(INITIALISERS[self.initialiser](size, rng), "weight")
        self.bias = Parameter(np.zeros(self.filters, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a convolution takes images (H, W, C), not {shape}")
        H, W, C = shape
        check_groups("channels", C, self.groups)
        if hasattr(self, "weight"):
            known = self.weight.value.shape[2] * self.groups
            expect(known == C, f"the convolution has weights for {known} channels, not {C}")
        rows, columns = (axis.count(n) for axis, n in zip(self.axes, (H, W), strict=True))
        pooling = self.pooling or 1
        fits = rows >= pooling and columns >= pooling
        expect(fits, f"a kernel of {self.kernel_size} pixels does not fit into {H} x {W}")
        return rows // pooling, columns // pooling, self.filters

    def multiply_adds(self, shape) -> int:
        g = self._geometry((1, *shape))
        return int(np.prod(g.output)) * g.F * g.KH * g.KW * (g.C // g.groups)

    def _geometry(self, shape):
        return geometry_of(shape, shape[-1] // self.groups, self.filters, self.axes, self.groups)

    def forward(self, x, *, train):
        return self._run(x)

    def _run(self, x):
        """Return the output of images x, and what `_gradients` needs."""
        g = self._geometry(x.shape)
        sides = (side // (self.pooling or 1) for side in g.output)
        output = empty((len(x), *sides, self.filters), x.dtype)
        weight, bias, floor = self.weight.value, self.bias.value, FLOORS[self.activation]
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
        return (self._gradients(d_output, cache, needs[0]),)

    def _gradients(self, d_output, cache, needed):
        """Accumulate the parameters' gradients; return that of the images where it is needed."""
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
        if not needed:
            return None
        d_x = empty(x.shape, x.dtype)
        if self.pooling:
            pooled_input_gradient(d_output, output, switches, weight, g, size, floor, d_x)
        else:
            convolution_input_gradient(d_output, output, weight, g, d_x)
        return d_x


@dataclass(eq=False, repr=False)
class Convolution(_Convolution):
    """y[p, f] = f(b[f] + sum over taps t, channels c of x[stride p + dilation t - padding, c]
    W[t, c, f]).

    x [N, H, W, C], W [KH, KW, C / groups, F], b [F], y [N, HO, WO, F] with HO = (H + padding -
    dilation (KH - 1) - 1) // stride + 1 (LeCun et al. 1998, section II; Dumoulin & Visin 2016,
    relationship 15). kernel_size, stride, dilation: a number, or (rows, columns); padding: so too,
    or ((top, bottom), (left, right)), or "same", which keeps the size at stride 1 and needs an odd
    kernel. Of `groups`, each has F / groups filters that see its C / groups channels (Krizhevsky et
    al. 2012); as many groups as channels make it depthwise. activation None or "relu" (fused).
    pooling: y is then the largest number of each window of so many pixels a side, side by side
    (fused).
    """

    replays = True

    settings: ClassVar[Settings] = {
        "filters": SIZE,
        "kernel_size": pairs(KERNEL),
        "stride": pairs(KERNEL),
        "padding": Either(PADDING, SAME),
        "activation": ACTIVATION,
        "initialiser": INITIALISER,
        "pooling": Either(Whole(2, 15), NONE),
        "dilation": pairs(KERNEL),
        "groups": SIZE,
    }
    examples: ClassVar[Any] = (
        ({"filters": 3, "kernel_size": 3}, (5, 6, 2)),
        ({"filters": 2, "kernel_size": 3, "padding": "same", "activation": "relu"}, (4, 5, 1)),
        ({"filters": 4, "kernel_size": 2, "stride": 2, "padding": 1}, (5, 4, 3)),
        ({"filters": 3, "kernel_size": 3, "activation": "relu", "pooling": 2}, (7, 8, 2)),
        ({"filters": 4, "kernel_size": (2, 3), "stride": (2, 1), "dilation": (1, 2),
          "padding": ((2, 0), (1, 3)), "groups": 2}, (5, 4, 4)),
        ({"filters": 6, "kernel_size": 3, "padding": 1, "groups": 3, "activation": "relu"},
         (4, 5, 3)),
        ({"filters": 2, "kernel_size": (1, 3), "padding": (0, 1), "pooling": 2}, (4, 5, 2)),
    )  # fmt: skip

    filters: int
    kernel_size: Any
    stride: Any = 1
    padding: Any = 0
    activation: str | None = None
    initialiser: str = "he_uniform"
    pooling: int | None = None
    dilation: Any = 1
    groups: int = 1

    def _axes(self) -> tuple[Axis, Axis]:
        return axes(self.kernel_size, self.stride, self.padding, self.dilation)


@dataclass(eq=False, repr=False)
class Convolution1D(_Convolution):
    """A convolution along sequences: x [N, T, C], W [1, K, C / groups, F], y [N, TO, F].

    As Convolution on images of one row; padding is a number, (before, after), or "same".
    """

    replays = True

    settings: ClassVar[Settings] = {
        "filters": SIZE,
        "kernel_size": KERNEL,
        "stride": KERNEL,
        "padding": Either(Either(BORDER, Each(BORDER, 2, 2)), SAME),
        "activation": ACTIVATION,
        "initialiser": INITIALISER,
        "dilation": KERNEL,
        "groups": SIZE,
    }
    examples = (
        ({"filters": 3, "kernel_size": 3, "padding": "same", "activation": "relu"}, (5, 2)),
        ({"filters": 2, "kernel_size": 2, "stride": 2, "padding": (3, 0)}, (4, 3)),
        ({"filters": 4, "kernel_size": 3, "dilation": 2, "groups": 2}, (6, 4)),
    )

    filters: int
    kernel_size: int
    stride: int = 1
    padding: Any = 0
    activation: str | None = None
    initialiser: str = "he_uniform"
    dilation: int = 1
    groups: int = 1

    def _axes(self) -> tuple[Axis, Axis]:
        return along(self.kernel_size, self.stride, self.padding, self.dilation)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 2, f"a 1-D convolution takes sequences (T, C), not {shape}")
        return super().output_shape((1, *shape))[1:]

    def multiply_adds(self, shape) -> int:
        return super().multiply_adds((1, *shape))

    def forward(self, x, *, train):
        output, cache = self._run(x[:, None])
        return output[:, 0], cache

    def backward(self, d_output, cache, needs):
        """As of images of one row."""
        d_x = self._gradients(d_output[:, None], cache, needs[0])
        return (None if d_x is None else d_x[:, 0],)
