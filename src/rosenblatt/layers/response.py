"""Local response normalisation: strong channels damp their neighbours."""

from typing import ClassVar

from rosenblatt.kernels.neural import response
from rosenblatt.layers.base import Layer, Settings, Shape
from rosenblatt.layers.inputs import expect, last_axis
from rosenblatt.ranges import FROM_ZERO, POSITIVE, Whole, check_settings
from rosenblatt.tape import empty


class LocalResponseNormalisation(Layer):
    """y_i = x_i / (offset + alpha sum over the `size` channels around i of x_j^2)^beta.

    Krizhevsky et al. 2012, section 3.3, whose constants are the defaults.
    """

    replays = True

    settings: ClassVar[Settings] = {
        "size": Whole(1, 1023), "alpha": FROM_ZERO, "beta": FROM_ZERO, "offset": POSITIVE,
    }  # fmt: skip
    examples = (({"alpha": 0.5}, (7,)), ({"size": 3, "alpha": 1.0, "offset": 1.0}, (2, 3, 4)))

    def __init__(
        self, size: int = 5, alpha: float = 1e-4, beta: float = 0.75, offset: float = 2.0
    ) -> None:
        self.size = size
        self.alpha = alpha
        self.beta = beta
        self.offset = offset
        check_settings(self)
        expect(size % 2 == 1, f"the number of channels is odd, not {size}")

    def output_shape(self, shape) -> Shape:
        last_axis(shape, "local response normalisation")
        return shape

    def _settings(self, dtype):
        numbers = map(dtype.type, (self.offset, self.alpha, self.beta))
        return response.Settings(self.size, *numbers)

    def forward(self, x, *, train):
        C = x.shape[-1]
        scale, output = empty(x.shape, x.dtype), empty(x.shape, x.dtype)
        rows = (array.reshape(-1, C) for array in (scale, output))
        response.normalise(x.reshape(-1, C), self._settings(x.dtype), *rows)
        return output, (x, scale)

    def backward(self, d_output, cache, needs):
        """dx_i = dy_i s_i^-beta - 2 alpha beta x_i sum_j dy_j x_j s_j^(-beta - 1).

        s is the bracket of the class, and j runs over the same channels, since i is j's neighbour
        where j is i's.
        """
        C = d_output.shape[-1]
        d_x = empty(d_output.shape, d_output.dtype)
        x, scale, d_rows, rows = (a.reshape(-1, C) for a in (*cache, d_output, d_x))
        settings = self._settings(d_output.dtype)
        response.normalise_gradient(x, scale, d_rows, settings, rows)
        return (d_x,)
