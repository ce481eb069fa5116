"""Numbers on a scale that learners like, missing ones filled in and flagged."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import ColumnFeature, Describe, holds_numbers
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.ranges import Choice

CLIP = 3.0  # of robust numbers, in distances of the quartiles


@dataclass(frozen=True)
class Numbers(ColumnFeature):
    """A number, the median where it is missing, and a flag where training rows miss some.

    scale: "standard", less the mean by the deviation; "none"; "log", the logarithm of 1 + x beyond
    the least x, and a flag where it is 0; "robust", less the median by the distance of the
    quartiles, clipped at 3; "quantile", its place among the training rows, from 0 to 1.
    """

    kind: str = "numbers"
    scale: str = "standard"

    settings: ClassVar = {"scale": Choice(("standard", "none", "log", "robust", "quantile"))}

    def suits(self, column: Any) -> bool:
        return holds_numbers(column)

    def fit(self, column: Any) -> Describe:
        values = column.to_numpy(float)
        known = np.sort(values[~np.isnan(values)])
        middle = float(np.median(known)) if len(known) else 0.0
        flagged = len(known) < len(values)
        outputs = ("", "is 0") if self.scale == "log" and len(known) else ("",)
        outputs = (*outputs, "missing") if flagged else outputs
        return Describe(_Scaled(self.scale, _told(self.scale, known), middle, flagged), outputs)


@dataclass(frozen=True, eq=False)
class _Scaled(Kept):
    """Numbers on a scale. known: what it is told by, of which there may be none; middle: in place
    of what is missing, which is flagged or not."""

    scale: str
    known: np.ndarray
    middle: float
    flagged: bool

    axes: ClassVar = {"known": "float64 K"}

    def __call__(self, new: Any) -> np.ndarray:
        numbers = new.to_numpy(float)
        missing = np.isnan(numbers)
        filled = np.where(missing, self.middle, numbers)
        scaled = self._scaled(filled) if len(self.known) else filled[:, None]
        return np.hstack([scaled, missing[:, None]]) if self.flagged else scaled

    def _scaled(self, numbers: np.ndarray) -> np.ndarray:
        """Return numbers [n] as [n, d]."""
        known = self.known
        if self.scale == "standard":
            return ((numbers - known[0]) / known[1])[:, None]
        if self.scale == "log":
            least = min(0.0, known[0])
            return np.stack([log(1 + np.maximum(numbers - least, 0)), numbers == 0], 1)
        if self.scale == "robust":
            low, middle, high = known
            return np.clip((numbers - middle) / ((high - low) or 1.0), -CLIP, CLIP)[:, None]
        if self.scale == "quantile":
            sides = [np.searchsorted(known, numbers, side) for side in ("left", "right")]
            return ((sides[0] + sides[1]) / (2 * len(known)))[:, None]
        return numbers[:, None]


def _told(scale: str, known: np.ndarray) -> np.ndarray:
    """Return what a scale needs of known numbers, which are sorted."""
    if not len(known) or scale in ("none", "quantile"):
        return known if scale == "quantile" else known[:1]
    if scale == "standard":
        return np.array([known.mean(), known.std() or 1.0])
    return known[:1] if scale == "log" else np.quantile(known, [0.25, 0.5, 0.75])
