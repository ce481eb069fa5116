"""Maxout: a unit whose activation function is learned, as the largest of several lines."""

from typing import ClassVar

import numpy as np

from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import check_settings
from rosenblatt.tape import empty


class Maxout(Layer):
    """y[..., k] = max over j of x[..., j K + k]: [..., pieces K] -> [..., K].

    After a dense layer or a convolution of `pieces` K units: each unit is the largest of its
    pieces, a convex function (Goodfellow et al. 2013, section 2).
    """

    settings: ClassVar[Settings] = {"pieces": SIZE}
    examples = (({"pieces": 2}, (6,)), ({"pieces": 3}, (2, 2, 3)))

    def __init__(self, pieces: int) -> None:
        self.pieces = pieces
        check_settings(self)

    def output_shape(self, shape) -> Shape:
        numbers = last_axis(shape, "a maxout")
        expect(
            numbers % self.pieces == 0,
            f"{numbers} numbers are not {self.pieces} pieces of each unit",
        )
        return (*shape[:-1], shape[-1] // self.pieces)

    def _split(self, array):
        return array.reshape(*array.shape[:-1], self.pieces, -1)

    def forward(self, x, *, train):
        chosen = self._split(x).argmax(-2)
        output = empty(chosen.shape, x.dtype)
        np.max(self._split(x), axis=-2, out=output)
        return output, (chosen, x.shape)

    def backward(self, d_output, cache, needs):
        """dx = dy for the piece that was the largest, the first of equal ones, else 0."""
        chosen, shape = cache
        d_x = empty(shape, d_output.dtype)
        d_x[...] = 0
        np.put_along_axis(self._split(d_x), chosen[..., None, :], d_output[..., None, :], axis=-2)
        return (d_x,)
