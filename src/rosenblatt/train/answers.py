"""What a network is taught, and answers: labels, as indices of its outputs, or values.

Targets are checked and encoded here, once a fit: loops see whole numbers from 0, or finite reals.
"""

from functools import partial
from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers
from rosenblatt.classic.inputs import label_array
from rosenblatt.errors import UserError
from rosenblatt.ranges import NONE, POSITIVE, Choice, Either
from rosenblatt.train.losses import cross_entropy, mean_squared_error
from rosenblatt.train.metric_losses import contrastive, triplet
from rosenblatt.train.robust import huber, mean_absolute_error

LABELS, VALUE, VALUES = "labels", "value", "values"
ANSWERS = Either(NONE, Choice((LABELS, VALUE, VALUES)))
REALS = (mean_squared_error, mean_absolute_error, huber, contrastive, triplet)
TAUGHT = {cross_entropy: LABELS, **dict.fromkeys(REALS, VALUES)}
GROUPED = (contrastive, triplet)  # see which rows share a label, and give no answer
SHOWN = 8  # classes in a message


def plain(loss: Any) -> Any:
    """Return a loss without the settings that functools.partial gave it."""
    while isinstance(loss, partial):
        loss = loss.func
    return loss


def is_ours(function: Any) -> bool:
    """Return whether a function, or an object that is called, is of this package."""
    return str(getattr(plain(function), "__module__", "")).startswith("rosenblatt.")


def check_all_count(loss: Any) -> None:
    """Raise UserError where a loss leaves a label out: it would be compared with encoded ones."""
    if isinstance(loss, partial):
        if loss.keywords.get("ignored") is not None:
            raise UserError(
                f"ignored = {loss.keywords['ignored']!r}: a network encodes its labels first; give "
                "weights of the classes [N, ..., K] instead, zeros where nothing counts."
            )
        check_all_count(loss.func)


def as_labels(labels: Any, rows: int, outputs: tuple[int, ...]) -> np.ndarray:
    """Return labels [N, ...], one for each place of the outputs (..., K) of N rows.

    One column [N, 1] is read as [N]. Raises UserError: another shape, a missing label, or one that
    is no class: neither a text nor a whole number.
    """
    labels, shape = label_array(labels), (rows, *outputs[:-1])
    if labels.dtype.kind == "S":
        raise UserError("labels of bytes; give texts: labels.astype(str).")
    if labels.shape == (*shape, 1):
        labels = labels[..., 0]
    if labels.shape != shape:
        cure = "give one for each row"
        if labels.shape == (rows,):
            cure = "put Flatten() before the first Dense for one answer a row"
        raise UserError(
            f"labels of shape {labels.shape} for {rows} rows and outputs of shape {outputs}; "
            f"{cure}."
        )
    return labels


def classes_of(labels: np.ndarray, outputs: int) -> list[Any]:
    """Return the classes that so many outputs stand for, by the labels to learn from.

    Labels within 0 ... outputs - 1 are the outputs' own numbers; others must be of as many classes
    as there are outputs, which take them in sorted order. Raises UserError where they are not.
    """
    found = np.unique(labels)
    if found.dtype.kind in "iuf" and found[0] >= 0 and found[-1] < outputs:
        return np.arange(outputs).astype(found.dtype).tolist()
    if found.dtype.kind == "b" and outputs == 2:
        return [False, True]
    if len(found) != outputs or outputs < 2:
        shown = ", ".join(map(repr, found[:SHOWN].tolist())) + ", ..." * (len(found) > SHOWN)
        raise UserError(
            f"labels of {len(found)} classes ({shown}) for a network of {outputs} outputs; end it "
            f"with Dense({max(len(found), 2)}), or name all classes: Network(..., classes=[...])."
        )
    return found.tolist()


def encode(labels: np.ndarray, classes: list[Any]) -> np.ndarray:
    """Return labels as places among the classes, int64. Raises UserError for an unknown one."""
    found, places = np.unique(labels, return_inverse=True)
    index = {label: place for place, label in enumerate(classes)}
    for label in found.tolist():
        if label not in index:
            shown = ", ".join(map(repr, classes[:SHOWN])) + ", ..." * (len(classes) > SHOWN)
            raise UserError(f"the label {label!r} is not one of the network's classes ({shown}).")
    table = np.array([index[label] for label in found.tolist()], np.int64)
    return table[places.reshape(labels.shape)]


def as_weights(targets: Any, rows: int, outputs: tuple[int, ...]) -> np.ndarray | None:
    """Return targets that are weights of the classes, [N, ..., K], or None where they are labels.

    Raises UserError where a weight is no number from 0 to 1e30, or a row has none above 0.
    """
    try:
        weights = np.asarray(targets)
    except ValueError:  # rows of several lengths, which are no labels either
        return None
    if weights.shape != (rows, *outputs) or weights.dtype.kind not in "biuf":
        return None
    if not ((weights >= 0) & (weights <= POSITIVE.high)).all():
        raise UserError(f"weights of classes are finite numbers from 0 to {POSITIVE.high:g}.")
    nothing = weights.reshape(rows, -1).max(1) < POSITIVE.low
    if nothing.any():
        raise UserError(
            f"row {int(nothing.argmax()) + 1} of the weights of classes is all 0, and teaches "
            "nothing; leave it out."
        )
    return weights


def as_values(targets: Any, rows: int, outputs: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return targets [N, *outputs], or without a last axis of size 1, as finite reals.

    Raises UserError: no numbers, another shape, or a number that is not finite in `dtype`.
    """
    values = as_numbers(targets, "targets")
    flat = outputs[-1] == 1 and values.shape == (rows, *outputs[:-1])
    if values.shape != (rows, *outputs) and not flat:
        raise UserError(
            f"targets of shape {values.shape} for {rows} rows and outputs of shape {outputs}; give "
            f"{(rows, *outputs)}."
        )
    with np.errstate(over="ignore"):
        values = np.ascontiguousarray(values, dtype)
    if not np.isfinite(values).all():
        row = int(np.argwhere(~np.isfinite(values))[0][0])
        raise UserError(f"row {row + 1} of the targets is not finite; leave it out, or scale it.")
    return values


def as_groups(labels: Any, rows: int) -> np.ndarray:
    """Return which of the rows share a label, as whole numbers [N]. Raises UserError."""
    labels = as_labels(labels, rows, (1,))
    return np.unique(labels, return_inverse=True)[1].reshape(-1).astype(np.int64)
