"""Dropout: a different thinned network at every step."""

from typing import ClassVar

import numpy as np

from rosenblatt.kernels.neural.dropout import apply_mask, draw_mask
from rosenblatt.layers.base import Layer, Settings
from rosenblatt.ranges import BELOW_ONE, check_settings
from rosenblatt.tape import current_tape, empty


class Dropout(Layer):
    """Silence each unit with probability `share`, scale the others by 1 / (1 - share).

    Srivastava et al. 2014, with the scaling moved to training. Which units, is a function of the
    tape's seed and step, of the place of this call in the step, and of sample and unit. Outside of
    training, y = x.
    """

    replays = True

    settings: ClassVar[Settings] = {"share": BELOW_ONE}
    examples = (({"share": 0.5}, (9,)), ({"share": 0.25}, (3, 4, 2)))

    def __init__(self, share: float = 0.5) -> None:
        self.share = share
        check_settings(self)

    def forward(self, x, *, train):
        if not train or self.share == 0:
            return x, None
        tape = current_tape()
        place, call = (tape.place, tape.calls) if tape else (np.zeros(2, np.uint64), 0)
        keep = 1.0 - self.share
        mask, output = empty(x.shape, np.dtype(np.uint8)), empty(x.shape, x.dtype)
        rows = len(x)
        draw_mask(mask.reshape(rows, -1), place, np.uint64(call), np.uint64(keep * 2.0**32))
        self._apply(x, mask, output)
        return output, mask

    def _apply(self, x, mask, out):
        rows, scale = len(x), x.dtype.type(1.0 / (1.0 - self.share))
        apply_mask(x.reshape(rows, -1), mask.reshape(rows, -1), out.reshape(rows, -1), scale)

    def backward(self, d_output, cache, needs):
        """dx = dy / (1 - share) where the unit took part, else 0."""
        if cache is None:
            return (d_output,)
        d_x = empty(d_output.shape, d_output.dtype)
        self._apply(d_output, cache, d_x)
        return (d_x,)
