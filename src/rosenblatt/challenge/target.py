"""What a challenge asks for: one of several classes for each row, or values."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from rosenblatt.errors import UserError


@dataclass(frozen=True, eq=False)
class Classes:
    """A class for each training row: labels [N] int64, places among the K names of the classes.

    The names are spelled as in the file. target[rows] is the target of some rows.
    """

    labels: np.ndarray
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def truth(self) -> np.ndarray:
        """Return what a metric compares answers with: the labels [N]."""
        return self.labels

    @property
    def dtype(self) -> np.dtype:
        """Return the type of votes: shares of classes are of order one."""
        return np.dtype(np.float32)

    @property
    def columns(self) -> int:
        """Return how many votes a row gets: one for each class."""
        return len(self.names)

    @property
    def responses(self) -> np.ndarray:
        """Return the target as numbers, [N, T] float64: 1 for a row's class and 0 for others, or
        its shares of them; of two classes, those of the second alone."""
        labels = self.labels
        shares = np.eye(len(self.names))[labels] if labels.ndim == 1 else labels.astype(np.float64)
        return shares[:, 1:] if len(self.names) == 2 else shares

    def joined(self, labels: np.ndarray) -> "Classes":
        """Return the target of these rows and of more, of labels [n]."""
        return replace(self, labels=np.concatenate([self.labels, labels]))

    def __getitem__(self, rows: Any) -> "Classes":
        return replace(self, labels=self.labels[rows])


@dataclass(frozen=True, eq=False)
class Values:
    """T values for each training row, [N, T] float64, and the names of their columns.

    start: the column of a table of samples, all of whose cells are known, from which values are
    learned as changes; "" for none. target[rows] is the target of some rows.
    """

    values: np.ndarray
    names: tuple[str, ...]
    start: str = ""

    def __len__(self) -> int:
        return len(self.values)

    @property
    def truth(self) -> np.ndarray:
        """Return what a metric compares answers with: [N] of one value a row, else [N, T]."""
        return self.values[:, 0] if self.columns == 1 else self.values

    @property
    def responses(self) -> np.ndarray:
        """Return the target as numbers, [N, T] float64."""
        return self.values

    @property
    def dtype(self) -> np.dtype:
        """Return the type of answers, which may lie far from 0 and close together."""
        return np.dtype(np.float64)

    @property
    def columns(self) -> int:
        """Return how many values a row has."""
        return len(self.names)

    def __getitem__(self, rows: Any) -> "Values":
        return replace(self, values=self.values[rows])


Target = Classes | Values


def classes_of(target: Target) -> Classes:
    """Return a target of classes. Raises UserError where values are asked for."""
    if isinstance(target, Classes):
        return target
    raise UserError(
        f"the challenge asks for values ({', '.join(target.names)}), and this needs classes."
    )


def values_of(target: Target) -> Values:
    """Return a target of values. Raises UserError where classes are asked for."""
    if isinstance(target, Values):
        return target
    raise UserError("the challenge asks for classes, and this needs values.")
