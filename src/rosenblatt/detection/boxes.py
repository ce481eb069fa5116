"""Boxes [M, 4] of (top, left, bottom, right): areas, overlaps, the best of many, corrections."""

import numpy as np

from rosenblatt.errors import UserError
from rosenblatt.kernels.boxes import overlaps, suppress
from rosenblatt.kernels.elementary import exp, log

LARGEST_STEP = 4.0  # of the logarithm of a correction: no box grows more than 50 times


def area(boxes: np.ndarray) -> np.ndarray:
    """Return the pixels of boxes [M, 4], 0 where a box ends before it begins."""
    sides = np.maximum(boxes[..., 2:] - boxes[..., :2], 0)
    return sides[..., 0] * sides[..., 1]


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return intersection over union of each of first [M, 4] with each of second [K, 4], [M, K].

    Everingham et al. 2010, "The PASCAL visual object classes challenge", equation 1.
    """
    out = np.empty((len(first), len(second)))
    overlaps(_boxes(first), _boxes(second), out)
    return out


def non_maximum_suppression(
    boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.3
) -> np.ndarray:
    """Return the numbers of the boxes [M, 4] that stay, the best first.

    From the highest score down, a box goes where a better one that stays overlaps it by more than
    the threshold. Of equal scores the first is the better.
    """
    order = np.argsort(-np.asarray(scores, np.float64), kind="stable")
    stays = np.empty(len(order), np.bool_)
    suppress(_boxes(boxes)[order], float(threshold), stays)
    return order[stays]


def clip(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return boxes [M, 4] cut to an image of size (rows, columns)."""
    return np.clip(boxes, 0, np.array([*size, *size]))


def enlarge(boxes: np.ndarray, share: float, size: tuple[int, int]) -> np.ndarray:
    """Return boxes [M, 4] with a share of their sides more on each side, [M, 4].

    They are cut to an image of size (rows, columns).
    """
    sides = boxes[:, 2:] - boxes[:, :2]
    return clip(boxes + share * np.concatenate([-sides, sides], axis=1), size)


def corrections(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return what leads from boxes [M, 4] to the true ones [M, 4], each of some pixels, [M, 4].

    (dy, dx) of the middle, in heights and widths of the box, and the logarithms of the ratios of
    heights and widths (Girshick et al. 2014, appendix C, equations 6 to 9).
    """
    middle, side = _middle_and_side(boxes)
    true_middle, true_side = _middle_and_side(truth)
    ratios = true_side / side
    logarithms = np.array([log(float(ratio)) for ratio in ratios.ravel()]).reshape(ratios.shape)
    return np.concatenate([(true_middle - middle) / side, logarithms], axis=1)


def correct(boxes: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return boxes [M, 4] moved and stretched by corrections [M, 4] (equations 1 to 4)."""
    middle, side = _middle_and_side(boxes)
    steps = np.asarray(steps, np.float64)
    limited = np.clip(steps[:, 2:], -LARGEST_STEP, LARGEST_STEP)
    factors = np.array([exp(float(step)) for step in limited.ravel()]).reshape(limited.shape)
    middle, half = middle + steps[:, :2] * side, side * factors / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def check_boxes(boxes: np.ndarray, size: tuple[int, int], name: str) -> np.ndarray:
    """Return boxes as float64 [M, 4]. Raises UserError: not boxes, empty, or outside the image."""
    boxes = np.asarray(boxes, np.float64)
    if boxes.ndim != 2 or boxes.shape[1] != 4:
        raise UserError(f"{name}: boxes are rows of top, left, bottom, right; got {boxes.shape}.")
    rows, columns = size
    for number, (top, left, bottom, right) in enumerate(boxes, 1):
        if not (top < bottom and left < right):
            raise UserError(
                f"{name}: box {number} is empty: it goes from row {top:g} to {bottom:g} and from "
                f"column {left:g} to {right:g}."
            )
        if not (top >= 0 and left >= 0 and bottom <= rows and right <= columns):
            raise UserError(
                f"{name}: box {number} ({top:g}, {left:g}, {bottom:g}, {right:g}) lies outside of "
                f"the image of {rows} x {columns} pixels."
            )
    return boxes


def _boxes(boxes: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(boxes, np.float64).reshape(-1, 4)


def _middle_and_side(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    boxes = _boxes(boxes)
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
