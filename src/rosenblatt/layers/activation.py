"""Activation functions as layers; their derivatives are told from their outputs."""

from typing import ClassVar

from rosenblatt.kernels.neural import activations
from rosenblatt.layers.base import Layer, Settings
from rosenblatt.ranges import BELOW_ONE, check_settings
from rosenblatt.tape import empty


class _Elementwise(Layer):
    """A function applied to each number; a subclass names the two kernels and their scalars."""

    examples = (({}, (7,)), ({}, (3, 4, 2)))
    function = staticmethod(activations.relu)
    derivative = staticmethod(activations.relu_gradient)

    def scalars(self, dtype):
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


class LeakyReLU(_Elementwise):
    """y = x where x > 0, else slope x, 0 <= slope < 1 (Maas et al. 2013)."""

    settings: ClassVar[Settings] = {"slope": BELOW_ONE}
    examples = (({}, (7,)), ({"slope": 0.25}, (3, 4, 2)))
    function = staticmethod(activations.leaky_relu)
    derivative = staticmethod(activations.leaky_relu_gradient)

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = slope
        check_settings(self)

    def scalars(self, dtype):
        return (dtype.type(self.slope),)


class Sigmoid(_Elementwise):
    """y = 1 / (1 + e^-x), dy/dx = y (1 - y)."""

    function = staticmethod(activations.sigmoid)
    derivative = staticmethod(activations.sigmoid_gradient)


class Tanh(_Elementwise):
    """y = tanh x, dy/dx = 1 - y^2."""

    function = staticmethod(activations.tanh)
    derivative = staticmethod(activations.tanh_gradient)
