"""What a member of a recipe is given."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Rows:
    """What a member learns from and what it predicts: samples as in Challenge, labels [N].

    train_sets, test_sets: the set of each row, or None.
    """

    train: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    classes: int
    train_sets: np.ndarray | None = None
    test_sets: np.ndarray | None = None
