"""The local alignment kernel by listing every alignment."""

import math
from itertools import pairwise


def alignments(first, second):
    """Yield every local alignment with a pair in it: the pairs (i, j), both rising."""

    def onward(pairs):
        yield pairs
        i, j = pairs[-1]
        for a in range(i + 1, len(first)):
            for b in range(j + 1, len(second)):
                yield from onward([*pairs, (a, b)])

    for i in range(len(first)):
        for j in range(len(second)):
            yield from onward([(i, j)])


def gap(length, opening, extension):
    return opening + (length - 1) * extension if length else 0.0


def kernel(first, second, beta, match, mismatch, opening, extension):
    """Return the sum of e^(beta score) over all alignments, the empty one included."""
    total = 1.0
    for pairs in alignments(first, second):
        score = sum(match if first[i] == second[j] else mismatch for i, j in pairs)
        for (i, j), (a, b) in pairwise(pairs):
            score += gap(a - i - 1, opening, extension) + gap(b - j - 1, opening, extension)
        total += math.exp(beta * score)
    return total
