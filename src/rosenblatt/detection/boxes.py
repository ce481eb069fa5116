"""Boxes [M, 4] of (top, left, bottom, right): areas, overlaps, the best of many, corrections."""

from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers, check_axes, check_count, check_numbers
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.elementary import exp, log
from rosenblatt.kernels.vision.boxes import overlaps, suppress
from rosenblatt.ranges import FROM_ZERO, SHARE, Each, Whole, check_value

SIZE = Each(Whole(1, 1_000_000), 2, 2)
FARTHEST = 1e9  # pixels from the origin
LARGEST_STEP = 4.0  # of the logarithm of a correction: no box grows more than 50 times


def area(boxes: np.ndarray) -> np.ndarray:
    """Return the pixels of boxes [M, 4], 0 where one is empty. Raises UserError as as_boxes."""
    boxes = as_boxes(boxes)
    sides = boxes[:, 2:] - boxes[:, :2]
    return sides[:, 0] * sides[:, 1]


def overlap(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return intersection over union of each of first [M, 4] with each of second [K, 4], [M, K].

    Everingham et al. 2010, "The PASCAL visual object classes challenge", equation 1; 0 where either
    is empty. Raises UserError as as_boxes.
    """
    first, second = as_boxes(first), as_boxes(second)
    out = np.empty((len(first), len(second)))
    overlaps(first, second, out)
    return out


def non_maximum_suppression(
    boxes: np.ndarray, scores: np.ndarray, threshold: float = 0.3
) -> np.ndarray:
    """Return the numbers of the boxes [M, 4] that stay, the best first.

    From the highest score down, a box goes where a better one that stays overlaps it by more than
    the threshold. Of equal scores the first is the better. Raises UserError as as_boxes, for a
    threshold that is no share, or where there is not one score, a number or -inf, for each box.
    """
    boxes, scores = as_boxes(boxes), as_scores(scores)
    check_count(scores, len(boxes), "scores", "boxes")
    check_value("threshold", threshold, SHARE)
    order = np.argsort(-scores, kind="stable")
    stays = np.empty(len(order), np.bool_)
    suppress(boxes[order], float(threshold), stays)
    return order[stays]


def clip(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return boxes [M, 4] cut to an image of size (rows, columns). Raises UserError as as_boxes."""
    check_value("size", size, SIZE)
    return np.clip(as_boxes(boxes), 0, np.array([*size, *size]))


def enlarge(boxes: np.ndarray, share: float, size: tuple[int, int]) -> np.ndarray:
    """Return boxes [M, 4] with a share of their sides more on each side, [M, 4].

    They are cut to an image of size (rows, columns). Raises UserError as as_boxes.
    """
    boxes = as_boxes(boxes)
    check_value("share", share, FROM_ZERO)
    sides = boxes[:, 2:] - boxes[:, :2]
    return clip(boxes + share * np.concatenate([-sides, sides], axis=1), size)


def corrections(boxes: np.ndarray, truth: np.ndarray) -> np.ndarray:
    """Return what leads from boxes [M, 4] to the true ones [M, 4], each of some pixels, [M, 4].

    (dy, dx) of the middle, in heights and widths of the box, and the logarithms of the ratios of
    heights and widths (Girshick et al. 2014, appendix C, equations 6 to 9). Raises UserError as
    as_boxes, or where a box is empty.
    """
    boxes, truth = as_boxes(boxes), as_boxes(truth)
    check_count(truth, len(boxes), "true boxes", "boxes")
    for found in (boxes, truth):
        empty = (found[:, 2:] <= found[:, :2]).any(1)
        if empty.any():
            raise UserError(f"box {int(empty.argmax()) + 1} is empty: nothing leads to or from it.")
    middle, side = _middle_and_side(boxes)
    true_middle, true_side = _middle_and_side(truth)
    ratios = true_side / side
    logarithms = np.array([log(float(ratio)) for ratio in ratios.ravel()]).reshape(ratios.shape)
    return np.concatenate([(true_middle - middle) / side, logarithms], axis=1)


def correct(boxes: np.ndarray, steps: np.ndarray) -> np.ndarray:
    """Return boxes [M, 4] moved and stretched by corrections [M, 4] (equations 1 to 4).

    Raises UserError as as_boxes and check_numbers.
    """
    steps = check_numbers(steps, "M 4", "corrections", np.float64, empty=True)
    boxes = as_boxes(boxes)
    if steps.shape != boxes.shape or np.abs(steps).max(initial=0) > FARTHEST:
        raise UserError(
            f"corrections of shape {steps.shape} up to {np.abs(steps).max(initial=0):g}; "
            "give one row a box, in heights and widths of it."
        )
    middle, side = _middle_and_side(boxes)
    limited = np.clip(steps[:, 2:], -LARGEST_STEP, LARGEST_STEP)
    factors = np.array([exp(float(step)) for step in limited.ravel()]).reshape(limited.shape)
    middle, half = middle + steps[:, :2] * side, side * factors / 2
    return np.concatenate([middle - half, middle + half], axis=1)


def check_boxes(boxes: np.ndarray, size: tuple[int, int], name: str) -> np.ndarray:
    """Return boxes as float64 [M, 4]. Raises UserError: not boxes, empty, or outside the image."""
    boxes = as_numbers(boxes, "boxes").astype(np.float64)
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


def as_boxes(boxes: Any) -> np.ndarray:
    """Return boxes as float64 [M, 4], M perhaps 0.

    Raises UserError as check_numbers, or where a box ends before it begins.
    """
    boxes = as_numbers(boxes, "boxes")
    if boxes.shape[:1] == (0,):
        return np.empty((0, 4))
    boxes = check_numbers(boxes, "M 4", "boxes", np.float64)
    if boxes.shape[1] != 4:
        raise UserError(f"boxes of shape {boxes.shape}; give rows of top, left, bottom, right.")
    if np.abs(boxes).max() > FARTHEST:
        raise UserError(f"boxes that lie beyond {FARTHEST:g} pixels; give those of an image.")
    turned = (boxes[:, 2:] < boxes[:, :2]).any(1)
    if turned.any():
        place = int(turned.argmax())
        raise UserError(
            f"box {place + 1} ends before it begins: {boxes[place].tolist()}; "
            "give top, left, bottom, right."
        )
    return boxes


def as_scores(scores: Any) -> np.ndarray:
    """Return scores as float64 [M]. Raises UserError: other axes, or neither a number nor -inf."""
    found = as_numbers(scores, "scores").astype(np.float64)
    check_axes(found, "M", "scores", empty=True)
    wrong = np.isnan(found) | (found == np.inf)
    if wrong.any():
        place = int(wrong.argmax())
        raise UserError(f"score {place + 1} is {found[place]}; give numbers.")
    return found


def _middle_and_side(boxes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return (boxes[:, :2] + boxes[:, 2:]) / 2, boxes[:, 2:] - boxes[:, :2]
