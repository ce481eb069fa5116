"""Columns brought to a common scale."""

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.classic.base import Transformer
from rosenblatt.features.tables.encoding import encode
from rosenblatt.features.terms import Chain, Describe, RowTerm
from rosenblatt.kept import Kept
from rosenblatt.ranges import FLAG, NONE, POSITIVE, Either, Range, Whole

CONSTANT = 1e-6  # deviation of a column, as a share of its largest number
COLUMNS = 16  # at a time: in float64, all are twice as large again as they were


@dataclass(eq=False)
class Standardisation(Transformer):
    """Each column less its mean, by its standard deviation; a constant column becomes 0.

    Learned: mean_ and factor_, 1 / standard deviation, both [D] float32.
    """

    axes: ClassVar = {"mean_": "float32 D", "factor_": "float32 D"}

    def _rows(self, x: np.ndarray) -> np.ndarray:
        return check_numbers(x, "N D")  # as large as any: this is their cure

    def _fit(self, x: np.ndarray) -> None:
        parts = [x[:, d : d + COLUMNS] for d in range(0, x.shape[1], COLUMNS)]
        deviation = np.concatenate([part.std(0, dtype=np.float64) for part in parts])
        largest = np.concatenate([np.abs(part).max(0) for part in parts])
        mean = np.concatenate([part.mean(0, dtype=np.float64) for part in parts])
        constant = deviation <= CONSTANT * largest
        factor = 1 / np.where(constant, 1, deviation) * ~constant
        self.mean_ = mean.astype(np.float32)
        self.factor_ = factor.astype(np.float32)

    def transform(self, X: Any) -> np.ndarray:
        """Return X [M, D] on the scale of the training rows, float32.

        Raises UserError before fit, for other columns, or as check_numbers.
        """
        return (self._asked(X) - self.mean_) * self.factor_


@dataclass(frozen=True)
class Transformed(Kept):
    """What a transformer makes of numbers."""

    transformer: Any

    def __call__(self, numbers: np.ndarray) -> np.ndarray:
        return self.transformer.transform(numbers)


@dataclass(frozen=True)
class NumbersTerm(RowTerm):
    """The numbers themselves: columns, or pixels. standardise: each column by its deviation.

    Of a table they are what features.tables makes of its columns.
    """

    kind: str = "numbers"
    standardise: bool = True

    takes = ("numbers", "images", "table")
    settings: ClassVar = {"standardise": FLAG}

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        flat, rows = encode(samples)
        if not self.standardise:
            return flat
        scale = Standardisation().fit(rows)
        return Chain(flat, Transformed(scale))


@dataclass(frozen=True)
class MappedTerm(NumbersTerm):
    """What terms of finite feature spaces share: a map of the numbers, learned from them.

    components: features, or pairs of them; width: gamma of the map's own kernel, None for
    1 / (columns x variance).
    """

    kind: str = ""
    components: int = 100
    width: float | None = None
    compare: str = "linear"

    settings: ClassVar[dict[str, Range]] = {
        "components": Whole(1, 100_000),
        "width": Either(NONE, POSITIVE),
    }

    def map(self, seed: int) -> Transformer:
        """Return the map that is to be learned."""
        raise NotImplementedError

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        plain = super().describe(samples, seed)
        learned: Any = self.map(seed).fit(plain(samples))
        return Chain(plain, Transformed(learned))
