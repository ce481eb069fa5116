"""Batch normalisation: each channel brought to mean 0 and variance 1, then scaled and shifted."""

from typing import ClassVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.core.capture import do
from rosenblatt.kernels.neural import normalisation as kernels
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Real, check_settings
from rosenblatt.tape import Parameter, empty


class BatchNormalisation(Layer):
    """y = scale (x - mean) / sqrt(variance + epsilon) + shift, for each index of the last axis.

    scale, shift and statistics are [C]. In training the mean and variance are the batch's, over all
    other axes, and the running ones move towards them by `momentum`; otherwise the running ones
    serve (Ioffe & Szegedy 2015, algorithms 1 and 2). Raises UserError in training where there is
    one number for each channel alone, such as a single row after a dense layer: it has no variance.
    """

    replays = True

    settings: ClassVar[Settings] = {"momentum": Real(1e-6, 1), "epsilon": Real(0, 1)}
    examples = (({}, (5,)), ({"momentum": 0.5, "epsilon": 1e-3}, (4, 3, 2)))

    def __init__(self, momentum: float = 0.1, epsilon: float = 1e-5) -> None:
        self.momentum = momentum
        self.epsilon = epsilon
        check_settings(self)

    def create(self, shape, rng) -> None:
        C = shape[-1]
        self.scale = Parameter(np.ones(C, np.float32), "scale", decay=False)
        self.shift = Parameter(np.zeros(C, np.float32), "shift", decay=False)
        zeros, ones = np.zeros(C, np.float32), np.ones(C, np.float32)
        self.running_mean = Parameter(zeros, "running_mean", decay=False, trained=False)
        self.running_variance = Parameter(ones, "running_variance", decay=False, trained=False)

    def output_shape(self, shape) -> Shape:
        channels = last_axis(shape, "batch normalisation")
        if hasattr(self, "scale"):
            C = self.scale.value.size
            expect(channels == C, f"the layer normalises {C} channels, not {channels}")
        return shape

    def forward(self, x, *, train):
        C = x.shape[-1]
        rows, output = x.reshape(-1, C), empty(x.shape, x.dtype)
        if train:
            if len(rows) < 2:
                raise UserError(
                    "batch normalisation needs at least two rows in training: one has no variance; "
                    "take a batch_size of 2 or more, and more than one row."
                )
            mean, variance = empty((C,), x.dtype), empty((C,), x.dtype)
            kernels.moments(rows, mean, variance)
            do(self._follow, mean, variance, len(rows))
        else:
            mean, variance = self.running_mean.value, self.running_variance.value
        inverse = empty((C,), x.dtype)
        kernels.inverse_deviation(variance, x.dtype.type(self.epsilon), inverse)
        scale, shift = self.scale.value, self.shift.value
        kernels.normalise(rows, mean, inverse, scale, shift, output.reshape(-1, C))
        return output, (x, mean, inverse, train)

    def _follow(self, mean, variance, M):
        """Move the running statistics; the variance of a sample of M is low by (M - 1) / M."""
        for running, batch in (
            (self.running_mean.value, mean),
            (self.running_variance.value, variance * variance.dtype.type(M / (M - 1))),
        ):
            running += running.dtype.type(self.momentum) * (batch - running)

    def backward(self, d_output, cache, needs):
        """d_shift = sum dy, d_scale = sum dy xn, dx = scale/sigma (dy - mean dy - xn mean(dy xn)).

        xn is the normalised x, means over the batch (Ioffe & Szegedy 2015, section 3). With running
        statistics, which do not depend on x, the two means are absent.
        """
        x, mean, inverse, train = cache
        C = x.shape[-1]
        rows, d_rows = x.reshape(-1, C), d_output.reshape(-1, C)
        d_scale, d_shift = empty((C,), x.dtype), empty((C,), x.dtype)
        kernels.parameter_gradients(rows, d_rows, mean, inverse, d_scale, d_shift)
        for parameter, gradient in ((self.scale, d_scale), (self.shift, d_shift)):
            if parameter.trained:
                parameter.accumulate(gradient)
        if not needs[0]:
            return (None,)
        share = x.dtype.type(1.0 / len(rows) if train else 0.0)
        d_x, factor = empty(x.shape, x.dtype), empty((C,), x.dtype)
        d_mean, d_deviation = empty((C,), x.dtype), empty((C,), x.dtype)
        do(np.multiply, self.scale.value, inverse, factor)
        do(np.multiply, d_shift, share, d_mean)
        do(np.multiply, d_scale, share, d_deviation)
        columns = (mean, inverse, factor, d_mean, d_deviation)
        kernels.input_gradient(rows, d_rows, *columns, d_x.reshape(-1, C))
        return (d_x,)
