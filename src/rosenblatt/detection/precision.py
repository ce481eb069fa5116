"""Average precision: one number for all trade-offs between finding all and finding nothing else."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import check_count
from rosenblatt.detection.boxes import as_boxes, as_scores, overlap
from rosenblatt.errors import UserError
from rosenblatt.ranges import SHARE, Each, Kind, check_value

LISTS = Kind((list, tuple), "a list of boxes for each image")


class Detections(NamedTuple):
    """Boxes [M, 4] found in one image, and their scores [M]."""

    boxes: np.ndarray
    scores: np.ndarray


class Curve(NamedTuple):
    """Recall and precision after each detection, the best scored first; hits says which are."""

    recall: np.ndarray
    precision: np.ndarray
    hits: np.ndarray


def precision_recall(
    found: Sequence[Detections], truth: Sequence[np.ndarray], threshold: float = 0.5
) -> Curve:
    """Return the curve over all images; truth is each image's true boxes [K, 4].

    From the highest score down, a detection is right where the true box that it overlaps most is
    overlapped by the threshold at least, and not yet found (Everingham et al. 2010, section 4.4).
    Raises UserError as as_boxes and as_scores, where there is no true box, or not one list of boxes
    for each image and one score for each box.
    """
    check_value("threshold", threshold, SHARE)
    check_value("found", found, Each(Kind(Detections, "Detections"), 0, 10**9))
    check_value("truth", truth, LISTS)
    check_count(found, len(truth), "detections", "images")
    total = sum(len(as_boxes(boxes)) for boxes in truth)
    if total == 0:
        raise UserError("no image has a true box: there is no recall.")
    for one in found:
        check_count(as_scores(one.scores), len(as_boxes(one.boxes)), "scores", "boxes")
    image = np.concatenate([np.full(len(d.scores), n) for n, d in enumerate(found)])
    scores = np.concatenate([np.asarray(d.scores, np.float64) for d in found])
    within = np.concatenate([np.arange(len(d.scores)) for d in found])
    taken = [np.zeros(len(boxes), bool) for boxes in truth]
    shared = [overlap(d.boxes, boxes) for d, boxes in zip(found, truth, strict=True)]
    hits = np.zeros(len(scores), bool)
    for place, i in enumerate(np.argsort(-scores, kind="stable")):
        row = shared[image[i]][within[i]]
        if row.size and row.max() >= threshold and not taken[image[i]][row.argmax()]:
            taken[image[i]][row.argmax()] = hits[place] = True
    right = hits.cumsum()
    return Curve(right / total, right / np.arange(1, len(hits) + 1), hits)


def average_precision(curve: Curve, points: bool = False) -> float:
    """Return the area under the curve, made to fall; or, with `points`, VOC 2007's mean of eleven.

    Precision at a recall is the largest at that recall or a higher one: integrated over recall (VOC
    2010 on), or averaged over recalls 0, 0.1 ... 1 (Everingham et al. 2010, equations 2 and 3).
    Raises UserError where there is no Curve.
    """
    check_value("curve", curve, Kind(Curve, "a Curve"))
    if points:
        levels = [i / 10 for i in range(11)]
        # A recall of 3/10 is at the level 0.3, whatever binary fractions make of both.
        reached = [curve.precision[curve.recall >= level - 1e-9] for level in levels]
        return sum(float(p.max()) if p.size else 0.0 for p in reached) / 11
    falling = np.maximum.accumulate(curve.precision[::-1])[::-1]
    steps = np.diff(curve.recall, prepend=0.0)
    return float(sum((steps * falling).tolist()))


def coverage(
    windows: Iterable[np.ndarray], truth: Sequence[np.ndarray], threshold: float = 0.5
) -> tuple[float, float]:
    """Return the share of true boxes that some window overlaps by the threshold, and the mean best.

    windows and truth are boxes [M, 4] and [K, 4] of each image; the second number is the mean over
    true boxes of the largest overlap (Uijlings et al. 2013, section 5.1). Raises UserError as
    as_boxes, or where there is no true box.
    """
    check_value("threshold", threshold, SHARE)
    windows = list(windows) if np.iterable(windows) else windows
    check_value("windows", windows, LISTS)
    check_value("truth", truth, LISTS)
    check_count(windows, len(truth), "lists of windows", "images")
    best = [overlap(w, t).max(0, initial=0) for w, t in zip(windows, truth, strict=True)]
    together = np.concatenate([np.empty(0), *best])
    if not len(together):
        raise UserError("no image has a true box: there is nothing to cover.")
    return float((together >= threshold).mean()), float(together.mean())
