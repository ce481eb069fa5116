"""Selective search: windows that may hold an object, from a hierarchy of regions.

Uijlings et al. 2013, "Selective search for object recognition": from a fine segmentation the two
most similar neighbours are joined, again and again, until the image is one region; the box of every
region on the way is a window. Several colour spaces, starts and similarities make windows diverse.
"""

from itertools import product
from typing import Any

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.detection.boxes import non_maximum_suppression
from rosenblatt.detection.graph_segmentation import segment, smooth
from rosenblatt.errors import UserError
from rosenblatt.kernels.vision.graph_segmentation import group
from rosenblatt.ranges import GENERATOR, Whole, check_value

BINS, ORIENTATIONS, STRENGTHS = 25, 8, 10  # of a colour; of the texture
D = max(3 * BINS, ORIENTATIONS * STRENGTHS)
SCALES = (0.2, 0.5)  # of the segmentation that a hierarchy starts from
LEAST_SIDE = 6  # of a window, in pixels
ALIKE = 0.8  # of two windows that overlap by more, the first stays
# How much colour, texture, size and fill count in each of the hierarchies of one start.
USES = ((1.0, 1.0, 1.0, 1.0), (0.0, 1.0, 1.0, 1.0), (0.0, 0.0, 1.0, 1.0))


def check_rgb(image: Any) -> np.ndarray:
    """Return an RGB image [H, W, 3] as float64. Raises UserError: none, or not in 0..1."""
    image = check_numbers(image, "H W C", "image", np.float64)
    if image.shape[2] != 3 or image.min() < 0 or image.max() > 1:
        raise UserError(
            f"image of shape {image.shape} from {image.min():g} to {image.max():g}; "
            "give red, green and blue from 0 to 1, [H, W, 3]."
        )
    return image


def hue_saturation_value(image: np.ndarray) -> np.ndarray:
    """Return an RGB image [H, W, 3] in 0..1 as HSV, each in 0..1 (Smith 1978).

    Raises UserError as check_rgb.
    """
    image = check_rgb(image)
    value, least = image.max(2), image.min(2)
    spread = value - least
    some = np.maximum(spread, 1e-12)
    red, green, blue = np.moveaxis(image, 2, 0)
    hue = np.where(value == red, (green - blue) / some % 6, (red - green) / some + 4)
    hue = np.where((value == green) & (value != red), (blue - red) / some + 2, hue)
    hue = np.where(spread > 0, hue / 6, 0)
    return np.stack([hue, spread / np.maximum(value, 1e-12), value], axis=2)


def opponent(image: np.ndarray) -> np.ndarray:
    """Return an RGB image [H, W, 3] in 0..1 as intensity, red - green, yellow - blue, in 0..1.

    Raises UserError as check_rgb.
    """
    image = check_rgb(image)
    red, green, blue = np.moveaxis(image, 2, 0)
    yellow = (red + green) / 2
    return np.stack(
        [(red + green + blue) / 3, (1 + red - green) / 2, (1 + yellow - blue) / 2], axis=2
    )


def unchanged(image: np.ndarray) -> np.ndarray:
    """Return the image: red, green, blue."""
    return image


SPACES = {"hsv": hue_saturation_value, "opponent": opponent, "rgb": unchanged}


def texture(grey: np.ndarray) -> np.ndarray:
    """Return for each pixel of a grey image [H, W] the bin of its edge's direction and strength.

    Directions of the derivative of a Gaussian of 1 pixel, in 8; strengths in 10. Raises UserError
    as check_numbers.
    """
    grey = check_numbers(grey, "H W", "image", np.float64)
    smoothed = np.pad(smooth(grey[..., None], 1.0)[..., 0], 1, mode="edge")
    down = smoothed[2:, 1:-1] - smoothed[:-2, 1:-1]
    right = smoothed[1:-1, 2:] - smoothed[1:-1, :-2]
    # Which of 8 directions: by signs and which is steeper, without an arc tangent.
    direction = 4 * (down > 0) + 2 * (right > 0) + (np.abs(down) > np.abs(right))
    strength = np.maximum(np.abs(down), np.abs(right)) * 2 * STRENGTHS
    return direction * STRENGTHS + np.minimum(strength, STRENGTHS - 1).astype(np.int64)


def _histograms(labels: np.ndarray, codes: np.ndarray, regions: int) -> np.ndarray:
    """Return the share of each code in each region, [R, D]; codes [H, W, n] count n times."""
    places = labels[..., None] * D + codes
    counts = np.bincount(places.ravel(), minlength=regions * D).reshape(regions, D)
    return counts / counts.sum(1, keepdims=True)


def _touching(labels: np.ndarray, regions: int) -> np.ndarray:
    near = np.zeros((regions, regions), bool)
    for one, other in ((labels[1:], labels[:-1]), (labels[:, 1:], labels[:, :-1])):
        near[one, other] = near[other, one] = True
    np.fill_diagonal(near, False)
    return near


def _boxes_of(labels: np.ndarray, regions: int) -> np.ndarray:
    boxes, places = np.empty((regions, 4)), np.indices(labels.shape)
    for axis, place in enumerate(places):
        first, last = np.full(regions, labels.shape[axis]), np.zeros(regions, np.int64)
        np.minimum.at(first, labels.ravel(), place.ravel())
        np.maximum.at(last, labels.ravel(), place.ravel() + 1)
        boxes[:, axis], boxes[:, axis + 2] = first, last
    return boxes


class Hierarchy:
    """The regions of one start, described; `boxes` joins them in one way and returns all boxes."""

    def __init__(self, image: np.ndarray, scale: float, edges: np.ndarray) -> None:
        self.labels = segment(image, scale)
        self.count = int(self.labels.max()) + 1
        colours = np.clip((image * BINS).astype(np.int64), 0, BINS - 1)
        colours += BINS * np.arange(3)
        self.colour = _histograms(self.labels, colours, self.count)
        self.texture = _histograms(self.labels, edges[..., None], self.count)
        self.near = _touching(self.labels, self.count)
        self.start = _boxes_of(self.labels, self.count)

    def boxes(self, uses: tuple[float, ...]) -> np.ndarray:
        """Return the boxes of all 2 R - 1 regions, the whole image's last, [2R - 1, 4]."""
        R = self.count
        sizes, histograms = np.zeros(2 * R - 1), np.zeros((2, 2 * R - 1, D))
        sizes[:R] = np.bincount(self.labels.ravel(), minlength=R)
        histograms[0, :R], histograms[1, :R] = self.colour, self.texture
        near, boxes = np.zeros((2 * R - 1, 2 * R - 1), bool), np.zeros((2 * R - 1, 4))
        near[:R, :R], boxes[:R] = self.near, self.start
        group(sizes, histograms, near, float(self.labels.size), np.array(uses), boxes)
        return boxes


def selective_search(
    image: np.ndarray, rng: np.random.Generator, most: int = 1500, least_side: int = LEAST_SIDE
) -> np.ndarray:
    """Return up to `most` different boxes [M, 4] of an RGB image [H, W, 3] in 0..1.

    Those of large regions come first in tendency: a region's rank in its hierarchy times a random
    number orders the boxes (section 4.3). None has a side below `least_side`, and no two are nearly
    alike: more different ones have room. Raises UserError as check_rgb.
    """
    image = check_rgb(image)
    check_value("rng", rng, GENERATOR)
    check_value("most", most, Whole(1, 1_000_000))
    check_value("least_side", least_side, Whole(1, 1_000_000))
    edges = texture(image.mean(2))
    found, ranks = [], []
    for space, scale in product(SPACES.values(), SCALES):
        hierarchy = Hierarchy(space(image), scale, edges)
        for uses in USES:
            boxes = hierarchy.boxes(uses)
            found.append(boxes)
            ranks.append(np.arange(len(boxes), 0, -1) * rng.random(len(boxes)))
    boxes = np.concatenate(found)[np.argsort(np.concatenate(ranks), kind="stable")]
    boxes = boxes[(boxes[:, 2:] - boxes[:, :2]).min(1) >= least_side]
    different = non_maximum_suppression(boxes, -np.arange(len(boxes)), ALIKE)
    return boxes[different][:most]
