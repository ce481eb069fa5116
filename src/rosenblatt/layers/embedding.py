"""Embedding: a learned vector for each symbol."""

from typing import ClassVar

import numpy as np

from rosenblatt.arrays import as_numbers, check_whole
from rosenblatt.kernels.neural.embedding import scatter_rows
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.initialisers import he_normal
from rosenblatt.ranges import check_settings
from rosenblatt.tape import Parameter, empty


class Embedding(Layer):
    """y = W[x]: symbols x [N, ...] of whole numbers 0..symbols-1, W [symbols, units].

    The product of a one-hot vector with W, without the zeros (Bengio et al. 2003, section 2).
    The vectors start from a normal distribution of variance 1/units. UserError where a symbol is
    out of range.
    """

    settings: ClassVar[Settings] = {"symbols": SIZE, "units": SIZE}
    examples: ClassVar[list] = [({"symbols": 3, "units": 4}, (5,))]

    def __init__(self, symbols: int, units: int) -> None:
        self.symbols = symbols
        self.units = units
        check_settings(self)

    def create(self, shape, rng) -> None:
        weight = he_normal((self.units, self.symbols), rng).T * np.float32(np.sqrt(0.5))
        self.weight = Parameter(np.ascontiguousarray(weight), "weight")

    def output_shape(self, shape) -> Shape:
        return (*shape, self.units)

    def receive(self, place, x, dtype) -> np.ndarray:
        symbols = as_numbers(x, "symbols")
        axes = " ".join("NTUVW"[: max(symbols.ndim, 1)])
        return check_whole(symbols, axes, 0, self.symbols - 1, "symbols")

    def forward(self, x, *, train):
        output = empty((*x.shape, self.units), self.weight.value.dtype)
        np.take(self.weight.value, x, axis=0, out=output, mode="clip")
        return output, x

    def backward(self, d_output, cache, needs):
        """dW[v] is the sum of dy where x is v; dx, of whole numbers, is zero."""
        x = cache
        gradient = empty(self.weight.value.shape, d_output.dtype)
        scatter_rows(x.reshape(-1), d_output.reshape(-1, self.units), gradient)
        self.weight.accumulate(gradient)
        return (np.zeros(x.shape, d_output.dtype) if needs[0] else None,)
