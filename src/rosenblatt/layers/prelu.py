"""A rectifier that learns how much of what is below zero passes."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural.prelu import prelu, prelu_gradients
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Real, check_settings
from rosenblatt.tape import Parameter, empty


class PReLU(Layer):
    """y = x where x > 0, else slope x, with a slope [C] for each index of the last axis.

    He et al. 2015, "Delving deep into rectifiers", equation 1; the slopes start at `slope` and are
    not decayed, as there.
    """

    replays = True

    settings: ClassVar[Settings] = {"slope": Real(-1e3, 1e3)}
    examples = (({}, (7,)), ({"slope": 0.5}, (3, 4, 2)))

    def __init__(self, slope: float = 0.25) -> None:
        self.slope = slope
        check_settings(self)

    def create(self, shape, rng) -> None:
        start = np.full(shape[-1], self.slope, np.float32)
        self.slopes = Parameter(start, "slopes", decay=False)

    def output_shape(self, shape) -> Shape:
        channels = last_axis(shape, "PReLU")
        if hasattr(self, "slopes"):
            C = self.slopes.value.size
            expect(channels == C, f"the layer has {C} slopes, not {channels}")
        return shape

    def forward(self, x, *, train):
        output, C = empty(x.shape, x.dtype), x.shape[-1]
        prelu(x.reshape(-1, C), self.slopes.value, output.reshape(-1, C))
        return output, x

    def backward(self, d_output, cache, needs):
        """dx = dy where x > 0, else slope dy; d_slope = sum of dy x over x <= 0 (ibid., eq. 3)."""
        C = cache.shape[-1]
        d_x, d_slopes = empty(cache.shape, cache.dtype), empty((C,), cache.dtype)
        rows = cache.reshape(-1, C), d_output.reshape(-1, C)
        prelu_gradients(*rows, self.slopes.value, d_x.reshape(-1, C), d_slopes)
        if self.slopes.trained:
            self.slopes.accumulate(d_slopes)
        return (d_x,)
