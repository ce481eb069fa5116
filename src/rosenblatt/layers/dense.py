"""The dense layer: each unit sees all inputs."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.kernels.neural.activations import relu_gradient
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.initialisers import INITIALISERS
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import Choice, check_settings
from rosenblatt.tape import Parameter, empty

FLOORS = {None: -np.inf, "relu": 0.0}
ACTIVATION, INITIALISER = Choice(tuple(FLOORS)), Choice(tuple(INITIALISERS))


class Dense(Layer):
    """y = f(x W + b) over the last axis: x [..., D], W [D, units], b [units], y [..., units].

    activation None or "relu" (fused into the product); initialiser he_uniform or glorot_uniform.
    """

    replays = True

    settings: ClassVar[Settings] = {
        "units": SIZE, "activation": ACTIVATION, "initialiser": INITIALISER,
    }  # fmt: skip
    examples = (
        ({"units": 3}, (5,)),
        ({"units": 4, "activation": "relu"}, (7,)),
        ({"units": 2, "initialiser": "glorot_uniform"}, (3, 6)),
    )

    def __init__(
        self, units: int, activation: str | None = None, initialiser: str = "he_uniform"
    ) -> None:
        self.units = units
        self.activation = activation
        self.initialiser = initialiser
        check_settings(self)

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    def create(self, shape, rng) -> None:
        weight = INITIALISERS[self.initialiser]((shape[-1], self.units), rng)
        self.weight = Parameter(weight, "weight")
        self.bias = Parameter(np.zeros(self.units, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        seen = last_axis(shape, "a dense layer")
        if hasattr(self, "weight"):
            D = self.weight.value.shape[0]
            expect(seen == D, f"the dense layer has weights for {D} inputs, not {shape[-1]}")
        return (*shape[:-1], self.units)

    def multiply_adds(self, shape) -> int:
        return int(np.prod(shape)) * self.units

    def forward(self, x, *, train):
        weight, bias = self.weight.value, self.bias.value
        output = empty((*x.shape[:-1], self.units), x.dtype)
        rows = x.reshape(-1, x.shape[-1])
        floor = FLOORS[self.activation]
        gemm(rows, weight, output.reshape(-1, self.units), bias=bias, floor=floor)
        return output, (x, output)

    def backward(self, d_output, cache, needs):
        """dW = x^T d, db = sum of d, dx = d W^T, where d = dy f'(y)."""
        x, output = cache
        d = d_output
        if self.activation == "relu":
            d = empty(d_output.shape, d_output.dtype)
            relu_gradient(output.reshape(-1), d_output.reshape(-1), d.reshape(-1))
        d, rows = d.reshape(-1, self.units), x.reshape(-1, x.shape[-1])
        if self.weight.trained:
            d_weight = empty(self.weight.value.shape, d.dtype)
            self.weight.accumulate(gemm(rows, d, d_weight, transpose=(True, False)))
        if self.bias.trained:
            d_bias = empty(self.bias.value.shape, d.dtype)
            column_sums(d, d_bias)
            self.bias.accumulate(d_bias)
        if not needs[0]:
            return (None,)
        d_x = empty(x.shape, d.dtype)
        gemm(d, self.weight.value, d_x.reshape(rows.shape), transpose=(False, True))
        return (d_x,)
