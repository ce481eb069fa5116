"""Linear support vector machines on what a network says of regions, one for each class.

Girshick et al. 2014, section 2.3: the true boxes alone are positives, and windows that overlap none
of their class by 0.3 negatives; those between teach nothing. So the machines learn what lies well,
where to the network all that lies half right was foreground (appendix B).
"""

from collections.abc import Sequence
from typing import Self

import numpy as np

from rosenblatt.arrays import check_count, check_numbers, check_vectors, check_whole
from rosenblatt.classic import LinearSVM
from rosenblatt.classic.inputs import check_fitted
from rosenblatt.detection.boxes import as_boxes, overlap
from rosenblatt.detection.precision import LISTS
from rosenblatt.errors import UserError
from rosenblatt.ranges import POSITIVE, Whole, check_value

WHOLE, LITTLE = 1 - 1e-9, 0.3  # overlap of a positive; below, of a negative
FIRST = 2000  # negative windows to begin with


class RegionMachines:
    """One machine for each class; cost is each one's, for regions of mean length 1.

    Negative windows are too many to learn from: the machine learns from some, then once more with
    all others that it takes for positives or nearly so (hard negative mining, Felzenszwalb et al.
    2010, section 4.4).
    """

    def __init__(self, cost: float = 10.0) -> None:
        self.cost = cost

    def fit(self, described: Sequence[np.ndarray], shared: Sequence[np.ndarray]) -> Self:
        """Learn from regions of images, each described [M, D] with its overlaps [M, K].

        Raises UserError: no image, a cost that is not above 0, or as check_vectors.
        """
        check_value("cost", self.cost, POSITIVE)
        check_value("described", described, LISTS)
        check_count(shared, len(described), "lists of overlaps", "images")
        x = _together([check_vectors(part, "descriptions") for part in described])
        shares = _together([check_numbers(part, "M K", "overlaps", np.float64) for part in shared])
        check_count(shares, len(x), "overlaps", "regions")
        self._columns = x.shape[1]
        self.length = float(np.sqrt((x.astype(np.float64) ** 2).sum(1)).mean()) or 1.0
        x = (x / self.length).astype(np.float32)
        self.machines = [self._machine(x, own) for own in shares.T]
        return self

    def _machine(self, x: np.ndarray, shared: np.ndarray) -> LinearSVM | None:
        positives, negatives = np.flatnonzero(shared > WHOLE), np.flatnonzero(shared < LITTLE)
        if not len(positives) or not len(negatives):
            return None
        some = negatives[np.random.default_rng(0).permutation(len(negatives))[:FIRST]]
        machine = self._learned(x, positives, some)
        hard = negatives[machine.decision_function(x[negatives]) > -1]
        return self._learned(x, positives, np.union1d(some, hard))

    def _learned(self, x: np.ndarray, positives: np.ndarray, negatives: np.ndarray) -> LinearSVM:
        labels = np.repeat([True, False], [len(positives), len(negatives)])
        return LinearSVM(self.cost).fit(x[np.concatenate([positives, negatives])], labels)

    def scores(self, described: np.ndarray) -> np.ndarray:
        """Return the scores [M, K] of regions [M, D]; -inf for a class that was never seen.

        Raises UserError as check_vectors.
        """
        check_fitted(self, "machines")
        described = check_vectors(described, "descriptions", self._columns)
        x = (described / self.length).astype(np.float32)
        nothing = np.full(len(x), -np.inf, np.float32)
        return np.stack([m.decision_function(x) if m else nothing for m in self.machines], axis=1)


def _together(parts: list[np.ndarray]) -> np.ndarray:
    """Return the rows of all parts. Raises UserError: no part, or other columns than the first."""
    widths = {part.shape[1] for part in parts}
    if len(widths) != 1:
        raise UserError(f"parts of {sorted(widths)} columns; give one or more of the same.")
    return np.concatenate(parts)


def overlaps_by_class(
    windows: np.ndarray, truth: np.ndarray, labels: np.ndarray, classes: int
) -> np.ndarray:
    """Return the largest overlap of windows [M, 4] with a true box of each class, [M, classes].

    truth [K, 4] and labels [K]; 0 where the class is not there. Raises UserError as as_boxes, or
    for labels that are not one for each true box.
    """
    check_value("classes", classes, Whole(1, 1_000_000))
    windows, truth = as_boxes(windows), as_boxes(truth)
    check_count(labels, len(truth), "labels", "true boxes")
    labels = check_whole(labels, "K", 0, classes - 1, "labels") if len(truth) else np.empty(0)
    shared = overlap(windows, truth)
    return np.stack(
        [shared[:, labels == label].max(1, initial=0) for label in range(classes)], axis=1
    )
