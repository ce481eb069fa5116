"""Normalisation within each sample, so that neither the batch nor its size matters.

All three bring groups of a sample's numbers to one scale, then scale and shift each index anew; in
training and at prediction they do the same.
"""

import math
from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural import group_normalisation as kernels
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Real, Whole, check_settings
from rosenblatt.tape import Parameter, empty

EPSILON = Real(0, 1)


class _WithinSample(Layer):
    """What the three share; a subclass tells how x is divided, [N, S, G, L]."""

    centred: ClassVar[bool] = True  # the mean is taken off, and there is a shift
    epsilon: float

    def divided(self, shape: tuple[int, ...]) -> tuple[int, int, int]:
        """Return S, G, L: the S x L numbers of each of G groups share their moments."""
        raise NotImplementedError

    def output_shape(self, shape) -> Shape:
        _, G, L = self.divided(shape)
        if hasattr(self, "scale"):
            size = self.scale.value.size
            expect(size == G * L, f"the layer scales {size} numbers, not {G * L}")
        return shape

    def create(self, shape, rng) -> None:
        _, G, L = self.divided(shape)
        self.scale = Parameter(np.ones(G * L, np.float32), "scale", decay=False)
        if self.centred:
            self.shift = Parameter(np.zeros(G * L, np.float32), "shift", decay=False)

    def forward(self, x, *, train):
        S, G, L = self.divided(x.shape[1:])
        values, output = x.reshape(-1, S, G, L), empty(x.shape, x.dtype)
        moments = np.empty((len(values), G)), np.empty((len(values), G))
        scale = self.scale.value.reshape(G, L)
        shift = self.shift.value.reshape(G, L) if self.centred else np.zeros_like(scale)
        target = output.reshape(values.shape)
        kernels.normalise(values, self.centred, self.epsilon, scale, shift, *moments, target)
        return output, (values, moments)

    def backward(self, d_output, cache, needs):
        """d_shift = sum dy, d_scale = sum dy xn, dx = (d - mean d - xn mean(d xn)) / deviation.

        d = dy scale, xn the normalised x, means over a group (Ba, Kiros & Hinton 2016, section 3).
        """
        values, moments = cache
        _, _, G, L = values.shape
        d = d_output.reshape(values.shape)
        gradients = empty((G, L), d.dtype), empty((G, L), d.dtype)
        kernels.parameter_gradients(values, d, *moments, *gradients)
        parameters = (self.scale, self.shift) if self.centred else (self.scale,)
        for parameter, gradient in zip(parameters, gradients, strict=False):
            if parameter.trained:
                parameter.accumulate(gradient.reshape(-1))
        if not needs[0]:
            return (None,)
        d_x = empty(d_output.shape, d.dtype)
        scale = self.scale.value.reshape(G, L)
        d_values = d_x.reshape(values.shape)
        kernels.input_gradient(values, d, scale, *moments, self.centred, d_values)
        return (d_x,)


class LayerNormalisation(_WithinSample):
    """y = scale (x - mean) / sqrt(variance + epsilon) + shift over the last `axes` axes.

    Ba, Kiros & Hinton 2016, "Layer normalization", equations 3 and 4. scale and shift are [those
    axes' numbers], flat.
    """

    replays = True

    settings: ClassVar[Settings] = {"epsilon": EPSILON, "axes": Whole(1, 8)}
    examples = (({}, (5,)), ({}, (4, 11)), ({"axes": 2, "epsilon": 1e-3}, (3, 4, 9)))

    def __init__(self, epsilon: float = 1e-5, axes: int = 1) -> None:
        self.epsilon = epsilon
        self.axes = axes
        check_settings(self)

    def divided(self, shape) -> tuple[int, int, int]:
        last_axis(shape, "layer normalisation")
        expect(len(shape) >= self.axes, f"axes = {self.axes} of a shape of {len(shape)}")
        return 1, 1, math.prod(shape[-self.axes :])


class RMSNormalisation(LayerNormalisation):
    """y = scale x / sqrt(mean of x^2 + epsilon) over the last `axes` axes.

    Zhang & Sennrich 2019, "Root mean square layer normalization", equation 4.
    """

    replays = True

    centred = False


class GroupNormalisation(_WithinSample):
    """As layer normalisation, over all places and one of `groups` groups of channels.

    x [N, ..., C]; scale and shift are [C] (Wu & He 2018, equations 1 to 6). With as many groups as
    channels it is instance normalisation (Ulyanov, Vedaldi & Lempitsky 2016).
    """

    replays = True

    settings: ClassVar[Settings] = {"groups": Whole(1, 2**24), "epsilon": EPSILON}
    examples = (({"groups": 2}, (3, 4, 6)), ({"groups": 3, "epsilon": 1e-3}, (5, 27)))

    def __init__(self, groups: int, epsilon: float = 1e-5) -> None:
        self.groups = groups
        self.epsilon = epsilon
        check_settings(self)

    def divided(self, shape) -> tuple[int, int, int]:
        channels = last_axis(shape, "group normalisation")
        expect(
            channels % self.groups == 0,
            f"groups = {self.groups} do not divide {channels} channels",
        )
        return math.prod(shape[:-1]), self.groups, channels // self.groups
