"""Losses of regression that a few wild targets do not govern."""

import numpy as np

from rosenblatt.kernels.core.sums import total
from rosenblatt.ranges import POSITIVE, check_value
from rosenblatt.train.losses import as_pair


def mean_absolute_error(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of |output - target| over all numbers, and its gradient, 0 where they agree.

    targets have the shape of the output, or lack its last axis where that is 1. The best constant
    is a median, as the mean is for squares.
    """
    output, targets = as_pair(output, targets)
    gap = output - targets
    value = total(np.abs(gap).reshape(-1)) / output.size
    return value, np.sign(gap) * output.dtype.type(1 / output.size)


def huber(output: np.ndarray, targets: np.ndarray, width: float = 1.0) -> tuple[float, np.ndarray]:
    """Return the mean of a square near the target and a slope beyond, and its gradient.

    gap^2 / 2 up to `width`, width (|gap| - width / 2) beyond (Huber 1964, "Robust estimation of a
    location parameter", equation 5; of width 1 the smooth L1 loss of Girshick 2015, equation 3).
    targets: see mean_absolute_error.
    """
    check_value("width", width, POSITIVE)
    output, targets = as_pair(output, targets)
    gap = output - targets
    near = np.clip(gap, -width, width).astype(output.dtype, copy=False)
    value = total((near * (gap - near / 2)).reshape(-1)) / output.size
    return value, near * output.dtype.type(1 / output.size)
