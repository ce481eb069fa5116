"""What every estimator of this package asks of its inputs, and how it reads and gives labels."""

import warnings
from numbers import Real
from typing import Any

import numpy as np

from rosenblatt.arrays import check_numbers, check_vectors, check_whole
from rosenblatt.classic.frames import numbers_of
from rosenblatt.errors import UserError
from rosenblatt.features.gram import KERNEL
from rosenblatt.ranges import POSITIVE, Choice, Either, Range, Whole

FAR = 1e100  # from 1 is a weight whose sums and squares float64 may not hold
ROUNDING = 1e-12  # of the mean of weights
EXACT = 2**53  # up to here float64 holds every whole number
KERNELS = "gaussian", "polynomial", "linear", "precomputed"
SYMMETRIC = 1e-3  # of the largest number: so far a Gram matrix may be from its transpose
KERNEL_SETTINGS: dict[str, Range] = {
    "kernel": Either(Choice(KERNELS), KERNEL),
    "gamma": Either(Choice((None,)), POSITIVE),
    "degree": Whole(1, 64),
}


class NotFittedError(UserError, AttributeError):
    """An estimator was asked before it learned."""


class DataConversionWarning(UserWarning):
    """Labels came as a column, and were taken as a list."""


def check_square(gram: Any) -> np.ndarray:
    """Return a Gram matrix [N, N] as check_vectors.

    Raises UserError where it is not square or not symmetric.
    """
    gram = check_vectors(gram, "Gram matrix")
    if gram.shape[0] != gram.shape[1]:
        raise UserError(f"the Gram matrix has shape {gram.shape}; to learn it must be square.")
    apart = np.abs(gram - gram.T) > SYMMETRIC * np.abs(gram).max()
    if apart.any():
        i, j = (int(place) for place in np.argwhere(apart)[0])
        raise UserError(
            f"row {i + 1}, column {j + 1} of the Gram matrix is {gram[i, j]}, but row {j + 1}, "
            f"column {i + 1} is {gram[j, i]}; a kernel gives both the same."
        )
    return gram


def check_fitted(estimator: Any, attribute: str) -> None:
    """Raise NotFittedError where an estimator has not learned yet what it keeps as `attribute`."""
    if not hasattr(estimator, attribute):
        raise NotFittedError(
            f"this {type(estimator).__name__} has learned nothing yet; call fit first."
        )


def check_learned(numbers: np.ndarray) -> None:
    """Raise UserError where what an estimator learned is not finite: its arithmetic overflowed."""
    if not np.isfinite(numbers).all():
        raise UserError(
            "the numbers to learn from are too large or too far apart: what is learned is beyond "
            "float32; bring the columns to numbers of order one first."
        )


def encode_labels(labels: Any, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes [K] and the class index [N] (int64) of each label.

    Labels are [N], or one column [N, 1], of texts or of whole numbers. Raises UserError where they
    are not `count` in number, all of one class, missing, or numbers that are not whole.
    """
    if labels is None:
        raise UserError("it requires y to be passed, but the target y is None; give the labels.")
    labels = label_array(labels)
    if labels.shape == (count, 1):
        text = "A column-vector y was passed when a 1d array was expected: its numbers are taken."
        warnings.warn(text, DataConversionWarning, stacklevel=5)
        labels = labels[:, 0]
    if labels.shape != (count,):
        raise UserError(
            f"there are {count} samples, but labels of shape {labels.shape}; give one a sample."
        )
    classes, index = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise UserError(
            f"all labels are of one class, {classes[0].item()!r}; two classes are needed to learn."
        )
    return classes, index.reshape(-1).astype(np.int64)


def as_values(values: Any, count: int) -> tuple[np.ndarray, bool]:
    """Return values to learn, [N, T] float64, and whether they came as [N].

    Raises UserError as check_numbers, or where they are not `count` in number.
    """
    if values is None:
        raise UserError("it requires y to be passed, but the target y is None; give the values.")
    values = numbers_of(values, "values")
    flat = values.ndim == 1
    values = check_numbers(values[:, None] if flat else values, "N T", "values", np.float64)
    check_vectors(values, "values")  # whose squares are added up
    if len(values) != count:
        raise UserError(f"there are {count} samples, but {len(values)} values; give one a sample.")
    return values, flat


def check_groups(groups: Any, count: int) -> np.ndarray:
    """Return the groups of so many samples, [N] int64. Raises UserError where they are none."""
    groups = check_whole(groups, "N", 0, 2**62, "groups")
    if len(groups) != count:
        raise UserError(f"there are {len(groups)} groups for {count} samples.")
    return groups


def check_weights(weights: Any, count: int) -> np.ndarray:
    """Return the weights [N] of samples, float64, in proportion to which their errors count.

    Raises UserError as check_numbers, where they are not `count` in number, one is below zero, or
    all are zero.
    """
    weights = check_numbers(weights, "N", "sample weights", np.float64)
    if len(weights) != count:
        raise UserError(f"there are {len(weights)} sample weights for {count} samples.")
    if weights.min() < 0 or not weights.any():
        raise UserError("a sample weight is below zero, or all weights are zero; give others.")
    largest = weights.max()
    return weights if 1 / FAR < largest < FAR else weights / largest


def of_mean_one(weights: np.ndarray) -> np.ndarray:
    """Return weights [N] by the mean of those that are not zero, so that their scale is no matter.

    For whom counts rows by their weights: penalties, least sizes of leaves and pseudo-counts are
    then of rows. Weights of mean 1, but for rounding, stay as they are.
    """
    some = weights[weights > 0]
    if abs(some.mean() - 1) <= ROUNDING:
        return weights
    return weights / some.max() / (some / some.max()).mean()


def label_array(labels: Any) -> np.ndarray:
    """Return labels of any shape as an array of texts, or of whole numbers.

    Raises UserError where one is missing, or neither a text nor a whole number, or both are mixed.
    """
    if isinstance(labels, np.ma.MaskedArray):
        raise UserError("the labels have a mask, which would be lost; leave out the hidden rows.")
    try:
        found = np.asarray(labels)
    except ValueError as error:
        raise UserError(
            "the labels are no array: some have several values; give one a sample."
        ) from error
    if isinstance(labels, list | tuple) and found.dtype.kind in "US":
        found = np.array(labels, object)  # of [1, "a"] NumPy makes texts
    if found.dtype.kind == "O":
        found = _of_one_type(found.reshape(-1)).reshape(found.shape)
    if found.dtype.kind not in "biufUS":
        raise UserError(f"the labels are of type {found.dtype}; give texts or whole numbers.")
    if found.dtype.kind in "iuf" and (np.abs(found.astype(np.float64)) > EXACT).any():
        raise UserError(
            f"labels of numbers beyond {EXACT:,}, where a real number does not tell neighbours "
            "apart; give them as texts."
        )
    if found.dtype.kind == "f":
        wrong = ~(np.isfinite(found) & (found == np.floor(found))).reshape(-1)
        if wrong.any():
            row = int(wrong.argmax())
            label = found.reshape(-1)[row]
            cure = "give classes; continuous values are for a regressor"
            cure = "leave out rows without a label" if np.isnan(label) else cure
            raise UserError(
                f"label {row + 1} is {label}, and no class (a text or whole number); {cure}."
            )
    return found


def _of_one_type(labels: np.ndarray) -> np.ndarray:
    """Return objects [N] that are all texts, or all numbers, as an array of those."""
    for row, label in enumerate(labels):
        if not isinstance(label, str | Real | np.bool_) or label != label:
            raise UserError(
                f"label {row + 1} is {label!r}; give texts or whole numbers, and leave out rows "
                "without a label."
            )
    if all(isinstance(label, str) for label in labels):
        return labels.astype(str)
    found = np.array(labels.tolist())
    if found.dtype.kind not in "biuf" or found.shape != labels.shape:
        kinds = ", ".join(sorted({type(label).__name__ for label in labels}))
        raise UserError(f"the labels are of types {kinds}; give texts alone or numbers alone.")
    return found


def one_versus_rest(index: np.ndarray, classes: int) -> np.ndarray:
    """Return the signs [K, N] (float32): +1 for the class of a row; two classes make one row."""
    rows = np.arange(classes) if classes > 2 else np.array([1])
    return np.where(index == rows[:, None], np.float32(1), np.float32(-1))


def decide(scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the class of each row of scores [N, K], or of [N], above 0 for the second class."""
    return classes[scores.argmax(1) if scores.ndim == 2 else (scores > 0).astype(np.int64)]
