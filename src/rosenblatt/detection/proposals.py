"""From windows to detections: what is learned from a window, and what is found by it."""

from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import as_numbers, check_axes, check_count, check_numbers, check_whole
from rosenblatt.detection.boxes import (
    as_boxes,
    clip,
    correct,
    corrections,
    non_maximum_suppression,
    overlap,
)
from rosenblatt.detection.precision import Detections
from rosenblatt.errors import UserError
from rosenblatt.kernels.neural.softmax import softmax
from rosenblatt.ranges import GENERATOR, SHARE, Whole, check_value

MOST_CLASSES = 1_000_000


class Targets(NamedTuple):
    """What windows are to teach: labels [M], 0 for background, -1 for nothing; and corrections.

    steps [M, 4] are the corrections to the true box that each overlaps most, zeros for background.
    """

    labels: np.ndarray
    steps: np.ndarray


def assign_targets(
    boxes: np.ndarray,
    truth: np.ndarray,
    classes: np.ndarray,
    foreground: float = 0.5,
    background: float = 0.5,
) -> Targets:
    """Return the targets of windows [M, 4], from the true boxes [K, 4] and their classes [K], 0 on.

    A window that overlaps a true box by `foreground` at least is of its class (numbered from 1),
    one that overlaps none by `background` is background; between teaches nothing (Girshick et al.
    2014, section 2.3 and appendix B). Raises UserError as as_boxes, or where there is not one class
    from 0 on for each true box.
    """
    boxes, truth = as_boxes(boxes), as_boxes(truth)
    check_value("foreground", foreground, SHARE)
    check_value("background", background, SHARE)
    check_count(classes, len(truth), "classes", "true boxes")
    labels, steps = np.full(len(boxes), -1), np.zeros((len(boxes), 4))
    if not len(truth):
        return Targets(np.zeros_like(labels), steps)
    classes = check_whole(classes, "K", 0, MOST_CLASSES, "classes")
    shared = overlap(boxes, truth)
    best, most = shared.argmax(1), shared.max(1)
    labels[most < background] = 0
    inside = most >= foreground
    labels[inside] = classes[best[inside]] + 1
    steps[inside] = corrections(boxes[inside], truth[best[inside]])
    return Targets(labels, steps)


def choose(
    labels: np.ndarray, count: int, rng: np.random.Generator, share: float = 0.25
) -> np.ndarray:
    """Return the numbers of `count` windows to learn from, at most a `share` of foreground.

    Random ones; background fills up, again and again if there is little of it, and foreground does
    where there is none (Girshick et al. 2014, section 2.3: 32 of foreground and 96 of background).
    Raises UserError where no window is either.
    """
    labels = check_whole(labels, "M", -1, MOST_CLASSES, "labels")
    check_value("count", count, Whole(1, 100_000_000))
    check_value("rng", rng, GENERATOR)
    check_value("share", share, SHARE)
    foreground, background = np.flatnonzero(labels > 0), np.flatnonzero(labels == 0)
    if not len(foreground) + len(background):
        raise UserError("no window is foreground or background; give windows of other overlaps.")
    wanted = min(len(foreground), round(count * share)) if len(background) else count
    chosen = foreground[rng.permutation(len(foreground))[:wanted]]
    others = background if len(background) else foreground
    return np.concatenate([chosen, others[rng.integers(0, len(others), count - len(chosen))]])


def detect(
    boxes: np.ndarray,
    scores: np.ndarray,
    steps: np.ndarray | None,
    size: tuple[int, int],
    threshold: float = 0.3,
) -> list[Detections]:
    """Return what is found of each class in an image of size (H, W), one Detections a class.

    boxes [M, 4] are windows; scores [M, K] theirs, of each class; steps [M, 4] move them, or None.
    For each class overlapping windows leave the best one (Girshick et al. 2014, section 2.2).
    Raises UserError as clip, correct and non_maximum_suppression.
    """
    scores = as_numbers(scores, "scores")
    check_axes(scores, "M K", "scores", empty=True)
    moved = clip(boxes if steps is None else correct(boxes, steps), size)
    found = []
    for own in scores.T:
        stays = non_maximum_suppression(moved, own, threshold)
        found.append(Detections(moved[stays], own[stays]))
    return found


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the probability of each class, [M, K], from logits [M, 1 + K], background first.

    Raises UserError as check_numbers.
    """
    logits = check_numbers(logits, "M K", "logits", empty=True)
    out = np.empty_like(logits)
    softmax(logits, out)
    return out[:, 1:]
