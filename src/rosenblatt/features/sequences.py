"""Sequences of DNA as arrays of letters."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rosenblatt.arrays import check_whole
from rosenblatt.errors import UserError
from rosenblatt.kernels.similarity.kmers import UNKNOWN
from rosenblatt.ranges import TEXT, Each, check_value

LETTERS = "ACGT"
AMBIGUOUS = "NRYSWKMBDHV-."  # IUPAC's codes for more than one base, and gaps


def encode(sequences: Sequence[str]) -> np.ndarray:
    """Return sequences as letters 0 to 3 (ACGT; U is T), [N, L] uint8, L of the longest.

    4 stands for IUPAC's ambiguous letters, and for what lies beyond the end of a shorter sequence.
    Raises UserError for an empty sequence, or another letter, named by row and place.
    """
    table = np.full(256, 255, np.uint8)
    for letters, code in (*zip(LETTERS, range(4), strict=True), ("U", 3), (AMBIGUOUS, UNKNOWN)):
        for letter in letters + letters.lower():
            table[ord(letter)] = code
    check_value("sequences", sequences, Each(TEXT, 0, 10**9))
    lengths = [len(sequence) for sequence in sequences]
    if not lengths or min(lengths) == 0:
        row = lengths.index(0) + 1 if lengths else 0
        raise UserError(f"row {row} holds no letter; give a sequence of {LETTERS} in each row.")
    out = np.full((len(sequences), max(lengths)), UNKNOWN, np.uint8)
    for n, sequence in enumerate(sequences):
        codes = table[np.frombuffer(sequence.encode("latin-1", "replace"), np.uint8)]
        if codes.max() == 255:
            place = int(codes.argmax())
            raise UserError(
                f"row {n + 1}, letter {place + 1} is {sequence[place]!r}, none of {LETTERS}, U "
                f"and IUPAC's {AMBIGUOUS}; correct it."
            )
        out[n, : len(codes)] = codes
    return out


def check_letters(sequences: Any) -> np.ndarray:
    """Return sequences [N, L] as uint8, letters 0 to 3 and 4 for unknown ones, as encode gives.

    Raises UserError for anything else.
    """
    if np.iterable(sequences) and any(isinstance(one, str) for one in sequences):
        raise UserError("sequences of text; give what features.sequences.encode makes of them.")
    return check_whole(sequences, "N L", 0, UNKNOWN, "sequences").astype(np.uint8)


def reverse_complement(sequences: np.ndarray) -> np.ndarray:
    """Return the other strand of each sequence [N, L]: backwards, A for T and C for G.

    Raises UserError as check_letters.
    """
    backwards = check_letters(sequences)[:, ::-1]
    return np.where(backwards < UNKNOWN, 3 - backwards, UNKNOWN).astype(np.uint8)
