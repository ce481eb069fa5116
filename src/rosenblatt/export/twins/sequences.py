"""Sequences of DNA in plain NumPy: letters 0 to 3, 4 for one that is not known, and their words."""

from itertools import combinations, product
from math import comb
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.files import number, read_rows
from rosenblatt.export.twins.parts import Part, UnfitError, twin
from rosenblatt.export.twins.words import shared_words

LETTERS = dict(zip("ACGTUNRYSWKMBDHV-.", [0, 1, 2, 3, 3] + [4] * 13, strict=True))


@twin("sequences.read")
def read_sequences(part: Part, model: Part, path: Path) -> tuple[np.ndarray, Any]:
    """Return the sequences of a file, [n, L] letters, and their Ids, None where it has none."""
    (rows, _), (longest,) = read_rows(path), model.expected.shape
    key, name = rows[0][0], rows[0][-1].upper()
    width, rest = len(rows[0]), rows[1:]
    if width > 2:
        raise UnfitError(f"{path}: has {width} columns; keep two, the Id and the sequence")
    headed = 2 * sum(map(name.count, "ACGTN")) <= len(name)  # else a damaged sequence
    headed = headed and not (len(name) > 1 and set(name) <= set(LETTERS))
    if rest and width == 2 and all(number(row[0]) is not None for row in rest):
        headed = number(key) is None
    rows = rest if headed else rows
    if not rows:
        raise UnfitError(f"{path}: holds names, and no rows")
    letters = np.full((len(rows), longest), 4, np.uint8)
    for place, row in enumerate(rows):
        sequence = row[-1].upper()
        if not sequence or len(sequence) > longest or not set(sequence) <= set(LETTERS):
            raise UnfitError(f"{path}: {row[-1]!r} is no sequence of 1 to {longest} letters")
        letters[place, : len(sequence)] = [LETTERS[letter] for letter in sequence]
    return letters, [row[0] for row in rows] if width == 2 else None


@twin("features.strings.Spectrum")
def spectrum(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return how many words of `letters` letters sequences share (Leslie, Eskin & Noble 2002)."""
    return near_words(part, 0, x, y)


@twin("features.strings.Mismatch")
def mismatch(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Likewise, where each word counts for all within `mismatches` of it (Leslie et al. 2004)."""
    return near_words(part, part.mismatches, x, y)


@twin("features.strings.Gapped")
def gapped(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return how many words of `solid` letters in windows they share (Ghandi et al. 2014)."""
    if y is None:
        equal = range(part.letters, -1, -1)
        return compared_within(part, [comb(letters, part.solid) for letters in equal], x)
    ways = combinations(range(part.letters), part.solid)
    return np.sum([compared(part, places, np.zeros(1, np.int64), x, y) for places in ways], 0)


def near_words(part: Part, mismatches: int, x: np.ndarray, y: np.ndarray | None) -> np.ndarray:
    """Return how many words within so many mismatches of their own sequences share.

    Two bits of a word are a letter: to change some letters is to turn some bits.
    """
    letters = range(part.letters)
    changes = np.array([
        sum(change << 2 * place for change, place in zip(turned, chosen, strict=True))
        for count in range(mismatches + 1)
        for chosen in combinations(letters, count)
        for turned in product((1, 2, 3), repeat=count)
    ])  # fmt: skip
    if y is not None:
        return compared(part, letters, changes, x, y)
    others = [(4**apart - 1) // 3 for apart in range(part.letters + 1)]  # words of so many changes
    return compared_within(part, [np.isin(changes ^ one, changes).sum() for one in others], x)


def compared(
    part: Part, places: Any, changes: np.ndarray, x: np.ndarray, y: np.ndarray
) -> np.ndarray:
    """Return the words that sequences share, [N, M]; places: of a window that are read."""
    own, other = (
        words_at(sequences, part.letters, places, changes) for sequences in (strands(part, x), y)
    )
    return shared_words(own, other, (len(x), len(y))).astype(np.float32)


def compared_within(part: Part, weights: list, x: np.ndarray) -> np.ndarray:
    """Return the pairs of windows of each sequence, weighted by how many letters are apart."""
    letters, factors = np.eye(5, 4, dtype=np.float32), np.array(weights, np.float64)
    found = []
    for row in zip(x, strands(part, x), strict=True):
        windows = [np.lib.stride_tricks.sliding_window_view(one, part.letters) for one in row]
        own, other = (
            letters[one[(one < 4).all(1)]].reshape(-1, 4 * part.letters) for one in windows
        )
        found.append(factors[part.letters - (own @ other.T).astype(np.int64)].sum())
    return np.array(found, np.float32)


def strands(part: Part, x: np.ndarray) -> np.ndarray:
    """Return sequences, followed by their other strands where words may stand on both."""
    if not part.both_strands:
        return x
    return np.hstack([x, np.full((len(x), 1), 4), np.where(x < 4, 3 - x, 4)[:, ::-1]])


def words_at(
    sequences: np.ndarray, letters: int, places: Any, changes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return owners and words of all windows, and those changed; none where a letter is 4."""
    windows = sequences.shape[1] - letters + 1
    words = np.zeros((len(sequences), windows), np.int64)
    known = np.ones(words.shape, bool)
    for place in range(letters):
        column = sequences[:, place : place + windows]
        known &= column < 4
        words = 4 * words + column if place in places else words
    owners = np.repeat(np.nonzero(known)[0], len(changes))
    return owners, (words[known][:, None] ^ changes).ravel()
