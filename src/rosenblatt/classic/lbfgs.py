"""Minimising a smooth function by what its last gradients tell of its curvature."""

from collections import deque
from collections.abc import Callable

import numpy as np

from rosenblatt.kernels.core.dot import dot

Objective = Callable[[np.ndarray], tuple[float, np.ndarray]]

MEMORY = 10  # steps whose curvature is kept
SUFFICIENT = 1e-4  # Armijo's share of the slope
HALVINGS = 40
ROUNDING = 1e-9  # of the value: what its sums may be wrong by


def minimise(
    objective: Objective, start: np.ndarray, tolerance: float, limit: int
) -> tuple[np.ndarray, bool]:
    """Return a minimum of objective(x) -> (value, gradient), and whether it was reached.

    Limited-memory BFGS (Nocedal & Wright 2006, algorithm 7.5) with backtracking. It is reached
    where the largest entry of the gradient is below the tolerance, or no step lowers the value any
    more and it is by no more than rounding that one should; it is not after `limit` steps. Arrays
    of any shape, float64.
    """
    x = start.copy()
    pairs: deque[tuple[np.ndarray, np.ndarray]] = deque(maxlen=MEMORY)
    value, gradient = objective(x)
    for _ in range(limit):
        if np.abs(gradient).max() < tolerance:
            return x, True
        direction = -_times_inverse_hessian(gradient, pairs)
        if not pairs:
            direction /= max(1.0, np.sqrt(_inner(gradient, gradient)))
        found = _search(objective, x, value, gradient, direction)
        if found is None:
            return x, -_inner(gradient, direction) <= ROUNDING * max(1.0, abs(value))
        new, value, new_gradient = found
        step, change = new - x, new_gradient - gradient
        if _inner(step, change) > 1e-12 * _inner(change, change):
            pairs.append((step, change))
        x, gradient = new, new_gradient
    return x, False


def _times_inverse_hessian(gradient: np.ndarray, pairs: deque) -> np.ndarray:
    """Return H gradient by the two loops of algorithm 7.4."""
    q, shares = gradient.copy(), []
    for step, change in reversed(pairs):
        share = _inner(step, q) / _inner(step, change)
        q -= share * change
        shares.append(share)
    if pairs:
        step, change = pairs[-1]
        q *= _inner(step, change) / _inner(change, change)
    for (step, change), share in zip(pairs, reversed(shares), strict=True):
        q += (share - _inner(change, q) / _inner(step, change)) * step
    return q


def _inner(a: np.ndarray, b: np.ndarray) -> float:
    return dot(a.reshape(-1), b.reshape(-1))


def _search(
    objective: Objective,
    x: np.ndarray,
    value: float,
    gradient: np.ndarray,
    direction: np.ndarray,
) -> tuple[np.ndarray, float, np.ndarray] | None:
    """Return the first point along the direction that is low enough, halving the step."""
    slope = _inner(gradient, direction)
    length = 1.0
    for _ in range(HALVINGS):
        point = x + length * direction
        new_value, new_gradient = objective(point)
        if new_value <= value + SUFFICIENT * length * slope:
            return point, new_value, new_gradient
        length /= 2
    return None
