"""Free text and divided codes as numbers: words and letters, hashed and weighed."""

import itertools
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from rosenblatt.features.tables.feature import (
    ColumnFeature,
    Describe,
    holds_levels,
    holds_text,
)
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.ranges import Choice, Whole

WORD = re.compile(r"[^\W_]+")
MANY = 50  # levels, from which on a category's spellings are words too


@dataclass(frozen=True)
class Words(ColumnFeature):
    """Words, or runs of letters, of free text and of categories of many levels, [n, buckets].

    Each falls into one of the buckets by the CRC-32 of its spelling in small letters (Weinberger et
    al. 2009, feature hashing), and counts by its rarity among training rows, log((1 + N) / (1 + n))
    + 1 (Salton & Buckley 1988); rows have length 1. of: "words", with their neighbours in pairs;
    "letters", runs of 3 to 5, of free text alone; "parts", whole pieces between signs, of codes
    such as B/0/P.
    """

    kind: str = "words"
    of: str = "words"
    buckets: int = 512

    settings: ClassVar = {"of": Choice(("words", "letters", "parts")), "buckets": Whole(1, 1 << 16)}

    def suits(self, column: Any) -> bool:
        many = holds_levels(column) and len(column.cat.categories) > MANY
        codes = many and not column.dtype.ordered and self.of != "letters"
        return holds_text(column) or codes

    def fit(self, column: Any) -> Describe:
        found = np.count_nonzero(self.counts(column), 0)
        weights = (log((1 + len(column)) / (1.0 + found)) + 1).astype(np.float32)
        outputs = tuple(f"{self.of} {place}" for place in range(self.buckets))
        return Describe(_Weighed(self, weights), outputs)

    def counts(self, column: Any) -> np.ndarray:
        """Return how often each bucket occurs in each row, [n, buckets] float32."""
        out = np.zeros((len(column), self.buckets), np.float32)
        for row, text in enumerate(column):
            if isinstance(text, str):
                for piece in self._pieces(text.lower()):
                    out[row, zlib.crc32(piece.encode()) % self.buckets] += 1
        return out

    def _pieces(self, text: str) -> Iterator[str]:
        words = WORD.findall(text)
        if self.of == "letters":
            line = f" {' '.join(words)} "
            for size in (3, 4, 5):
                yield from (line[start : start + size] for start in range(len(line) - size + 1))
            return
        yield from words
        if self.of == "words":
            yield from map(" ".join, itertools.pairwise(words))


@dataclass(frozen=True, eq=False)
class _Weighed(Kept):
    """Words counted, weighed [buckets], and brought to length 1."""

    words: Words
    weights: np.ndarray

    axes: ClassVar = {"weights": "float32 D"}

    def __call__(self, new: Any) -> np.ndarray:
        rows = self.words.counts(new)
        rows *= self.weights
        for row in rows:  # one at a time: all squares would be as large again
            row /= max(np.sqrt(np.square(row).sum()), np.float32(1e-12))
        return rows
