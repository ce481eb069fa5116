"""The twin of dot-product attention: one query of one head at a time, in Python's floats."""

import math

import numpy as np


def attend(query, keys, values, bias, settings):
    """Return the outputs [T, V] of one sample; bias [heads, T, S] is added, -inf hides."""
    heads, scale, causal = settings
    A, D = query.shape[1] // heads, values.shape[1] // heads
    out = np.zeros((len(query), values.shape[1]))
    for t, h in np.ndindex(len(query), heads):
        mine = slice(h * A, (h + 1) * A)
        scores = [
            scale * float(query[t, mine] @ key[mine]) + bias[h, t, s] for s, key in enumerate(keys)
        ]
        weights = [
            0.0 if score == -math.inf or (causal and s > t) else math.exp(score)
            for s, score in enumerate(scores)
        ]
        total = math.fsum(weights)
        for weight, value in zip(weights, values, strict=True):
            out[t, h * D : (h + 1) * D] += weight / (total or 1) * value[h * D : (h + 1) * D]
    return out
