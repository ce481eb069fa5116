"""Layers that only arrange numbers: flatten, and join branches by sum or side by side."""

from functools import partial

import numpy as np

from rosenblatt.kernels.core.capture import do
from rosenblatt.kernels.core.sums import add
from rosenblatt.layers.base import Layer, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.tape import empty


class Flatten(Layer):
    """[N, ...] -> [N, D], in the order of memory: for images rows, columns, then channels."""

    replays = True

    examples = (({}, (3, 4, 2)), ({}, (5,)))

    def output_shape(self, shape) -> Shape:
        return (int(np.prod(shape)),)

    def forward(self, x, *, train):
        return x.reshape(len(x), -1), x.shape

    def backward(self, d_output, cache, needs):
        """dx is dy in the shape of x."""
        return (d_output.reshape(cache),)


class Add(Layer):
    """y = a + b: where a shortcut meets its branch (He et al. 2016)."""

    replays = True

    examples = (({}, ((4, 3, 2), (4, 3, 2))),)

    def output_shape(self, shape) -> Shape:
        first, second = shape
        expect(first == second, f"cannot add shapes {first} and {second}")
        return first

    def forward(self, first, second, *, train):
        output = empty(first.shape, first.dtype)
        add(first.reshape(-1), second.reshape(-1), output.reshape(-1))
        return output, None

    def backward(self, d_output, cache, needs):
        """da = db = dy."""
        return d_output, d_output


class Concatenate(Layer):
    """Join any number of inputs side by side along the last axis, the channels."""

    replays = True

    examples = (({}, ((3, 2), (3, 4))), ({}, ((4, 3, 2), (4, 3, 1), (4, 3, 3))))

    def output_shape(self, shape) -> Shape:
        if not isinstance(shape[0], tuple):
            return shape
        for one in shape:
            last_axis(one, "joining side by side")
        expect(
            all(one[:-1] == shape[0][:-1] for one in shape),
            f"cannot join shapes {', '.join(map(str, shape))}: only the last axis may differ",
        )
        return (*shape[0][:-1], sum(one[-1] for one in shape))

    def forward(self, *inputs, train):
        widths = [x.shape[-1] for x in inputs]
        output = empty((*inputs[0].shape[:-1], sum(widths)), inputs[0].dtype)
        do(partial(np.concatenate, axis=-1, out=output), inputs)
        return output, widths

    def backward(self, d_output, cache, needs):
        """Each input gets its columns of dy."""
        d_inputs, first = [], 0
        for width in cache:
            d_x = empty((*d_output.shape[:-1], width), d_output.dtype)
            do(np.copyto, d_x, d_output[..., first : first + width])
            d_inputs.append(d_x)
            first += width
        return tuple(d_inputs)
