"""The best box of all: by looking at every one, and by branch and bound.

A score for each pixel is given, positive where it speaks for the object; a box scores the sum over
its pixels. Sums over boxes take four look-ups in a table of sums (Viola & Jones 2001, section 2.1).
"""

import heapq
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.detection.boxes import SIZE
from rosenblatt.ranges import Each, Whole, check_value

Interval = tuple[int, int]


class Best(NamedTuple):
    """A best box (top, left, bottom, right), its score, and how many boxes or sets were scored."""

    box: tuple[int, int, int, int]
    score: float
    evaluations: int


def table_of_sums(scores: np.ndarray) -> np.ndarray:
    """Return the sums over [0, y) x [0, x) of scores [H, W], [H + 1, W + 1] float64.

    Raises UserError as check_numbers.
    """
    scores = check_numbers(scores, "H W", "scores", np.float64)
    table = np.zeros((scores.shape[0] + 1, scores.shape[1] + 1))
    table[1:, 1:] = scores.cumsum(0).cumsum(1)
    return table


def sliding_windows(
    size: tuple[int, int], sides: Sequence[tuple[int, int]], stride: int
) -> np.ndarray:
    """Return all boxes [M, 4] of the given (heights, widths), `stride` apart, inside an image.

    Raises UserError where a size, side or stride is not 1 at least.
    """
    check_value("size", size, SIZE)
    check_value("sides", sides, Each(SIZE, 0, 10_000))
    check_value("stride", stride, Whole(1, 1_000_000))
    found = []
    for height, width in sides:
        tops = np.arange(0, size[0] - height + 1, stride)
        lefts = np.arange(0, size[1] - width + 1, stride)
        top, left = (axis.ravel() for axis in np.meshgrid(tops, lefts, indexing="ij"))
        found.append(np.stack([top, left, top + height, left + width], axis=1))
    return np.concatenate(found) if found else np.zeros((0, 4), np.int64)


def exhaustive(scores: np.ndarray) -> Best:
    """Return the best box of scores [H, W] by looking at all H (H + 1) W (W + 1) / 4.

    Raises UserError as check_numbers.
    """
    table = table_of_sums(scores)
    H, W = (side - 1 for side in table.shape)
    lefts, rights = np.triu_indices(W + 1, 1)
    best, box = -np.inf, (0, 0, 1, 1)
    for top in range(H):
        for bottom in range(top + 1, H + 1):
            band = table[bottom] - table[top]
            sums = band[rights] - band[lefts]
            place = int(sums.argmax())
            if sums[place] > best:
                best = float(sums[place])
                box = (top, int(lefts[place]), bottom, int(rights[place]))
    return Best(box, best, H * (H + 1) * W * (W + 1) // 4)


def branch_and_bound(scores: np.ndarray) -> Best:
    """Return the best box of scores [H, W]: that of exhaustive search, after looking at few.

    A set of boxes has an interval for each of the four sides. No box of it scores more than the
    positive scores of its largest box and the negative ones of its smallest; the set of the highest
    bound is split in its widest interval until it is one box (Lampert et al. 2008, algorithm 1).
    Raises UserError as check_numbers.
    """
    scores = check_numbers(scores, "H W", "scores", np.float64)
    positive, negative = table_of_sums(np.maximum(scores, 0)), table_of_sums(np.minimum(scores, 0))

    def bound(sides: tuple[Interval, ...]) -> float:
        (top, top1), (left, left1), (bottom0, bottom), (right0, right) = sides
        high = (
            positive[bottom, right] - positive[top, right]
            - positive[bottom, left] + positive[top, left]
        )  # fmt: skip
        if top1 < bottom0 and left1 < right0:
            high += (
                negative[bottom0, right0] - negative[top1, right0]
                - negative[bottom0, left1] + negative[top1, left1]
            )  # fmt: skip
        return float(high)

    H, W = scores.shape
    start: tuple[Interval, ...] = ((0, H - 1), (0, W - 1), (1, H), (1, W))
    heap = [(-bound(start), 0, start)]
    evaluations = 1
    while True:
        negated, _, sides = heapq.heappop(heap)
        widest = max(range(4), key=lambda side: sides[side][1] - sides[side][0])
        first, last = sides[widest]
        if first == last:
            top, left, bottom, right = (side[0] for side in sides)
            return Best((top, left, bottom, right), -negated, evaluations)
        middle = (first + last) // 2
        for half in ((first, middle), (middle + 1, last)):
            part = (*sides[:widest], half, *sides[widest + 1 :])
            if part[0][0] < part[2][1] and part[1][0] < part[3][1]:  # some box is not empty
                heapq.heappush(heap, (-bound(part), evaluations, part))
                evaluations += 1
