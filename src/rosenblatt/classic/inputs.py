"""What every machine of this package asks of its inputs, and how it reads and gives labels."""

import numpy as np

from rosenblatt.errors import UserError


def check_rows(x: np.ndarray, columns: int | None = None) -> np.ndarray:
    """Return x [N, D] as C-contiguous float32.

    Raises UserError: not two axes, no row, another number of columns than `columns`, or a number
    that is not finite, named by row and column.
    """
    x = np.asarray(x)
    if x.ndim != 2 or len(x) == 0:
        raise UserError(f"the samples have shape {x.shape}; give one row a sample: [N, D].")
    if columns is not None and x.shape[1] != columns:
        raise UserError(
            f"the samples have {x.shape[1]} columns, those learned from had {columns}; "
            "give both the same."
        )
    x = np.ascontiguousarray(x, np.float32)
    finite = np.isfinite(x)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise UserError(
            f"row {row + 1}, column {column + 1} of the samples is {x[row, column]}; "
            "give finite numbers."
        )
    return x


def check_square(gram: np.ndarray) -> np.ndarray:
    """Return a Gram matrix [N, N] as check_rows. Raises UserError where it is not square."""
    gram = check_rows(gram)
    if gram.shape[0] != gram.shape[1]:
        raise UserError(f"the Gram matrix has shape {gram.shape}; to learn it must be square.")
    return gram


def encode_labels(labels: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the sorted classes [K] and the class index [N] (int64) of each label.

    Raises UserError where the labels are not `count` in number, or all of one class.
    """
    labels = np.asarray(labels)
    if labels.shape != (count,):
        raise UserError(f"there are {count} samples, but labels of shape {labels.shape}.")
    classes, index = np.unique(labels, return_inverse=True)
    if len(classes) < 2:
        raise UserError(f"all labels are {classes[0]!r}; two classes are needed to learn.")
    return classes, index.astype(np.int64)


def one_versus_rest(index: np.ndarray, classes: int) -> np.ndarray:
    """Return the signs [K, N] (float32): +1 for the class of a row; two classes make one row."""
    rows = np.arange(classes) if classes > 2 else np.array([1])
    return np.where(index == rows[:, None], np.float32(1), np.float32(-1))


def decide(scores: np.ndarray, classes: np.ndarray) -> np.ndarray:
    """Return the class of each row of scores [N, K], or of [N], above 0 for the second class."""
    return classes[scores.argmax(1) if scores.ndim == 2 else (scores > 0).astype(np.int64)]
