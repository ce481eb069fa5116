"""How trees are grown: from derivatives, side by side, and round after round of boosting."""

import math
from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.trees import losses
from rosenblatt.kernels.trees.bins import Columns
from rosenblatt.kernels.trees.grow import Each, Room, Task, Tree, grow, grow_each
from rosenblatt.kernels.trees.histogram import BLOCK
from rosenblatt.kernels.trees.split import Rules, Scale

SMALL = 1 << 20  # rows times words below which threads grow whole trees of several classes
PARTS = 16  # blocks of rows whose histograms are kept at once
TINY = 1e-30
CATEGORY_ROWS, CATEGORY_STEP, MOST_CATEGORIES = 10.0, 100.0, 32  # LightGBM's, at most


class Table(NamedTuple):
    """What is learned from: words [C / 4, N] uint32, their columns, targets [K, N] (of a classifier
    labels [1, N]) float64, and the kind of the loss."""

    words: np.ndarray
    columns: Columns
    targets: np.ndarray
    kind: int


class Settings(NamedTuple):
    """Learning rate, shares of rows and of columns that a tree sees, and its rules."""

    rate: float
    rows: float
    columns: float
    rules: Rules


class Grower:
    """Grows K trees at a time on the rows of a table, each for derivatives of its own.

    whole: second derivatives are whole numbers, N at most in all. deep: a tree's leaves are so many
    that the sums of most are not kept.
    """

    def __init__(
        self, table: Table, rules: Rules, trees: int, whole: bool = False, deep: bool = False
    ) -> None:
        self.table, self.rules, self.whole = table, rules, whole
        N = table.words.shape[1]
        small = trees > 1 and N * len(table.words) < SMALL
        self.each = small or deep
        self.wide = threads_in_use() > 1 and not self.each
        self.packed = np.empty((trees, N), np.int64)
        kept = 2 if deep else rules.leaves
        self.room = _room(trees if self.each else 1, N, rules.leaves, kept, table.columns)

    def grow(
        self,
        derivatives: tuple[np.ndarray, np.ndarray, np.ndarray],
        drawn: tuple[np.ndarray, np.ndarray],
        rate: float,
        scores: np.ndarray,
    ) -> tuple[Tree, np.ndarray]:
        """Return trees, with an axis K before, and leaf values [K, L]; add these to scores [K, N].

        derivatives: g, h [K, N] float32, and largest [K, 2] of |g| and h; drawn: use [K, D] bool
        and key [K] uint64, as Each.
        """
        g, h, largest = derivatives
        K, L = len(scores), self.rules.leaves
        each = Each(*self._pack(g, h, largest), *drawn)
        tree = Tree(
            np.zeros((K, L - 1), np.int32),
            np.full((K, L - 1, 2), -1, np.int16),
            np.zeros((K, L - 1, 4), np.uint64),
        )
        words, columns = self.table.words, self.table.columns
        values, counts = np.zeros((K, L)), np.zeros(K, np.int64)
        if self.each:
            grow_each(words, columns, self.rules, each, self.packed, self.room, tree, counts)
        for k in range(K):
            room = Room(*(part[k if self.each else 0] for part in self.room))
            if not self.each:
                one = Scale(each.shift, each.gradient[k], each.hessian[k])
                task = Task(words, columns, self.rules, each.use[k], each.key[k])
                parts = Tree(*(part[k] for part in tree))
                counts[k] = grow(task, self.packed[k], one, room, self.wide, parts)
            bounds, shrinkage = room.bounds[: counts[k]], (rate, self.rules.l2)
            of_row = g[k], h[k]
            losses.add_leaves(
                room.rows, bounds, of_row, largest[k], shrinkage, values[k], scores[k]
            )
        return tree, values

    def _pack(
        self, g: np.ndarray, h: np.ndarray, largest: np.ndarray
    ) -> tuple[int, np.ndarray, np.ndarray]:
        """Round the derivatives to as many bits as their sums leave; return shift and scales [K].

        Whole second derivatives keep their values.
        """
        bits = int(g.shape[1]).bit_length()
        low = 0 if self.whole else (63 - 2 * bits) // 2
        shift = bits + low
        gradient = largest[:, 0] / (2 ** (63 - shift - bits) - 1)
        hessian = np.ones(len(largest)) if self.whole else largest[:, 1] / (2**low - 1)
        for k, out in enumerate(self.packed):
            losses.pack(g[k], h[k], shift, (1 / gradient[k], 1 / hessian[k]), out)
        return shift, gradient, hessian


class Rounds:
    """Scores [K, N] of all rows, which `step` betters by a tree each; rows of weight 0 only follow.

    start [K] float64: the scores before the first tree, of least loss.
    """

    def __init__(self, table: Table, settings: Settings, weights: np.ndarray, seed: int) -> None:
        self.table, self.settings, self.weights = table, settings, weights
        self.start = start_of(table, weights)
        K, N = len(self.start), len(weights)
        self.scores = np.repeat(self.start[:, None], N, 1)
        self.rng = np.random.default_rng(seed)
        whole = table.kind == losses.SQUARED and bool((weights * weights == weights).all())
        self.grower = Grower(table, settings.rules, K, whole)
        self.g, self.h = np.empty((2, K, N), np.float32)
        self.largest = np.empty((-(-N // losses.ROWS), K, 2), np.float32)

    def step(self) -> tuple[Tree, np.ndarray]:
        """Return a tree for each row of scores, with an axis K before, and values [K, L]."""
        table, (K, N), given = self.table, self.scores.shape, self.settings
        weights, use = self.weights, np.ones((K, table.columns.bins.size), bool)
        if given.rows < 1:
            weights = weights * (self.rng.random(N) < given.rows)
        if given.columns < 1:
            count = max(1, round(given.columns * use.shape[1]))
            use[:, self.rng.permutation(use.shape[1])[count:]] = False
        outputs = self.g, self.h, self.largest
        losses.derivatives(table.kind, self.scores, table.targets, weights, *outputs)
        largest = self.largest.max(0).astype(np.float64) + TINY
        drawn = use, np.zeros(K, np.uint64)
        return self.grower.grow((self.g, self.h, largest), drawn, given.rate, self.scores)

    def loss(self, weights: np.ndarray) -> float:
        """Return the mean loss of rows by these weights [N]."""
        return losses.mean_loss(self.table.kind, self.scores, self.table.targets, weights)


def _room(copies: int, rows: int, leaves: int, kept: int, columns: Columns) -> Room:
    codes, blocks = int(columns.start[-1]), min(PARTS, -(-rows // BLOCK))
    return Room(
        np.empty((copies, kept, codes), np.int64),
        np.empty((copies, blocks, codes), np.int64),
        np.empty((copies, rows), np.int32),
        np.empty((copies, rows + 1), np.int32),
        np.empty((copies, leaves, 2), np.int64),
    )


def category_limits(l2: float, rows: int) -> tuple[float, float, float, int]:
    """Return the rules for categories of a table of so many rows, as Rules."""
    share = 0.01 * rows
    return l2, min(CATEGORY_ROWS, share), min(CATEGORY_STEP, share), MOST_CATEGORIES


def start_of(table: Table, weights: np.ndarray) -> np.ndarray:
    """Return the constant scores [K] of least loss: means, or logarithms of the classes' shares."""
    total = math.fsum(weights)
    if table.kind == losses.SQUARED:
        return np.array([math.fsum(row * weights) / total for row in table.targets])
    labels = table.targets[0]
    classes = max(2, int(labels.max()) + 1)
    shares = [math.fsum(weights[labels == k]) / total for k in range(classes)]
    scores = log(np.maximum(np.array(shares), 1e-15))
    return scores if table.kind == losses.SOFTMAX else scores[1:] - scores[:1]
