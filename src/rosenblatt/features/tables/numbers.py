"""Numbers on a scale that learners like, missing ones filled in and flagged."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import ColumnFeature, Describe, holds_numbers
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

        def describe(new: Any) -> np.ndarray:
            numbers = new.to_numpy(float)
            missing = np.isnan(numbers)
            filled = np.where(missing, middle, numbers)
            scaled = self._scaled(filled, known) if len(known) else filled[:, None]
            return np.hstack([scaled, missing[:, None]]) if flagged else scaled

        outputs = ["", "is 0"] if self.scale == "log" and len(known) else [""]
        return Describe(describe, [*outputs, "missing"] if flagged else outputs)

    def _scaled(self, numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
        """Return numbers [n] on the scale of known ones, which are sorted, as [n, d]."""
        if self.scale == "standard":
            return ((numbers - known.mean()) / (known.std() or 1.0))[:, None]
        if self.scale == "log":
            least = min(0.0, known[0])
            return np.stack([log(1 + np.maximum(numbers - least, 0)), numbers == 0], 1)
        if self.scale == "robust":
            low, middle, high = np.quantile(known, [0.25, 0.5, 0.75])
            return np.clip((numbers - middle) / ((high - low) or 1.0), -CLIP, CLIP)[:, None]
        if self.scale == "quantile":
            sides = [np.searchsorted(known, numbers, side) for side in ("left", "right")]
            return ((sides[0] + sides[1]) / (2 * len(known)))[:, None]
        return numbers[:, None]
