"""Recurrence over a grid: each place hears the place above it and the place to its left.

Graves, Fernandez & Schmidhuber 2007, Multi-dimensional recurrent neural networks, equations 1-8 in
two dimensions. The places of one anti-diagonal do not depend on each other: they go together.
"""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.sums import column_sums
from rosenblatt.kernels.neural.activations import tanh, tanh_gradient
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.initialisers import glorot_uniform
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import Choice, check_settings
from rosenblatt.tape import Parameter, empty

CORNERS = Choice(("top left", "top right", "bottom left", "bottom right"))


class GridRecurrent(Layer):
    """h_ij = tanh(x_ij W + h_{i-1,j} U_up + h_{i,j-1} U_left + b), zeros beyond the border.

    x [N, H, W, C] to [N, H, W, units]; W [C, units], U_up and U_left [units, units], b [units].
    `corner` is where the sweep begins: "top left", "top right", "bottom left", "bottom right"; four
    such layers side by side see the whole image from everywhere.
    """

    window = None
    settings: ClassVar[Settings] = {"units": SIZE, "corner": CORNERS}
    examples: ClassVar[list] = [
        ({"units": 3}, (2, 3, 2)),
        ({"units": 2, "corner": "bottom right"}, (3, 2, 1)),
    ]

    def __init__(self, units: int, corner: str = "top left") -> None:
        self.units = units
        self.corner = corner
        check_settings(self)

    def create(self, shape, rng) -> None:
        units = self.units
        self.weight = Parameter(glorot_uniform((shape[2], units), rng), "weight")
        self.up = Parameter(glorot_uniform((units, units), rng) * np.float32(0.7), "up")
        self.left = Parameter(glorot_uniform((units, units), rng) * np.float32(0.7), "left")
        self.bias = Parameter(np.zeros(units, np.float32), "bias", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 3, f"a recurrence over a grid takes images (H, W, C), not {shape}")
        if hasattr(self, "weight"):
            C = self.weight.value.shape[0]
            expect(shape[2] == C, f"the layer has weights for {C} channels, not {shape[2]}")
        return (*shape[:2], self.units)

    def multiply_adds(self, shape) -> int:
        return shape[0] * shape[1] * (shape[2] + 2 * self.units) * self.units

    def _turned(self, x):
        """Return a view of x whose first place is the corner where the sweep begins."""
        rows = -1 if self.corner.startswith("bottom") else 1
        columns = -1 if self.corner.endswith("right") else 1
        return x[:, ::rows, ::columns]

    def forward(self, x, *, train):
        N, H, W, C = x.shape
        inputs = np.ascontiguousarray(self._turned(x))
        sums = empty((N, H, W, self.units), x.dtype)
        gemm(inputs.reshape(-1, C), self.weight.value, sums.reshape(-1, self.units),
             bias=self.bias.value)  # fmt: skip
        # One row and one column of zeros are the border.
        states = empty((N, H + 1, W + 1, self.units), x.dtype)
        states[:, 0] = 0
        states[:, :, 0] = 0
        for i, j in _diagonals(H, W):
            total = np.ascontiguousarray(sums[:, i, j])
            rows = total.reshape(-1, self.units)
            gemm(_rows(states[:, i, j + 1]), self.up.value, rows, accumulate=True)
            gemm(_rows(states[:, i + 1, j]), self.left.value, rows, accumulate=True)
            tanh(total.reshape(-1), total.reshape(-1))
            states[:, i + 1, j + 1] = total
        output = empty((N, H, W, self.units), x.dtype)
        output[...] = self._turned(states[:, 1:, 1:])
        return output, (inputs, states)

    def backward(self, d_output, cache, needs):
        """With d = dh (1 - h^2), from the last diagonal: dh_{i-1,j} += d U_up^T, likewise left.

        dW = x^T d, dU = h_before^T d, db = sum of d, dx = d W^T.
        """
        inputs, states = cache
        N, H, W, C = inputs.shape
        units = self.units
        d_states = np.zeros_like(states)
        d_states[:, 1:, 1:] = self._turned(d_output)
        d_sums = empty((N, H, W, units), states.dtype)
        for i, j in reversed(_diagonals(H, W)):
            h, d_h = _rows(states[:, i + 1, j + 1]), _rows(d_states[:, i + 1, j + 1])
            d, d_before = np.empty_like(d_h), np.empty_like(d_h)
            tanh_gradient(h.reshape(-1), d_h.reshape(-1), d.reshape(-1))
            d_sums[:, i, j] = d.reshape(N, -1, units)
            gemm(d, self.up.value, d_before, transpose=(False, True))
            d_states[:, i, j + 1] += d_before.reshape(N, -1, units)
            gemm(d, self.left.value, d_before, transpose=(False, True))
            d_states[:, i + 1, j] += d_before.reshape(N, -1, units)
        self._accumulate(inputs, states, d_sums)
        if not needs[0]:
            return (None,)
        d_x = np.empty((N, H, W, C), states.dtype)
        gemm(d_sums.reshape(-1, units), self.weight.value, d_x.reshape(-1, C),
             transpose=(False, True))  # fmt: skip
        return (np.ascontiguousarray(self._turned(d_x)),)

    def _accumulate(self, inputs, states, d_sums):
        d = d_sums.reshape(-1, self.units)
        before = {
            self.weight: inputs, self.up: states[:, :-1, 1:], self.left: states[:, 1:, :-1]
        }  # fmt: skip
        for parameter, x in before.items():
            gradient = empty(parameter.value.shape, d.dtype)
            parameter.accumulate(gemm(_rows(x), d, gradient, transpose=(True, False)))
        d_bias = empty(self.bias.value.shape, d.dtype)
        column_sums(d, d_bias)
        self.bias.accumulate(d_bias)


def _diagonals(H: int, W: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return the rows and columns of the places of each anti-diagonal, from the first corner."""
    diagonals = []
    for total in range(H + W - 1):
        i = np.arange(max(0, total - W + 1), min(H, total + 1))
        diagonals.append((i, total - i))
    return diagonals


def _rows(x: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(x).reshape(-1, x.shape[-1])
