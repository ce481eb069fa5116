"""Losses: each returns its mean value and its gradient with respect to the network's output."""

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.softmax import cross_entropy as cross_entropy_kernel
from rosenblatt.kernels.softmax import spread_labels
from rosenblatt.kernels.sums import sum_of_squares, total
from rosenblatt.tape import empty


def target_weights(
    labels: np.ndarray,
    classes: int,
    dtype: np.dtype,
    *,
    label_smoothing: float = 0.0,
    class_weights: np.ndarray | None = None,
) -> np.ndarray:
    """Return labels [...] as weights [..., classes]: 1 for the true class, zeros where it is -1.

    label_smoothing moves that share of the weight to all classes alike (Szegedy et al. 2016,
    section 7); class_weights [classes] multiplies the row of each class.
    Raises UserError for a label above the last class.
    """
    targets = empty((labels.size, classes), dtype)
    flat = labels.reshape(-1).astype(np.int64, copy=False)
    low, share = (np.dtype(dtype).type(v) for v in (label_smoothing / classes, 1 - label_smoothing))
    highest = spread_labels(flat, targets, low, low + share)
    if highest >= classes:
        raise UserError(
            f"label {highest} is too large: the network has {classes} outputs, for labels from 0 "
            f"to {classes - 1}"
        )
    if class_weights is not None:
        targets *= np.asarray(class_weights, dtype)[flat, None]
    return targets.reshape(*labels.shape, classes)


def cross_entropy(
    logits: np.ndarray,
    targets: np.ndarray,
    *,
    label_smoothing: float = 0.0,
    class_weights: np.ndarray | None = None,
) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of softmax(logits) and its gradient.

    logits [..., K]; targets are labels [...] in 0..K-1 (-1: the row does not count), to which the
    options apply (see target_weights), or weights [..., K]. The mean is over the sum of weights.
    """
    K = logits.shape[-1]
    if targets.shape != logits.shape:
        targets = target_weights(
            targets, K, logits.dtype, label_smoothing=label_smoothing, class_weights=class_weights
        )
    targets = np.ascontiguousarray(targets, logits.dtype)
    losses = empty((logits.size // K,), logits.dtype)
    d_logits = empty(logits.shape, logits.dtype)
    weight = max(total(targets.reshape(-1)), float(np.finfo(np.float32).tiny))
    cross_entropy_kernel(
        logits.reshape(-1, K),
        targets.reshape(-1, K),
        losses,
        d_logits.reshape(-1, K),
        logits.dtype.type(weight),
    )
    return total(losses) / weight, d_logits


def mean_squared_error(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of (output - target)^2 over all numbers, and its gradient.

    targets have the shape of the output, or lack its last axis where that is 1.
    """
    d_output = empty(output.shape, output.dtype)
    np.subtract(output, targets.reshape(output.shape), out=d_output)
    value = sum_of_squares(d_output.reshape(-1)) / output.size
    d_output *= output.dtype.type(2.0 / output.size)
    return value, d_output
