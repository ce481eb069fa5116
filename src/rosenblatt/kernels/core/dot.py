"""Two vectors at a time: their product, their distance, and one added to the other."""

import numpy as np

from rosenblatt.kernels.core.jit import kernel
from rosenblatt.kernels.core.lanes import in_turn, lanewise
from rosenblatt.kernels.core.vectors import LANES

WIDTH = 16  # sums side by side, of numbers that are not widened
_add_products = lanewise(lambda x, w: [x * w])
_add_own_products = lanewise(lambda a, b: [a * b], WIDTH)
_add_squared_gaps = lanewise(lambda x, y: [(x - y) * (x - y)])


@kernel
def _tree(a):
    """Return the sum of eight numbers."""
    return ((a[0] + a[1]) + (a[2] + a[3])) + ((a[4] + a[5]) + (a[6] + a[7]))


@kernel
def dot(x, w):
    """Return the sum of x[d] w[d] in float64: eight sums side by side, added up as a tree."""
    (lanes,) = _add_products((x, w), (), (0.0,))
    result = _tree(lanes)
    for i in range(x.size // LANES * LANES, x.size):
        result += np.float64(x[i]) * np.float64(w[i])
    return result


@kernel
def dot_unwidened(a, b):
    """Return the sum of a[d] b[d] in the dtype of both: 16 sums, then one after the other."""
    (lanes,) = _add_own_products((a, b), (), (a.dtype.type(0),))
    total = in_turn(lanes)
    for i in range(a.size // WIDTH * WIDTH, a.size):
        total += a[i] * b[i]
    return total


@kernel
def squared_distance(x, y):
    """Return the sum of (x[d] - y[d])^2 in float64, differences first, in the order of `dot`."""
    (lanes,) = _add_squared_gaps((x, y), (), (0.0,))
    result = _tree(lanes)
    for i in range(x.size // LANES * LANES, x.size):
        gap = np.float64(x[i]) - np.float64(y[i])
        result += gap * gap
    return result


@kernel
def add_scaled(x, scale, w):
    """Add scale x to w."""
    for d in range(x.size):
        w[d] += scale * x[d]
