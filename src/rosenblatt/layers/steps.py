"""Layers that arrange numbers along time: join steps, repeat, cut columns out."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Whole, check_settings
from rosenblatt.tape import empty


class JoinSteps(Layer):
    """Any number of steps [N, D] become a sequence [N, T, D], in their order."""

    examples: ClassVar[list] = [({}, ((3,), (3,))), ({}, ((2,),))]

    def output_shape(self, shape) -> Shape:
        steps = shape if shape and isinstance(shape[0], tuple) else (shape,)
        first = steps[0]
        expect(all(one == first for one in steps), f"cannot join steps of shapes {shape}")
        return (len(steps), *first)

    def forward(self, *inputs, train):
        output = empty((len(inputs[0]), len(inputs), *inputs[0].shape[1:]), inputs[0].dtype)
        for t, x in enumerate(inputs):
            output[:, t] = x
        return output, None

    def backward(self, d_output, cache, needs):
        """Each step gets its own dy."""
        return tuple(np.ascontiguousarray(d_output[:, t]) for t in range(len(needs)))


class RepeatSteps(Layer):
    """x [N, D] becomes a sequence [N, steps, D] of equal inputs: one to many."""

    settings: ClassVar[Settings] = {"steps": SIZE}
    examples: ClassVar[list] = [({"steps": 3}, (4,))]

    def __init__(self, steps: int) -> None:
        self.steps = steps
        check_settings(self)

    def output_shape(self, shape) -> Shape:
        return (self.steps, *shape)

    def forward(self, x, *, train):
        output = empty((len(x), self.steps, *x.shape[1:]), x.dtype)
        output[...] = x[:, None]
        return output, None

    def backward(self, d_output, cache, needs):
        """dx is the sum of dy over the steps."""
        N, T = d_output.shape[:2]
        d_x = empty((N, *d_output.shape[2:]), d_output.dtype)
        rows = np.ascontiguousarray(d_output.swapaxes(0, 1)).reshape(T, -1)
        column_sums(rows, d_x.reshape(-1))
        return (d_x,)


class Columns(Layer):
    """Columns first ... first + count of the last axis, such as the output part of a state."""

    settings: ClassVar[Settings] = {"first": Whole(0, SIZE.high), "count": SIZE}
    examples: ClassVar[list] = [
        ({"first": 1, "count": 2}, (4,)),
        ({"first": 0, "count": 1}, (2, 3)),
    ]

    def __init__(self, first: int, count: int) -> None:
        self.first = first
        self.count = count
        check_settings(self)

    def output_shape(self, shape) -> Shape:
        last = self.first + self.count
        expect(
            last <= last_axis(shape, "a choice of columns"),
            f"no columns {self.first} to {last} in {shape}",
        )
        return (*shape[:-1], self.count)

    def forward(self, x, *, train):
        output = empty((*x.shape[:-1], self.count), x.dtype)
        output[...] = x[..., self.first : self.first + self.count]
        return output, x.shape

    def backward(self, d_output, cache, needs):
        """dx is dy in its columns, 0 elsewhere."""
        d_x = empty(cache, d_output.dtype)
        d_x[...] = 0
        d_x[..., self.first : self.first + self.count] = d_output
        return (d_x,)
