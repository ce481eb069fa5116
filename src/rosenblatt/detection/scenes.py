"""Images with objects in them, each with its box and its mask; and such images made by rule."""

from typing import NamedTuple

import numpy as np

from rosenblatt.arrays import check_count, check_numbers, check_whole
from rosenblatt.detection.graph_segmentation import smooth
from rosenblatt.errors import UserError
from rosenblatt.ranges import GENERATOR, Kind, Whole, check_value

CLASSES = ("disc", "square", "triangle")


class Scene(NamedTuple):
    """An image [H, W, 3] (float32 in 0..1), its objects, and which pixels belong to which.

    boxes [M, 4] float64, labels [M] int64; instance [H, W] int64: 0 background, else the number of
    the object, from 1; None where it is not known.
    """

    image: np.ndarray
    boxes: np.ndarray
    labels: np.ndarray
    instance: np.ndarray | None


SCENE = Kind(Scene, "a Scene, as make_scene and read_photographs return")


def check_scene(scene: Scene) -> Scene:
    """Return a scene whose parts fit each other. Raises UserError where they do not."""
    check_value("scene", scene, SCENE)
    image = check_numbers(scene.image, "H W C", "image")
    if image.shape[2] != 3:
        raise UserError(f"image of shape {image.shape}; give [H, W, 3].")
    boxes = check_numbers(scene.boxes, "M D", "boxes", np.float64, empty=True)
    if boxes.shape[1] != 4:
        raise UserError(f"boxes of shape {boxes.shape}; give [M, 4].")
    labels = check_whole(scene.labels, "M", 0, 1_000_000, "labels", empty=True)
    check_count(labels, len(boxes), "labels", "boxes")
    instance = scene.instance
    if instance is not None:
        instance = check_whole(instance, "H W", 0, len(labels), "instance")
        if instance.shape != image.shape[:2]:
            raise UserError(
                f"instance of shape {instance.shape} for an image of {image.shape[:2]} pixels; "
                "give the same."
            )
    return Scene(image, boxes, labels, instance)


def boxes_of(instance: np.ndarray) -> np.ndarray:
    """Return the boxes [M, 4] of the objects 1, 2 ... of instance [H, W] that have a pixel.

    Raises UserError where the numbers are not whole, or below 0.
    """
    instance = check_whole(instance, "H W", 0, 1_000_000, "instance")
    found = []
    for number in range(1, int(instance.max(initial=0)) + 1):
        rows, columns = np.nonzero(instance == number)
        if rows.size:
            found.append([rows.min(), columns.min(), rows.max() + 1, columns.max() + 1])
    return np.array(found, np.float64).reshape(-1, 4)


def make_scene(rng: np.random.Generator, side: int = 96, most: int = 3) -> Scene:
    """Return a square scene of 1 to `most` discs, squares and triangles, which hide no other.

    Background and objects have textures of their own, and colours that may be alike. Raises
    UserError for a side below 16, or a `most` below 1.
    """
    check_value("rng", rng, GENERATOR)
    check_value("side", side, Whole(16, 10_000))
    check_value("most", most, Whole(1, 1000))
    image = _texture(rng, side)
    instance = np.zeros((side, side), np.int64)
    labels: list[int] = []
    wanted = int(rng.integers(1, most + 1))
    for _ in range(20 * wanted):
        if len(labels) == wanted:
            break
        label = int(rng.integers(0, len(CLASSES)))
        inside = _shape(rng, side, label)
        if inside.sum() >= 40 and not (_grown(inside) & (instance > 0)).any():
            labels.append(label)
            instance[inside] = len(labels)
            image[inside] = _texture(rng, side)[inside]
    noise = (rng.random(image.shape) - 0.5) * 0.06
    image = np.clip(smooth(image, 0.5) + noise, 0, 1).astype(np.float32)
    return Scene(image, boxes_of(instance), np.array(labels, np.int64), instance)


def _texture(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return a colour with stripes or smooth blotches of another strength, [side, side, 3]."""
    colour, change = 0.2 + 0.6 * rng.random(3), 0.3 * rng.random(3)
    if rng.random() < 0.5:
        y, x = np.indices((side, side))
        slope = rng.integers(-2, 3, 2)
        pattern = (slope[0] * y + slope[1] * x) // int(rng.integers(3, 8)) % 2
        return colour + change * (pattern[..., None] - 0.5)
    return colour + 6 * change * (smooth(rng.random((side, side, 1)), 3.0) - 0.5)


def _shape(rng: np.random.Generator, side: int, label: int) -> np.ndarray:
    """Return the pixels of an object of random size and place, that lies inside of the image."""
    radius = side * (0.08 + 0.16 * rng.random())
    stretch = 0.7 + 0.6 * rng.random()
    height, width = radius * stretch, radius / stretch
    middle = [r + (side - 2 * r) * rng.random() for r in (height, width)]
    y, x = np.indices((side, side)) + 0.5
    v, u = (y - middle[0]) / height, (x - middle[1]) / width
    if label == 0:
        return v * v + u * u < 1
    if label == 1:
        return np.maximum(np.abs(v), np.abs(u)) < 0.9
    return (v < 0.9) & (v > 2 * np.abs(u) - 0.9)


def _grown(inside: np.ndarray) -> np.ndarray:
    """Return a mask with two more pixels on all sides."""
    padded = np.pad(inside, 2)
    H, W = inside.shape
    return np.any([padded[i : i + H, j : j + W] for i in range(5) for j in range(5)], axis=0)
