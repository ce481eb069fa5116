"""Columns of many values cut at their quantiles, so that each piece has a slope of its own."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from rosenblatt.kept import Kept

FEW_VALUES = 10  # of a column, up to which one slope does


@dataclass(frozen=True, eq=False)
class Pieces(Kept):
    """How far a number has come through each piece of its column: from -1, not yet, to 1.

    A line through all pieces of a column bends at each of their ends, which are quantiles of the
    training rows (Gorishniy, Rubachev & Babenko 2022, "On embeddings for numerical features in
    tabular deep learning", equation 1). Of each of P pieces: its column, where it begins, and its
    width.
    """

    column: np.ndarray
    low: np.ndarray
    width: np.ndarray

    axes: ClassVar = {"column": "int64 P", "low": "float32 P", "width": "float32 P"}

    @classmethod
    def cut(cls, x: np.ndarray, columns: list[int], number: int) -> Self:
        """Return the pieces of some columns of rows x [N, D] float32, so many of each.

        Fewer where quantiles fall together.
        """
        steps = np.linspace(0, 1, number + 1)
        ends = [np.unique(np.quantile(x[:, d], steps, method="lower")) for d in columns]
        column = np.repeat(np.array(columns, np.int64), [len(one) - 1 for one in ends])
        none = np.empty(0, np.float32)
        low = np.concatenate([none, *(one[:-1] for one in ends)])
        return cls(column, low, np.concatenate([none, *map(np.diff, ends)]))

    def __call__(self, x: np.ndarray) -> np.ndarray:
        """Return the pieces of rows x [n, D], [n, P] float32."""
        return 2 * np.clip((x[:, self.column] - self.low) / self.width, 0, 1) - 1


def many_values(x: np.ndarray) -> list[int]:
    """Return which columns of x [N, D] have more than ten values."""
    return [d for d in range(x.shape[1]) if len(np.unique(x[:, d])) > FEW_VALUES]
