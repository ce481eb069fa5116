"""Losses: each returns its mean value and its gradient with respect to the network's output.

And the accuracy of outputs, which has no gradient.
"""

from functools import partial

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.sums import sum_of_squares, total
from rosenblatt.kernels.neural.softmax import cross_entropy as cross_entropy_kernel
from rosenblatt.kernels.neural.softmax import spread_labels
from rosenblatt.layers.inputs import as_input
from rosenblatt.metrics.labels import accuracy as share_right
from rosenblatt.ranges import BELOW_ONE, Whole, check_value
from rosenblatt.tape import empty

CLASSES = Whole(1, 2**24)


def as_outputs(outputs: np.ndarray) -> np.ndarray:
    """Return outputs [..., K] as C-contiguous reals. Raises UserError where there are none."""
    floating = getattr(outputs, "dtype", None) in (np.float32, np.float64)
    return as_input(outputs, outputs.dtype if floating else np.dtype(np.float64))


def target_weights(
    labels: np.ndarray,
    classes: int,
    dtype: np.dtype,
    *,
    label_smoothing: float = 0.0,
    class_weights: np.ndarray | None = None,
    ignored: int | None = None,
) -> np.ndarray:
    """Return labels [...] as weights [..., classes]: 1 for the true class, else 0.

    label_smoothing moves that share of the weight to all classes alike (Szegedy et al. 2016,
    section 7); class_weights [classes] multiplies the row of each class, the smoothed weights of
    the others in it too (PyTorch multiplies each by the weight of its own class). A label that
    equals `ignored` does not count: its row is zeros.
    Raises UserError for a label that is no class, 0 to classes - 1, or an option out of range.
    """
    check_value("classes", classes, CLASSES)
    check_value("label_smoothing", label_smoothing, BELOW_ONE)
    flat = as_class_numbers(labels, classes, ignored)
    targets = empty((flat.size, classes), dtype)
    low, share = (np.dtype(dtype).type(v) for v in (label_smoothing / classes, 1 - label_smoothing))
    spread_labels(flat, targets, low, low + share)
    if class_weights is not None:
        targets *= _class_weights(class_weights, classes, dtype)[flat, None]
    return targets.reshape(*np.shape(labels), classes)


def as_class_numbers(labels: np.ndarray, classes: int, ignored: int | None = None) -> np.ndarray:
    """Return labels, flat, as int64; -1 stands for those that are ignored, and for no other.

    Raises UserError for a label that is no whole number from 0 to classes - 1.
    """
    labels = as_numbers(labels, "labels")
    if labels.dtype.kind == "f":
        raise UserError(
            f"labels of type {labels.dtype}; give whole numbers, as labels.astype(int)."
        )
    flat = labels.reshape(-1).astype(np.int64, copy=False)
    counted = None if ignored is None else flat != ignored
    known = flat if counted is None else flat[counted]
    lowest, highest = (known.min(), known.max()) if known.size else (0, 0)
    if not 0 <= lowest <= highest < classes:
        wrong = int(lowest if lowest < 0 else highest)
        size = "large" if wrong >= classes else "small"
        raise UserError(
            f"label {wrong} is too {size}: the network has {classes} outputs, for labels from 0 "
            f"to {classes - 1}; say ignored={wrong} where it stands for what does not count."
        )
    return flat if counted is None else np.where(counted, flat, -1)


def _class_weights(weights: np.ndarray, classes: int, dtype: np.dtype) -> np.ndarray:
    weights = np.asarray(as_numbers(weights, "class_weights"), dtype)
    if weights.shape != (classes,):
        raise UserError(f"class_weights of shape {weights.shape} for {classes} classes.")
    if not (weights >= 0).all() or not 0 < weights.sum() < np.inf:
        raise UserError("class_weights are finite numbers from 0, and not all 0.")
    return weights


def cross_entropy(
    logits: np.ndarray,
    targets: np.ndarray,
    *,
    label_smoothing: float = 0.0,
    class_weights: np.ndarray | None = None,
    ignored: int | None = None,
) -> tuple[float, np.ndarray]:
    """Return the mean cross-entropy of softmax(logits) and its gradient.

    logits [..., K]; targets are labels [...] in 0..K-1, to which the options apply (see
    target_weights), or weights [..., K]. The mean is over the sum of weights: where that is 0,
    nothing counts, and loss and gradient are 0. Raises UserError where shapes, labels or weights
    do not fit.
    """
    logits, targets = as_outputs(logits), as_numbers(targets, "targets")
    K = logits.shape[-1]
    if targets.shape != logits.shape:
        if targets.shape != logits.shape[:-1]:
            raise UserError(
                f"targets of shape {targets.shape} for logits of shape {logits.shape}; give "
                f"labels {logits.shape[:-1]}, or weights of that shape."
            )
        targets = target_weights(
            targets,
            K,
            logits.dtype,
            label_smoothing=label_smoothing,
            class_weights=class_weights,
            ignored=ignored,
        )
    else:
        targets = np.ascontiguousarray(targets, logits.dtype)
        if not (targets >= 0).all():
            raise UserError("weights of classes are numbers from 0.")
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


# For sequences of unlike lengths, whose targets are filled up with -1 behind their ends.
padded_cross_entropy = partial(cross_entropy, ignored=-1)


def as_pair(output: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs and targets of values, of one shape. targets may lack a last axis of size 1.

    Raises UserError where they are no numbers or do not fit each other, or a target is not finite.
    """
    output = as_outputs(output)
    targets = as_input(targets, output.dtype, "targets")
    flat = output.shape[-1] == 1 and targets.shape == output.shape[:-1]
    if targets.shape != output.shape and not flat:
        raise UserError(f"targets of shape {targets.shape} for outputs of shape {output.shape}.")
    if not np.isfinite(targets).all():
        raise UserError("the targets are not all finite; leave out rows without one.")
    return output, targets.reshape(output.shape)


def mean_squared_error(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return the mean of (output - target)^2 over all numbers, and its gradient.

    targets have the shape of the output, or lack its last axis where that is 1. Raises as as_pair.
    """
    output, targets = as_pair(output, targets)
    d_output = empty(output.shape, output.dtype)
    np.subtract(output, targets, out=d_output)
    value = sum_of_squares(d_output.reshape(-1)) / output.size
    d_output *= output.dtype.type(2.0 / output.size)
    return value, d_output


def accuracy(outputs: np.ndarray, targets: np.ndarray, *, ignored: int | None = None) -> float:
    """Return the share of rows whose largest output is the target.

    outputs [..., K]: logits or probabilities; targets: labels [...], those that equal `ignored`
    left out, or weights [..., K], whose largest is the label; rows of zeros are left out.
    Raises UserError where shapes or labels do not fit, an output is no number, or no row is left.
    """
    outputs, targets = as_outputs(outputs), as_numbers(targets, "targets")
    if np.isnan(outputs).any():
        raise UserError("some outputs are no numbers: they have no largest.")
    if targets.shape == outputs.shape:
        labels = np.where(targets.any(-1), targets.argmax(-1), -1).reshape(-1)
    elif targets.shape == outputs.shape[:-1]:
        labels = as_class_numbers(targets, outputs.shape[-1], ignored)
    else:
        raise UserError(f"targets of shape {targets.shape} for outputs of shape {outputs.shape}.")
    counted = labels >= 0
    if not counted.any():
        raise UserError("no row counts: accuracy needs at least one.")
    return share_right(labels[counted], outputs.argmax(-1).reshape(-1)[counted])
