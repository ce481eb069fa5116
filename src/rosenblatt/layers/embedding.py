"""Embedding: a learned vector for each symbol."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.embedding import scatter_rows
from rosenblatt.layers.base import Layer, expect
from rosenblatt.layers.initialisers import he_normal
from rosenblatt.tape import Parameter, empty


class Embedding(Layer):
    """y = W[x]: symbols x [N, ...] of whole numbers 0..symbols-1, W [symbols, units].

    The product of a one-hot vector with W, without the zeros (Bengio et al. 2003, section 2).
    The vectors start from a normal distribution of variance 1/units. IndexError where a symbol is
    out of range.
    """

    examples: ClassVar[list] = [({"symbols": 3, "units": 4}, (5,))]

    def __init__(self, symbols: int, units: int) -> None:
        expect(symbols >= 1, f"an embedding needs at least one symbol, not {symbols}")
        expect(units >= 1, f"an embedding needs at least one unit, not {units}")
        self.symbols = symbols
        self.units = units

    def create(self, shape, rng):
        weight = he_normal((self.units, self.symbols), rng).T * np.float32(np.sqrt(0.5))
        self.weight = Parameter(np.ascontiguousarray(weight), "weight")

    def output_shape(self, shape):
        return (*shape, self.units)

    def forward(self, x, *, train):
        symbols = np.ascontiguousarray(x, np.int64)
        if symbols.size and not 0 <= symbols.min() <= symbols.max() < self.symbols:
            raise IndexError(f"symbols must be from 0 to {self.symbols - 1}")
        output = empty((*x.shape, self.units), self.weight.value.dtype)
        np.take(self.weight.value, symbols, axis=0, out=output, mode="clip")
        return output, (symbols, x)

    def backward(self, d_output, cache, needs):
        """dW[v] is the sum of dy where x is v; dx, of whole numbers, is zero."""
        symbols, x = cache
        gradient = empty(self.weight.value.shape, d_output.dtype)
        scatter_rows(symbols.reshape(-1), d_output.reshape(-1, self.units), gradient)
        self.weight.accumulate(gradient)
        return (np.zeros(x.shape, d_output.dtype) if needs[0] else None,)
