"""Centres of clusters, by Lloyd's algorithm."""

import numpy as np

from rosenblatt.arrays import check_vectors
from rosenblatt.features.gram import column_means, products, square_norms
from rosenblatt.kernels.similarity.clusters import add_to_centres, nearest
from rosenblatt.ranges import GENERATOR, Whole, check_value

BLOCK = 4096  # rows


def k_means(
    x: np.ndarray, count: int, rng: np.random.Generator, rounds: int = 20, spherical: bool = False
) -> np.ndarray:
    """Return `count` centres [K, D] (float32) of x [N, D].

    It begins from rows of x and ends after `rounds`, or when no row changes its centre; a centre
    without rows is put on a random one. spherical: the centres have length 1 and rows go to that of
    the largest product, for rows that differ in direction only.
    Raises UserError as check_vectors, or where there are fewer rows than centres.
    """
    x = check_vectors(x)
    check_value("count", count, Whole(1, len(x)))
    check_value("rng", rng, GENERATOR)
    check_value("rounds", rounds, Whole(0, 100_000))
    centres = _unit(x[np.sort(rng.permutation(len(x))[:count])].copy(), spherical)
    labels = np.full(len(x), -1)
    for _ in range(rounds):
        before, labels = labels, assign(x, centres)
        if np.array_equal(before, labels):
            break
        sums, counts = np.zeros(centres.shape), np.zeros(count, np.int64)
        add_to_centres(x, labels, sums, counts)
        empty = np.flatnonzero(counts == 0)
        sums[empty] = x[rng.integers(0, len(x), len(empty))]
        centres = _unit((sums / np.maximum(counts, 1)[:, None]).astype(np.float32), spherical)
    return centres


def assign(x: np.ndarray, centres: np.ndarray) -> np.ndarray:
    """Return the nearest centre of each row of x [N, D], [N] int64: exact, wherever they lie.

    The products are about the mean of the centres, so that a far origin costs no digits. Raises
    UserError as check_vectors.
    """
    centres = check_vectors(centres, "centres")
    x = check_vectors(x, columns=centres.shape[1])
    origin = column_means(centres)
    centres = np.ascontiguousarray(centres - origin, np.float32)
    squares = square_norms(centres, np.float64)
    longest = float(np.sqrt(squares.max()))
    labels = np.empty(len(x), np.int64)
    block = np.empty((min(len(x), BLOCK), len(centres)), np.float32)
    for first in range(0, len(x), BLOCK):
        rows = np.ascontiguousarray(x[first : first + BLOCK] - origin, np.float32)
        part = block[: len(rows)]
        products(rows, centres, part)
        nearest(part, squares / 2, rows, centres, longest, labels[first : first + BLOCK])
    return labels


def _unit(centres: np.ndarray, spherical: bool) -> np.ndarray:
    if spherical:
        lengths = np.sqrt(np.square(centres).sum(1, keepdims=True))
        centres /= np.maximum(lengths, np.float32(1e-12))
    return centres
