"""Linear support vector machines by dual coordinate descent, one sample's coefficient at a time."""

from typing import NamedTuple

from numba import prange

from rosenblatt.kernels.core.dot import add_scaled, dot
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


class Limits(NamedTuple):
    """The largest coefficient, and what is added to |x|^2: C and 0 for the hinge loss, infinity and
    1 / (2 C) for its square."""

    top: float
    ridge: float


@kernel
def _epoch(x, norms, order, signs, alpha, w, limits):
    """Go through all samples once; return the worst violation met.

    Hsieh et al. 2008, algorithm 1: minimise over one alpha in [0, top] at a time, of which the
    objective is a parabola of curvature |x|^2 + ridge; w = sum alpha y x is kept up to date.
    """
    top, ridge = limits
    worst = 0.0
    for step in range(order.size):
        i = order[step]
        slope = signs[i] * dot(x[i], w) - 1.0 + ridge * alpha[i]
        inward = (alpha[i] > 0 or slope < 0) and (alpha[i] < top or slope > 0)
        if inward:
            worst = max(worst, abs(slope))
            new = min(max(alpha[i] - slope / (norms[i] + ridge), 0.0), top)
            add_scaled(x[i], (new - alpha[i]) * signs[i], w)
            alpha[i] = new
    return worst


@parallel_kernel
def epoch(x, norms, order, signs, alpha, weights, limits, out):
    """Take one epoch of K machines: signs and alpha [K, N], weights [K, D]; violations to out [K].

    x [N, D] float32, all else float64; norms [N] are squared lengths.
    """
    for k in prange(signs.shape[0]):
        out[k] = _epoch(x, norms, order, signs[k], alpha[k], weights[k], limits)
