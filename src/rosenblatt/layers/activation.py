"""Activation functions as layers: a number in, a number out."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural import activations, smooth
from rosenblatt.layers.base import Layer, Settings
from rosenblatt.ranges import BELOW_ONE, FLAG, FROM_ZERO, SHARE, check_settings
from rosenblatt.tape import current_tape, empty


class _Elementwise(Layer):
    """A function applied to each number; a subclass names the two kernels and their scalars.

    The derivative is computed from the output.
    """

    examples = (({}, (7,)), ({}, (3, 4, 2)))
    function = staticmethod(activations.relu)
    derivative = staticmethod(activations.relu_gradient)

    def scalars(self, dtype) -> tuple[np.generic, ...]:
        """Return what the kernels take beside arrays."""
        return ()

    def forward(self, x, *, train):
        output = empty(x.shape, x.dtype)
        self.function(x.reshape(-1), output.reshape(-1), *self.scalars(x.dtype))
        return output, output

    def backward(self, d_output, cache, needs):
        """dx = dy f'(x)."""
        d_x = empty(d_output.shape, d_output.dtype)
        flat = cache.reshape(-1), d_output.reshape(-1), d_x.reshape(-1)
        self.derivative(*flat, *self.scalars(d_output.dtype))
        return (d_x,)


class ReLU(_Elementwise):
    """y = max(x, 0) (Nair & Hinton 2010). Backward passes dy where y > 0."""

    replays = True


class LeakyReLU(_Elementwise):
    """y = x where x > 0, else slope x, 0 <= slope < 1 (Maas et al. 2013)."""

    replays = True

    settings: ClassVar[Settings] = {"slope": BELOW_ONE}
    examples = (({}, (7,)), ({"slope": 0.25}, (3, 4, 2)))
    function = staticmethod(activations.leaky_relu)
    derivative = staticmethod(activations.leaky_relu_gradient)

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope
        check_settings(self)

    def scalars(self, dtype) -> tuple[np.generic, ...]:
        return (dtype.type(self.slope),)


class Sigmoid(_Elementwise):
    """y = 1 / (1 + e^-x), dy/dx = y (1 - y)."""

    replays = True

    function = staticmethod(activations.sigmoid)
    derivative = staticmethod(activations.sigmoid_gradient)


class Tanh(_Elementwise):
    """y = tanh x, dy/dx = 1 - y^2."""

    replays = True

    function = staticmethod(activations.tanh)
    derivative = staticmethod(activations.tanh_gradient)


class _Smooth(_Elementwise):
    """A function whose derivative is told from its input, which is kept."""

    def forward(self, x, *, train):
        return super().forward(x, train=train)[0], x


class SiLU(_Smooth):
    """y = x / (1 + e^-x) (Elfwing, Uchibe & Doya 2018), also called Swish."""

    replays = True

    function = staticmethod(smooth.silu)
    derivative = staticmethod(smooth.silu_gradient)


class GELU(_Elementwise):
    """y = x P(X < x), X standard normal (Hendrycks & Gimpel 2016).

    approximate: y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), section 2, instead. Where a
    gradient may be asked for, the derivative is found with the value: P takes long.
    """

    replays = True

    settings: ClassVar[Settings] = {"approximate": FLAG}
    examples = (({}, (7,)), ({"approximate": True}, (3, 4, 2)))

    def __init__(self, approximate: bool = False) -> None:
        self.approximate = approximate
        check_settings(self)
        if approximate:
            self.function, self.slope = smooth.gelu_tanh, smooth.gelu_tanh_slope

    function = staticmethod(smooth.gelu)
    slope = staticmethod(smooth.gelu_slope)
    derivative = staticmethod(smooth.slope_gradient)

    def forward(self, x, *, train):
        if not train and current_tape() is None:
            return super().forward(x, train=train)[0], None
        output, slope = empty(x.shape, x.dtype), empty(x.shape, x.dtype)
        self.slope(x.reshape(-1), output.reshape(-1), slope.reshape(-1))
        return output, slope


class ELU(_Smooth):
    """y = x where x > 0, else alpha (e^x - 1) (Clevert, Unterthiner & Hochreiter 2016, eq. 15)."""

    replays = True

    settings: ClassVar[Settings] = {"alpha": FROM_ZERO}
    examples = (({}, (7,)), ({"alpha": 0.3}, (3, 4, 2)))
    function = staticmethod(smooth.elu)
    derivative = staticmethod(smooth.elu_gradient)

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = alpha
        check_settings(self)

    def scalars(self, dtype) -> tuple[np.generic, ...]:
        return (dtype.type(self.alpha),)


class Softplus(_Smooth):
    """y = log(1 + e^x) (Dugas et al. 2001), a smooth rectifier; dy/dx = 1 / (1 + e^-x)."""

    replays = True

    function = staticmethod(smooth.softplus)
    derivative = staticmethod(smooth.softplus_gradient)


class HardSigmoid(_Smooth):
    """y = slope x + offset, cut off at 0 and 1: straight pieces for a sigmoid."""

    replays = True

    settings: ClassVar[Settings] = {"slope": FROM_ZERO, "offset": SHARE}
    examples = (({}, (7,)), ({"slope": 0.2, "offset": 0.4}, (3, 4, 2)))
    function = staticmethod(smooth.hard_sigmoid)
    derivative = staticmethod(smooth.hard_sigmoid_gradient)

    def __init__(self, slope: float = 1 / 6, offset: float = 0.5) -> None:
        self.slope = slope
        self.offset = offset
        check_settings(self)

    def scalars(self, dtype) -> tuple[np.generic, ...]:
        return dtype.type(self.slope), dtype.type(self.offset)
