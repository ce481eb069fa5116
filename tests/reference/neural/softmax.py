"""The softmax and its loss, in Python's floats."""

import math

import numpy as np


def softmax(logits):
    """Return probabilities [N, K], in Python's floats."""
    rows = []
    for row in logits.astype(float).tolist():
        weights = [math.exp(z - max(row)) for z in row]
        rows.append([w / math.fsum(weights) for w in weights])
    return np.array(rows)


def cross_entropy(logits, targets):
    """Return each row's -sum t log p, in Python's floats."""
    losses = []
    for row, target in zip(logits.astype(float).tolist(), targets.tolist(), strict=True):
        highest = max(row)
        partition = highest + math.log(math.fsum(math.exp(z - highest) for z in row))
        losses.append(math.fsum(t * (partition - z) for t, z in zip(target, row, strict=True)))
    return np.array(losses)
