"""From windows to detections: what a window is called in training, and what is found by it."""

from typing import NamedTuple

import numpy as np

from rosenblatt.detection.boxes import clip, correct, corrections, non_maximum_suppression, overlap
from rosenblatt.detection.precision import Detections
from rosenblatt.kernels.softmax import softmax


class Called(NamedTuple):
    """What windows are: labels [M], 0 for background, -1 for neither; and what corrects them.

    steps [M, 4] are the corrections to the true box that each overlaps most, zeros for background.
    """

    labels: np.ndarray
    steps: np.ndarray


def call(
    boxes: np.ndarray,
    truth: np.ndarray,
    classes: np.ndarray,
    thing: float = 0.5,
    background: float = 0.5,
) -> Called:
    """Tell what windows [M, 4] are, given the true boxes [K, 4] and their classes [K] from 0.

    A window that overlaps a true box by `thing` at least is of its class (numbered from 1), one
    that overlaps none by `background` is background; between is neither (Girshick et al. 2014,
    section 2.3 and appendix B).
    """
    labels, steps = np.full(len(boxes), -1), np.zeros((len(boxes), 4))
    if not len(truth):
        return Called(np.zeros_like(labels), steps)
    shared = overlap(boxes, truth)
    best, most = shared.argmax(1), shared.max(1)
    labels[most < background] = 0
    things = most >= thing
    labels[things] = np.asarray(classes)[best[things]] + 1
    steps[things] = corrections(boxes[things], truth[best[things]])
    return Called(labels, steps)


def choose(
    labels: np.ndarray, count: int, rng: np.random.Generator, share: float = 0.25
) -> np.ndarray:
    """Return the numbers of `count` windows to learn from, at most a `share` of them things.

    Random ones; background fills up, again and again if there is little of it, and things do where
    there is none (Girshick et al. 2014, section 2.3: 32 things and 96 of background). Raises
    ValueError where no window is either.
    """
    things, ground = np.flatnonzero(labels > 0), np.flatnonzero(labels == 0)
    if not len(things) + len(ground):
        raise ValueError("no window is a thing or background")
    wanted = min(len(things), round(count * share)) if len(ground) else count
    chosen = things[rng.permutation(len(things))[:wanted]]
    others = ground if len(ground) else things
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
    """
    moved = clip(boxes if steps is None else correct(boxes, steps), size)
    found = []
    for own in scores.T:
        stays = non_maximum_suppression(moved, own, threshold)
        found.append(Detections(moved[stays], own[stays]))
    return found


def probabilities(logits: np.ndarray) -> np.ndarray:
    """Return the probability of each class, [M, K], from logits [M, 1 + K], background first."""
    out = np.empty_like(logits, order="C")
    softmax(np.ascontiguousarray(logits), out)
    return out[:, 1:]
