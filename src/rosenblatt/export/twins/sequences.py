"""Sequences of DNA in plain NumPy: letters 0 to 3, 4 for one that is not known, and their words."""

from itertools import combinations, product
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.export.twins.files import number, read_rows
from rosenblatt.export.twins.parts import Part, twin
from rosenblatt.export.twins.words import shared_within, shared_words

LETTERS = dict(zip("ACGTUNRYSWKMBDHV-.", [0, 1, 2, 3, 3] + [4] * 13, strict=True))


@twin("sequences.read")
def read_sequences(part: Part, model: Part, path: Path) -> tuple[np.ndarray, Any]:
    """Return the sequences of a file, [n, L] letters, and their Ids, None where it has none."""
    rows, (longest,) = read_rows(path), model.expected.shape
    first = [cell.upper() for cell in rows[0]]
    numbered = len(first) == 2 and all(number(row[0]) is not None for row in rows[1:])
    if not set(first[-1]) <= set(LETTERS) or (numbered and number(first[0]) is None):
        rows = rows[1:]
    letters = np.full((len(rows), longest), 4, np.uint8)
    for place, row in enumerate(rows):
        if len(row[-1]) > longest:
            raise SystemExit(f"{path}: has a sequence of more than {longest} letters")
        letters[place, : len(row[-1])] = [LETTERS[letter] for letter in row[-1].upper()]
    return letters, [row[0] for row in rows] if len(first) == 2 else None


@twin("features.strings.Spectrum")
def spectrum(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return how many words of `letters` letters sequences share (Leslie, Eskin & Noble 2002)."""
    return compared(part, [range(part.letters)], 0, x, y)


@twin("features.strings.Mismatch")
def mismatch(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Likewise, where each word counts for all within `mismatches` of it (Leslie et al. 2004)."""
    return compared(part, [range(part.letters)], part.mismatches, x, y)


@twin("features.strings.Gapped")
def gapped(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return how many words of `solid` letters in windows they share (Ghandi et al. 2014)."""
    return compared(part, combinations(range(part.letters), part.solid), 0, x, y)


def compared(
    part: Part, ways: Any, mismatches: int, x: np.ndarray, y: np.ndarray | None
) -> np.ndarray:
    """Return the words that sequences share, of all ways to read a window, added up."""
    strands, others, total = x, x if y is None else y, np.zeros(())
    if part.both_strands:
        other_strand = np.where(x < 4, 3 - x, 4)[:, ::-1]
        strands = np.hstack([x, np.full((len(x), 1), 4), other_strand])
    for places in ways:
        own = words_at(strands, part.letters, places, mismatches)
        other = words_at(others, part.letters, places, mismatches)
        if y is None:
            total = total + shared_within(own, other, len(x))
        else:
            total = total + shared_words(own, other, (len(x), len(y)))
    return total.astype(np.float32)


def words_at(
    sequences: np.ndarray, letters: int, places: Any, mismatches: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return owners and words of all windows, read at some places, without those of a letter 4.

    Two bits of a word are a letter, so that a changed word is the word, some of its bits turned.
    """
    windows = sequences.shape[1] - letters + 1
    words = np.zeros((len(sequences), windows), np.int64)
    known = np.ones(words.shape, bool)
    for place in range(letters):
        column = sequences[:, place : place + windows]
        known &= column < 4
        words = 4 * words + column if place in places else words
    changes = [
        sum(change << 2 * place for change, place in zip(turned, chosen, strict=True))
        for count in range(mismatches + 1)
        for chosen in combinations(range(len(places)), count)
        for turned in product((1, 2, 3), repeat=count)
    ]
    owners = np.repeat(np.nonzero(known)[0], len(changes))
    return owners, (words[known][:, None] ^ np.array(changes)).ravel()
