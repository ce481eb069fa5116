"""The rounds of gradient boosting: derivatives, a tree for each row of scores, leaf values."""

import math
from typing import NamedTuple

import numpy as np

from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.elementwise import log
from rosenblatt.kernels.trees import losses
from rosenblatt.kernels.trees.bins import Columns
from rosenblatt.kernels.trees.grow import Room, Task, Tree, grow, grow_each
from rosenblatt.kernels.trees.histogram import BLOCK
from rosenblatt.kernels.trees.split import Rules, Scale

SMALL = 1 << 20  # rows times words below which threads grow whole trees of several classes
PARTS = 16  # blocks of rows whose histograms are kept at once
TINY = 1e-30


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


class Rounds:
    """Scores [K, N] of all rows, which `step` betters by a tree each; rows of weight 0 only follow.

    start [K] float64: the scores before the first tree, of least loss.
    """

    def __init__(self, table: Table, settings: Settings, weights: np.ndarray, seed: int) -> None:
        self.table, self.settings, self.weights = table, settings, weights
        self.start = _start(table, weights)
        K, N = len(self.start), len(weights)
        self.scores = np.repeat(self.start[:, None], N, 1)
        self.rng = np.random.default_rng(seed)
        self.whole = table.kind == losses.SQUARED and bool((weights * weights == weights).all())
        small = K > 1 and N * len(table.words) < SMALL
        self.wide = threads_in_use() > 1 and not small
        self.g, self.h = np.empty((2, K, N), np.float32)
        self.packed = np.empty((K, N), np.int64)
        self.largest = np.empty((-(-N // losses.ROWS), K, 2), np.float32)
        self.room = _room(K if small else 1, N, settings.rules.leaves, table.columns)

    def step(self) -> tuple[Tree, np.ndarray]:
        """Return a tree for each row of scores, with an axis K before, and values [K, L]."""
        table, (K, N), given = self.table, self.scores.shape, self.settings
        weights, use = self.weights, np.ones_like(table.columns.use)
        if given.rows < 1:
            weights = weights * (self.rng.random(N) < given.rows)
        if given.columns < 1:
            use[self.rng.permutation(use.size)[max(1, round(given.columns * use.size)) :]] = False
        outputs = self.g, self.h, self.largest
        losses.derivatives(table.kind, self.scores, table.targets, weights, *outputs)
        largest = self.largest.max(0).astype(np.float64) + TINY
        scales = self._pack(largest)
        L = given.rules.leaves
        tree = Tree(
            np.zeros((K, L - 1), np.int32),
            np.full((K, L - 1, 2), -1, np.int16),
            np.zeros((K, L - 1, 4), np.uint64),
        )
        task = Task(table.words, table.columns._replace(use=use), given.rules)
        values, counts = np.zeros((K, L)), np.zeros(K, np.int64)
        each = len(self.room.pool) > 1
        if each:
            grow_each(*task, self.packed, scales, self.room, tree, counts)
        for k in range(K):
            room = Room(*(part[k if each else 0] for part in self.room))
            if not each:
                one = Scale(scales[0], scales[1][k], scales[2][k])
                parts = Tree(*(part[k] for part in tree))
                counts[k] = grow(task, self.packed[k], one, room, self.wide, parts)
            bounds, derivative = room.bounds[: counts[k]], (self.g[k], self.h[k])
            shrinkage = given.rate, given.rules.l2
            losses.add_leaves(
                room.rows, bounds, derivative, largest[k], shrinkage, values[k], self.scores[k]
            )
        return tree, values

    def _pack(self, largest: np.ndarray) -> tuple[int, np.ndarray, np.ndarray]:
        """Round the derivatives to as many bits as their sums leave; return shift and scales [K].

        Squared errors without weights have h = 1, which is one bit.
        """
        bits = int(self.weights.size).bit_length()
        low = 0 if self.whole else (63 - 2 * bits) // 2
        shift = bits + low
        gradient = largest[:, 0] / (2 ** (63 - shift - bits) - 1)
        hessian = np.ones(len(largest)) if self.whole else largest[:, 1] / (2**low - 1)
        for k, out in enumerate(self.packed):
            losses.pack(self.g[k], self.h[k], shift, (1 / gradient[k], 1 / hessian[k]), out)
        return shift, gradient, hessian

    def loss(self, weights: np.ndarray) -> float:
        """Return the mean loss of rows by these weights [N]."""
        return losses.mean_loss(self.table.kind, self.scores, self.table.targets, weights)


def _room(copies: int, rows: int, leaves: int, columns: Columns) -> Room:
    codes, blocks = int(columns.start[-1]), min(PARTS, -(-rows // BLOCK))
    return Room(
        np.empty((copies, leaves, codes), np.int64),
        np.empty((copies, blocks, codes), np.int64),
        np.empty((copies, rows), np.int32),
        np.empty((copies, rows + 1), np.int32),
        np.empty((copies, leaves, 2), np.int64),
    )


def _start(table: Table, weights: np.ndarray) -> np.ndarray:
    """Return the constant scores [K] of least loss: means, or logarithms of the classes' shares."""
    total = math.fsum(weights)
    if table.kind == losses.SQUARED:
        return np.array([math.fsum(row * weights) / total for row in table.targets])
    labels = table.targets[0]
    classes = max(2, int(labels.max()) + 1)
    shares = [math.fsum(weights[labels == k]) / total for k in range(classes)]
    scores = log(np.maximum(np.array(shares), 1e-15))
    return scores if table.kind == losses.SOFTMAX else scores[1:] - scores[:1]
