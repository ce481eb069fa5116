"""How many words samples share, in plain NumPy: word i is held by the sample owner[i]."""

import numpy as np

LISTED = 100  # products of a table that take as long as one pair of a list
WORDS = 4096  # columns of a table
PAIRS = 1 << 22  # that stand in memory at a time


def numbered(words: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Return words as numbers from 0 on, the same for equal words, and how many there are."""
    names, numbers = np.unique(np.concatenate([words, others]), return_inverse=True)
    return numbers[: len(words)], numbers[len(words) :], len(names)


def shared_words(own: tuple, other: tuple, shape: tuple[int, int]) -> np.ndarray:
    """Return the pairs of equal words of all samples, [N, M]; own, other: owners and words.

    Words that many samples hold are counted in tables, which are multiplied; others are looked up.
    """
    words, others, count = numbered(own[1], other[1])
    frequent = np.bincount(words, minlength=count) * np.bincount(others, minlength=count) > (
        shape[0] * shape[1] / LISTED
    )
    total = np.zeros(shape)
    place = np.cumsum(frequent) - 1
    for first in range(0, int(frequent.sum()), WORDS):
        inside = frequent & (place >= first) & (place < first + WORDS)
        tables = [
            counted(owners[inside[named]], place[named][inside[named]] - first, rows)
            for owners, named, rows in ((own[0], words, shape[0]), (other[0], others, shape[1]))
        ]
        total += tables[0] @ tables[1].T
    rare, rare_others = ~frequent[words], ~frequent[others]
    looked_up = own[0][rare], words[rare], other[0][rare_others], others[rare_others]
    return total + shared_rare_words(*looked_up, shape)


def counted(owners: np.ndarray, words: np.ndarray, rows: int) -> np.ndarray:
    """Return how often each sample holds each of WORDS words, [rows, WORDS]."""
    found = np.bincount(owners * WORDS + words, minlength=rows * WORDS)
    return found.reshape(rows, WORDS).astype(np.float32)


def shared_rare_words(
    owners: np.ndarray, words: np.ndarray, holders: np.ndarray, others: np.ndarray, shape: tuple
) -> np.ndarray:
    """Return the pairs of equal words, found by who else holds each word."""
    order = np.argsort(others, kind="stable")
    others, holders = others[order], holders[order]
    first = np.searchsorted(others, words)
    sizes = np.searchsorted(others, words, "right") - first
    total = np.zeros(shape)
    for part in np.array_split(np.arange(len(words)), int(sizes.sum()) // PAIRS + 1):
        before = np.cumsum(sizes[part]) - sizes[part]
        places = np.repeat(first[part] - before, sizes[part]) + np.arange(sizes[part].sum())
        pairs = np.repeat(owners[part], sizes[part]) * shape[1] + holders[places]
        total += np.bincount(pairs, minlength=total.size).reshape(shape)
    return total


def shared_within(own: tuple, other: tuple, rows: int) -> np.ndarray:
    """Return the pairs of equal words of each sample and another list of its words, [rows]."""
    words, others, count = numbered(own[1], other[1])
    keys, times = np.unique(own[0] * count + words, return_counts=True)
    other_keys, other_times = np.unique(other[0] * count + others, return_counts=True)
    both, one, two = np.intersect1d(keys, other_keys, assume_unique=True, return_indices=True)
    return np.bincount(both // count, times[one] * other_times[two], minlength=rows)
