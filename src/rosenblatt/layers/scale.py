"""A gain and a bias for each channel, and a choice among channels: what old networks pool with."""

from collections.abc import Sequence
from functools import partial
from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.capture import do
from rosenblatt.kernels.neural import normalisation as kernels
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Each, Real, Whole, check_settings
from rosenblatt.tape import Parameter, empty


class Scale(Layer):
    """y = scale x + shift, for each index of the last axis; scale and shift [C], from 1 and 0.

    rate: of both, in the schedule's rates.
    """

    replays = True

    settings: ClassVar[Settings] = {"rate": Real(1e-3, 1e3)}
    examples = (({}, (5,)), ({"rate": 6.0}, (3, 2, 4)))

    def __init__(self, rate: float = 1.0) -> None:
        self.rate = rate
        check_settings(self)

    def create(self, shape, rng) -> None:
        start = np.ones(shape[-1], np.float32), np.zeros(shape[-1], np.float32)
        self.scale = Parameter(start[0], "scale", decay=False, rate=self.rate)
        self.shift = Parameter(start[1], "shift", decay=False, rate=self.rate)

    def output_shape(self, shape) -> Shape:
        channels = last_axis(shape, "a scale")
        if hasattr(self, "scale"):
            C = self.scale.value.size
            expect(channels == C, f"the layer scales {C} channels, not {channels}")
        return shape

    def forward(self, x, *, train):
        C, output = x.shape[-1], empty(x.shape, x.dtype)
        columns = (self.scale.value, self.shift.value)
        still = np.zeros(C, x.dtype), np.ones(C, x.dtype)
        kernels.normalise(x.reshape(-1, C), *still, *columns, output.reshape(-1, C))
        return output, x

    def backward(self, d_output, cache, needs):
        """d_scale = sum dy x, d_shift = sum dy over all but the channel; dx = dy scale."""
        x, C = cache, cache.shape[-1]
        d_scale, d_shift = empty((C,), x.dtype), empty((C,), x.dtype)
        still = np.zeros(C, x.dtype), np.ones(C, x.dtype)
        rows = x.reshape(-1, C), d_output.reshape(-1, C)
        kernels.parameter_gradients(*rows, *still, d_scale, d_shift)
        for parameter, gradient in ((self.scale, d_scale), (self.shift, d_shift)):
            if parameter.trained:
                parameter.accumulate(gradient)
        if not needs[0]:
            return (None,)
        return (do(np.multiply, d_output, self.scale.value, empty(x.shape, x.dtype)),)


class Channels(Layer):
    """y = the chosen channels of x [..., C], in the order in which `chosen` names them."""

    replays = True

    settings: ClassVar[Settings] = {"chosen": Each(Whole(0, SIZE.high), 1, SIZE.high)}
    examples = (({"chosen": [0, 2]}, (3, 2, 4)), ({"chosen": (1,)}, (3,)))

    def __init__(self, chosen: Sequence[int]) -> None:
        self.chosen = tuple(chosen) if isinstance(chosen, Sequence) else chosen
        check_settings(self)
        expect(len(set(self.chosen)) == len(self.chosen), f"channels repeat in {self.chosen}")

    def output_shape(self, shape) -> Shape:
        channels = last_axis(shape, "a choice of channels")
        known = all(0 <= channel < channels for channel in self.chosen)
        expect(known, f"{channels} channels have not all of {self.chosen}")
        return (*shape[:-1], len(self.chosen))

    def forward(self, x, *, train):
        output = empty((*x.shape[:-1], len(self.chosen)), x.dtype)
        do(partial(np.take, axis=-1, out=output, mode="clip"), x, self.chosen)
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx = dy for the chosen channels, 0 for the others."""
        d_x = empty(cache, d_output.dtype)
        do(d_x.fill, 0)
        do(d_x.__setitem__, (..., list(self.chosen)), d_output)
        return (d_x,)
