"""The images that the systems of vision work on: a challenge's, or the digits that come along."""

from pathlib import Path
from typing import NamedTuple

import numpy as np

from rosenblatt.challenge import load_challenge
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
from rosenblatt.gallery.runner import Settings

DIGITS = Path(__file__).parents[3] / "data" / "digits"


class Pictures(NamedTuple):
    """Images [N, H, W, C] (float32) in 0..1 and labels [N], those kept for the test apart."""

    train: np.ndarray
    labels: np.ndarray
    test: np.ndarray
    test_labels: np.ndarray
    classes: tuple[str, ...]


def pictures(
    settings: Settings, side: int | None = None, most: int | None = None, grey: bool = False
) -> Pictures:
    """Return the labelled images of a challenge: four fifths to train on, a fifth to test.

    side: their height and width after resizing; most: of the images used at most. grey: of colours
    the mean alone. Raises UserError where the challenge has no images.
    """
    challenge = load_challenge(settings.data or DIGITS)
    if challenge.kind != "image":
        raise UserError(f"{settings.data}: a challenge of {challenge.kind}; this takes images.")
    order = np.random.default_rng(5).permutation(len(challenge.train))[:most]
    images = challenge.train[order].astype(np.float32)
    least, largest = float(images.min()), float(images.max())
    images = np.ascontiguousarray(np.moveaxis(images, 1, -1))
    images = (images - np.float32(least)) / np.float32(max(largest - least, 1e-12))
    if grey:
        images = images.mean(3, keepdims=True)
    if side is not None:
        images = resize(images, (side, side))
    labels = np.asarray(challenge.labels)[order].astype(np.int64)
    last = len(images) * 4 // 5
    return Pictures(images[:last], labels[:last], images[last:], labels[last:], challenge.classes)
