"""Waves of numbers and their gradients, one at a time."""

import numpy as np


def waves(x, frequencies):
    """cos and sin of 2 pi c x for each number and each frequency of its column."""
    out = np.zeros((*x.shape, 2 * frequencies.shape[1]))
    for n, d in np.ndindex(*x.shape):
        for k, c in enumerate(frequencies[d]):
            out[n, d, k] = np.cos(2 * np.pi * c * x[n, d])
            out[n, d, frequencies.shape[1] + k] = np.sin(2 * np.pi * c * x[n, d])
    return out


def gradients(x, frequencies, d_waves):
    """Return the gradients by x and by the frequencies."""
    d_x, d_c, K = np.zeros(x.shape), np.zeros(frequencies.shape), frequencies.shape[1]
    for n, d in np.ndindex(*x.shape):
        for k, c in enumerate(frequencies[d]):
            angle = 2 * np.pi * c * x[n, d]
            slope = np.cos(angle) * d_waves[n, d, K + k] - np.sin(angle) * d_waves[n, d, k]
            d_x[n, d] += 2 * np.pi * c * slope
            d_c[d, k] += 2 * np.pi * x[n, d] * slope
    return d_x, d_c
