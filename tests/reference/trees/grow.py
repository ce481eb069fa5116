"""Trees by trying everything: every split of the rows themselves, in floating point, no bins."""

from collections.abc import Iterator
from itertools import combinations

import numpy as np


def sides(x: np.ndarray, categorical: bool) -> Iterator[np.ndarray]:
    """Yield the rows that go left [n] bool, for each way to split by one column [n]."""
    values, lost = np.unique(x[~np.isnan(x)]), np.isnan(x)
    if categorical:
        for size in range(1, len(values)):
            yield from (np.isin(x, some) for some in combinations(values, size))
        return
    for cut in values:
        for also in {False, bool(lost.any())}:
            yield np.where(lost, also, x <= cut)


def best(x: np.ndarray, g: np.ndarray, h: np.ndarray, l2: float, least: float, categories=()):
    """Return (gain, rows that go left) of the best split of rows x [n, D], gain 0 where none."""

    def term(rows: np.ndarray) -> float:
        return g[rows].sum() ** 2 / (h[rows].sum() + l2)

    found, everyone = (0.0, None), np.ones(len(x), bool)
    for feature in range(x.shape[1]):
        for left in sides(x[:, feature], feature in categories):
            if min(h[left].sum(), h[~left].sum()) >= least:
                gain = term(left) + term(~left) - term(everyone)
                if gain > found[0] + 1e-9:
                    found = gain, left
    return found


def tree(x, g, h, leaves, l2, least) -> list[np.ndarray]:
    """Return the rows of each leaf: the leaf whose split gains most is split next."""
    parts = [np.arange(len(x))]
    while len(parts) < leaves:
        splits = [best(x[rows], g[rows], h[rows], l2, least) for rows in parts]
        most = int(np.argmax([gain for gain, _ in splits]))
        gain, left = splits[most]
        if gain <= 0:
            break
        rows = parts[most]
        parts[most] = rows[left]
        parts.append(rows[~left])
    return parts


def boost(x, y, derivatives, start, rounds, rate, leaves, l2, least) -> np.ndarray:
    """Return the scores [N] of the rows after so many trees; derivatives(scores, y) -> (g, h)."""
    scores = np.full(len(x), float(start))
    for _ in range(rounds):
        g, h = derivatives(scores, y)
        for rows in tree(x, g, h, leaves, l2, least):
            scores[rows] -= rate * g[rows].sum() / (h[rows].sum() + l2)
    return scores
