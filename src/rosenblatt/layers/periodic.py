"""Periodic embedding: what a network sees of a number, at several scales at once."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.core.random import fill_normal
from rosenblatt.kernels.neural import periodic as kernels
from rosenblatt.layers.base import SIZE, Layer, Settings, Shape
from rosenblatt.layers.inputs import expect
from rosenblatt.ranges import POSITIVE, check_settings
from rosenblatt.tape import Parameter, empty


class Periodic(Layer):
    """y_d = (cos 2 pi c_d x_d, sin 2 pi c_d x_d) of each number: x [D], y [D, 2 frequencies].

    The frequencies c [D, frequencies] are learned, from a normal distribution of deviation `scale`
    on (Gorishniy et al. 2022, "On embeddings for numerical features in tabular deep learning",
    equation 2).
    """

    replays = True

    settings: ClassVar[Settings] = {"frequencies": SIZE, "scale": POSITIVE}
    examples = (({"frequencies": 3}, (4,)), ({"frequencies": 1, "scale": 0.5}, (2,)))

    def __init__(self, frequencies: int, scale: float = 0.1) -> None:
        self.frequencies = frequencies
        self.scale = scale
        check_settings(self)

    @property
    def window(self) -> tuple[int, int] | None:
        return None

    def create(self, shape, rng) -> None:
        size = (shape[0], self.frequencies)
        drawn = np.zeros(size, np.float32)
        if rng is not None:
            fill_normal(rng.integers(0, 2**64, dtype=np.uint64), 0, 0, 0, drawn.reshape(-1))
        self.frequency = Parameter(drawn * np.float32(self.scale), "frequency", decay=False)

    def output_shape(self, shape) -> Shape:
        expect(len(shape) == 1, f"a periodic embedding is of numbers [D], not {shape}")
        if hasattr(self, "frequency"):
            D = len(self.frequency.value)
            expect(shape == (D,), f"the layer has frequencies for {D} numbers, not {shape[0]}")
        return shape[0], 2 * self.frequencies

    def forward(self, x, *, train):
        output = empty((*x.shape, 2 * self.frequencies), x.dtype)
        kernels.waves(x, self.frequency.value, output)
        return output, (x, output)

    def backward(self, d_output, cache, needs):
        """With a = 2 pi c x and da = cos(a) dsin - sin(a) dcos: dx = 2 pi sum c da, dc = 2 pi x da,
        the latter summed over rows."""
        x, waves = cache
        if self.frequency.trained:
            d_frequency = empty(self.frequency.value.shape, x.dtype)
            kernels.frequency_gradient(x, waves, d_output, d_frequency)
            self.frequency.accumulate(d_frequency)
        if not needs[0]:
            return (None,)
        d_x = empty(x.shape, x.dtype)
        kernels.input_gradient(self.frequency.value, waves, d_output, d_x)
        return (d_x,)
