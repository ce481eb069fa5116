"""One step of gradient descent, number by number."""

import numpy as np


def sgd(value, gradient, velocity, settings, nesterov):
    """Return (value, velocity) after a step, number by number."""
    rate, momentum, decay, scale = settings
    values, velocities = [], []
    for w, g, v in zip(value.tolist(), gradient.tolist(), velocity.tolist(), strict=True):
        step = rate * (scale * g + decay * w)
        v = momentum * v - step
        velocities.append(v)
        values.append(w + (momentum * v - step if nesterov else v))
    return np.array(values), np.array(velocities)
