"""String kernels: sequences compared by the short words that they share.

All are linear combinations of one thing: S_s, the number of pairs of windows of k letters that
agree at all places but s given ones, summed over the ways to choose them. It is counted by listing
which sequences hold each gapped word: time and memory grow with the words that are there, not with
the 4^k that could be. The kernels take sequences as features.sequences.encode gives them.
"""

from dataclasses import dataclass
from itertools import combinations
from math import comb
from typing import ClassVar

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.features.gram import Kernel, products
from rosenblatt.features.sequences import check_letters, reverse_complement
from rosenblatt.features.terms import SequenceTerm
from rosenblatt.kernels.similarity.kmers import (
    compare_with_partner,
    count_pairs,
    count_words,
    index_words,
    read_words,
)
from rosenblatt.ranges import FLAG, Range, Whole, check_settings

FEW = 512  # words; where no more are possible, the table of all counts is small, and multiplied
TABLE = 1 << 20  # words; where more are possible, those that are there are numbered first


@dataclass(frozen=True)
class _Windows(Kernel):
    """k(x, y) = sum over pairs of windows of `letters` letters, weighted by the letters apart.

    both_strands: a word may stand on either strand, as words to which proteins bind do: the
    features of a sequence and of its reverse complement are added (and divided by sqrt 2).
    Raises UserError where `letters` is not between 1 and 31.
    """

    letters: int
    both_strands: bool = False

    settings: ClassVar[dict[str, Range]] = {"letters": Whole(1, 31), "both_strands": FLAG}

    def __post_init__(self) -> None:
        check_settings(self)

    def weights(self) -> list[int]:
        """Return the weight of a pair of windows that differ in d letters, d = 0, 1, ..."""
        raise NotImplementedError

    def __call__(self, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
        x = check_letters(x)
        references = x if y is None else check_letters(y)
        shares = _shares_of_gapped(self.weights(), self.letters)
        queries = np.hstack([x, _wall(x), reverse_complement(x)]) if self.both_strands else x
        total = np.zeros((len(x), len(references)))
        for gaps, share in enumerate(shares):
            if share == 0:
                continue
            counts = np.zeros(total.shape, np.int32)
            for kept in combinations(range(self.letters), self.letters - gaps):
                _count(
                    queries, references, self.letters, np.array(kept, np.int64), y is None, counts
                )
            total += share * counts
        if y is None:
            total += np.tril(total, -1).T
        return total.astype(np.float32)

    def diagonal(self, x: np.ndarray) -> np.ndarray:
        x, weights = check_letters(x), self.weights()
        counts = np.zeros((len(x), len(weights)), np.int64)
        for strand in (x, reverse_complement(x)) if self.both_strands else (x,):
            compare_with_partner(x, strand, self.letters, counts)
        return (counts * np.array(weights, np.float64)).sum(1).astype(np.float32)


@dataclass(frozen=True)
class Spectrum(_Windows):
    """Words of k letters that are the same (Leslie, Eskin & Noble 2002)."""

    def weights(self) -> list[int]:
        return [1]


@dataclass(frozen=True)
class Mismatch(_Windows):
    """Each word counts for all words within `mismatches` letters of it (Leslie et al. 2004).

    The weight of two windows d letters apart is the number of words that are near both.
    """

    mismatches: int = 1

    settings: ClassVar = _Windows.settings | {"mismatches": Whole(0, 30)}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.mismatches >= self.letters:
            raise UserError(
                f"mismatches = {self.mismatches}: they must be fewer than letters = {self.letters}."
            )

    def weights(self) -> list[int]:
        k, m = self.letters, self.mismatches
        return [_words_near_both(k, m, apart) for apart in range(min(k, 2 * m) + 1)]


@dataclass(frozen=True)
class Gapped(_Windows):
    """Words of `solid` letters within windows of `letters`, the other places free (Ghandi 2014)."""

    solid: int = 4

    settings: ClassVar = _Windows.settings | {"solid": Whole(1, 31)}

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.solid > self.letters:
            raise UserError(f"solid = {self.solid}: they must be at most letters = {self.letters}.")

    def weights(self) -> list[int]:
        gaps = self.letters - self.solid
        return [comb(self.letters - apart, self.solid) for apart in range(gaps + 1)]


@dataclass(frozen=True)
class _WordsTerm(SequenceTerm):
    """What the terms of words share."""

    letters: int = 6
    both_strands: bool = True

    def suits(self, samples: np.ndarray) -> None:
        super().suits(samples)
        if self.letters > samples.shape[1]:
            raise UserError(
                f"letters = {self.letters}, and the longest sequence has {samples.shape[1]}; take "
                "shorter words."
            )


@dataclass(frozen=True)
class SpectrumTerm(Spectrum, _WordsTerm):
    """Words of so many letters that are the same."""

    kind: str = "spectrum"
    letters: int = 6
    both_strands: bool = True


@dataclass(frozen=True)
class MismatchTerm(Mismatch, _WordsTerm):
    """Words that are the same but for so many mismatches."""

    kind: str = "mismatch"
    letters: int = 8
    both_strands: bool = True


@dataclass(frozen=True)
class GappedTerm(Gapped, _WordsTerm):
    """Words of `solid` letters in a window of `letters`."""

    kind: str = "gapped"
    letters: int = 10
    solid: int = 6
    both_strands: bool = True


def _words_near_both(k: int, m: int, apart: int) -> int:
    """Return how many words of k letters lie within m of both of two words `apart` letters apart.

    At the places where the two differ such a word has the one's letter, the other's (i and j times)
    or one of the two remaining ones; elsewhere their letter, or one of three others (e times).
    """
    total = 0
    for i in range(apart + 1):
        for j in range(apart - i + 1):
            neither = apart - i - j
            for e in range(k - apart + 1):
                if max(i, j) + neither + e <= m:
                    total += (
                        comb(apart, i) * comb(apart - i, j) * 2**neither * comb(k - apart, e) * 3**e
                    )
    return total


def _shares_of_gapped(weights: list[int], k: int) -> list[int]:
    """Return c with sum_s c_s S_s = sum_d weights[d] N_d, N_d the pairs of windows d letters apart.

    S_s = sum_d comb(k - d, s - d) N_d, which is solved from the smallest d on.
    """
    shares: list[int] = []
    for apart, weight in reversed(list(enumerate(weights))):
        # N_apart enters S_s for s >= apart; the shares of larger s are known.
        larger = sum(
            share * comb(k - apart, s - apart) for s, share in enumerate(shares, apart + 1)
        )
        shares.insert(0, weight - larger)
    return shares


def _wall(x: np.ndarray) -> np.ndarray:
    """Return a column of unknown letters, which no window crosses."""
    return np.full((len(x), 1), 4, np.uint8)


def _count(
    queries: np.ndarray,
    references: np.ndarray,
    letters: int,
    kept: np.ndarray,
    half: bool,
    counts: np.ndarray,
) -> None:
    """Add the pairs of windows that agree at the places `kept` to counts [N, M]."""
    words, others = _words(queries, letters, kept), _words(references, letters, kept)
    if words.size == 0 or others.size == 0:
        return
    distinct = 4 ** len(kept)
    if distinct <= FEW:
        counts += _product_of_counts(words, others, distinct, half)
        return
    if distinct > TABLE:
        names, numbers = np.unique(np.concatenate([words, others], axis=None), return_inverse=True)
        numbers = numbers.reshape(-1) - (names[0] < 0)  # those of unknown words stay -1
        words, others = (
            numbers[: words.size].reshape(words.shape),
            numbers[words.size :].reshape(others.shape),
        )
        distinct = len(names)
    starts, holders = np.empty(distinct + 1, np.int64), np.empty(others.size, np.int32)
    index_words(others, starts, holders)
    count_pairs(words, starts, holders, half, counts)


def _product_of_counts(
    words: np.ndarray, others: np.ndarray, distinct: int, half: bool
) -> np.ndarray:
    """Return the pairs of equal words, [N, M] int32: whole numbers that float32 holds exactly."""
    tables = [np.zeros((len(rows), distinct), np.float32) for rows in (words, others)]
    for rows, table in zip((words, others), tables, strict=True):
        count_words(rows, table)
    found = np.empty((len(words), len(others)), np.float32)
    products(tables[0], tables[1], found)
    return (np.tril(found) if half else found).astype(np.int32)


def _words(sequences: np.ndarray, letters: int, kept: np.ndarray) -> np.ndarray:
    windows = max(0, sequences.shape[1] - letters + 1)
    out = np.empty((len(sequences), windows), np.int64)
    read_words(np.ascontiguousarray(sequences), letters, kept, out)
    return out
