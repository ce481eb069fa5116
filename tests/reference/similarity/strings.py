"""String kernels by their definition: a table of all words, one entry for each."""

from itertools import product

import numpy as np


def words(letters):
    return ["".join(word) for word in product("ACGT", repeat=letters)]


def apart(a, b):
    return sum(x != y for x, y in zip(a, b, strict=True))


def windows(sequence, letters):
    found = [sequence[i : i + letters] for i in range(len(sequence) - letters + 1)]
    return [window for window in found if set(window) <= set("ACGT")]


def mismatch_features(sequence, letters, mismatches):
    """Return how many windows lie within so many mismatches of each possible word."""
    table = words(letters)
    return np.array(
        [sum(apart(w, word) <= mismatches for w in windows(sequence, letters)) for word in table]
    )


def gapped_features(sequence, letters, solid, places):
    """Return how often each word stands at the solid places of a window, for all such places."""
    features = []
    for kept in places(range(letters), solid):
        read = ["".join(w[i] for i in kept) for w in windows(sequence, letters)]
        features += [read.count(word) for word in words(solid)]
    return np.array(features)


def other_strand(sequence):
    return "".join({"A": "T", "C": "G", "G": "C", "T": "A"}.get(c, c) for c in reversed(sequence))


def weighted_degree(first, second, degree):
    """Return the sum over lengths d <= degree of beta_d times the equal words at equal places."""
    total = 0.0
    for d in range(1, degree + 1):
        beta = 2 * (degree - d + 1) / (degree * (degree + 1))
        for i in range(min(len(first), len(second)) - d + 1):
            a, b = first[i : i + d], second[i : i + d]
            total += beta * (a == b and set(a) <= set("ACGT"))
    return total
