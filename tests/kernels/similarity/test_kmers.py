from collections import Counter

import numpy as np
import pytest

from rosenblatt.kernels.similarity import kmers
from tests.reference.similarity import strings as reference

LETTERS = np.array(list("ACGTN"))


def sequences(N, L, seed):
    return np.random.default_rng(seed).integers(0, 5, (N, L)).astype(np.uint8)


def written(words, length, places, texts):
    """Return each row of words, as the letters that they stand for; None where there is none."""
    table = reference.words(len(places))
    return [[table[w] if w >= 0 else None for w in row] for row in words]


@pytest.mark.parametrize(("N", "L", "length"), [(1, 1, 1), (3, 3, 3), (4, 21, 3), (0, 5, 2)])
def test_words_are_those_of_the_text(N, L, length):
    x, places = sequences(N, L, 1), np.array([0, length - 1])
    out = np.full((N, L - length + 1), -7)
    kmers.read_words(x, length, places, out)
    texts = ["".join(LETTERS[row]) for row in x]
    for text, found in zip(texts, written(out, length, places, texts), strict=True):
        windows = [text[i : i + length] for i in range(L - length + 1)]
        expected = [None if "N" in w else w[0] + w[length - 1] for w in windows]
        assert found == expected


@pytest.mark.parametrize("half", [False, True])
def test_pairs_of_equal_words_are_counted(half):
    rng = np.random.default_rng(2)
    words = rng.integers(-1, 6, (5, 9))
    starts, holders = np.empty(7, np.int64), np.empty(words.size, np.int64)
    kmers.index_words(words, starts, holders)
    for w in range(6):
        holding = [m for m, row in enumerate(words) for other in row if other == w]
        assert holders[starts[w] : starts[w + 1]].tolist() == holding
    counts = np.zeros((5, 5), np.int32)
    kmers.count_pairs(words, starts, holders, half, counts)
    bags = [Counter(w for w in row if w >= 0) for row in words.tolist()]
    for n, m in np.ndindex(5, 5):
        expected = sum(bags[n][w] * bags[m][w] for w in bags[n])
        assert counts[n, m] == (0 if half and m > n else expected)
    table = np.zeros((5, 6), np.int64)
    kmers.count_words(words, table)
    assert table.tolist() == [[bag[w] for w in range(6)] for bag in bags]


@pytest.mark.parametrize(("L", "length"), [(1, 1), (2, 3), (9, 3)])
def test_windows_are_compared_letter_by_letter(L, length):
    x, y = sequences(3, L, 3), sequences(3, L, 4)
    counts = np.zeros((3, 2), np.int64)
    kmers.compare_with_partner(x, y, length, counts)
    for n in range(3):
        one, other = (reference.windows("".join(LETTERS[row[n]]), length) for row in (x, y))
        apart = Counter(reference.apart(a, b) for a in one for b in other)
        assert counts[n].tolist() == [apart[0], apart[1]]
