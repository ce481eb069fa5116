"""A network that classifies regions of an image: convolutions once, or once for each region.

R-CNN (Girshick et al. 2014) cuts every window out, warps it to one size and runs the whole network
on it; SPP-net (He et al. 2014) runs the convolutions once an image, and pools the map under each
window to a grid of fixed size. With the same layers both are this network: R-CNN's regions are
whole images.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rosenblatt.arrays import as_numbers, check_numbers
from rosenblatt.detection.boxes import SIZE, area, as_boxes, clip
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
from rosenblatt.layers import Module, RegionPooling, Sequential
from rosenblatt.layers.compose import Layers, chain
from rosenblatt.ranges import Each, Whole, check_value

WHOLE = np.array([0.0, 0.0, 1.0, 1.0])


class RegionNetwork(Module):
    """Images [N, H, W, C] and regions [N, R, 4], in fractions of the image, to [N, R, outputs].

    trunk: layers from images to maps, whatever their size; levels: see RegionPooling; head: layers
    from the numbers of a region to outputs, the same for each region.
    """

    def __init__(self, trunk: Layers, levels: Sequence[int], head: Layers) -> None:
        self.trunk = chain(trunk)
        self.levels = tuple(levels)
        self.pool = RegionPooling(levels)
        self.head = chain(head)

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        """As Module.build, for images of `shape` (H, W, C), and one region."""
        features = self.trunk.build(shape, rng)
        return self.head.build(self.pool.build((features, (1, 4)), rng), rng)

    def __call__(self, images: Any, regions: Any) -> Any:
        return self.head(self.pool(self.trunk(images), regions))


def fractions(boxes: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return boxes [..., 4] in pixels as regions in fractions of an image of size (H, W).

    Raises UserError as as_boxes.
    """
    check_value("size", size, SIZE)
    boxes = as_numbers(boxes, "boxes")
    if boxes.shape[-1:] != (4,):
        raise UserError(f"boxes of shape {boxes.shape}; give [..., 4].")
    return as_boxes(boxes.reshape(-1, 4)).reshape(boxes.shape) / np.array([*size, *size])


def warp(image: np.ndarray, boxes: np.ndarray, side: int, context: int = 0) -> np.ndarray:
    """Return windows of image [H, W, C] brought to squares, [M, side, side, C] float32.

    Each window's rows and columns are stretched on their own, to the whole pixels that boxes [M, 4]
    touch, so that `context` pixels of the square remain on each side for what lies around it; zeros
    stand for what lies outside the image (Girshick et al. 2014, appendix A, "warp with context").
    Raises UserError as check_numbers and as_boxes, or where the context fills the square.
    """
    image, boxes = check_numbers(image, "H W C", "image"), as_boxes(boxes)
    check_value("side", side, Whole(1, 100_000))
    check_value("context", context, Whole(0, (side - 1) // 2))
    H, W, C = image.shape
    out = np.empty((len(boxes), side, side, C), np.float32)
    for n, (top, left, bottom, right) in enumerate(clip(boxes, (H, W))):
        rows = _with_context(top, bottom, H, side, context)
        columns = _with_context(left, right, W, side, context)
        window = image[_within(rows, H), _within(columns, W)]
        beyond = [(max(0, -first), max(0, last - size))
                  for (first, last), size in ((rows, H), (columns, W))]  # fmt: skip
        out[n] = resize(np.pad(window, [*beyond, (0, 0)])[None], (side, side))[0]
    return out


def _with_context(first: float, last: float, size: int, side: int, context: int) -> tuple[int, int]:
    """Return the whole pixels from `first` to `last`, and those around them, perhaps beyond."""
    low = min(int(first), size - 1)
    high = max(low + 1, int(np.ceil(last)))
    around = round((high - low) * context / (side - 2 * context))
    return low - around, high + around


def _within(span: tuple[int, int], size: int) -> slice:
    return slice(max(0, span[0]), min(size, span[1]))


def at_once(network: RegionNetwork, image: np.ndarray, boxes: np.ndarray) -> np.ndarray:
    """Return the outputs for boxes [M, 4] of image [H, W, C], [M, outputs]: SPP-net's way.

    Raises UserError as check_numbers and as_boxes.
    """
    image = check_numbers(image, "H W C", "image")
    regions = fractions(boxes, image.shape[:2])
    return network(image[None], regions[None])[0]


def at_scales(
    network: RegionNetwork, image: np.ndarray, boxes: np.ndarray, sides: Sequence[int], seen: int
) -> np.ndarray:
    """Return the outputs for boxes [M, 4] of image [H, W, C], [M, outputs], at several scales.

    The image is brought to each of the sides (of its longer one); each window is taken from the
    scale at which its pixels come nearest to seen x seen (He et al. 2014, section 4.1). Raises
    UserError as at_once, or where there is no box.
    """
    image, boxes = check_numbers(image, "H W C", "image"), as_boxes(boxes)
    check_value("sides", sides, Each(Whole(1, 100_000), 1, 100))
    check_value("seen", seen, Whole(1, 100_000))
    if not len(boxes):
        raise UserError("there is no box to look at.")
    H, W, _ = image.shape
    scales = np.array(sides) / max(H, W)
    pixels = area(boxes)[:, None] * scales**2
    nearest = np.abs(pixels - seen**2).argmin(1)
    parts = []
    for number, scale in enumerate(scales):
        own = np.flatnonzero(nearest == number)
        if len(own):
            size = max(1, round(H * scale)), max(1, round(W * scale))
            stretch = np.array([*size, *size]) / np.array([H, W, H, W])
            outputs = at_once(network, resize(image[None], size)[0], boxes[own] * stretch)
            parts.append((own, outputs.copy()))
    result = np.empty((len(boxes), parts[0][1].shape[1]), np.float32)
    for own, outputs in parts:
        result[own] = outputs
    return result


def without_end(network: RegionNetwork) -> RegionNetwork:
    """Return the same network up to its last layer: its outputs describe regions."""
    if not isinstance(network.head, Sequential):
        raise UserError("the head is one module; it has no last layer of its own.")
    return RegionNetwork(network.trunk, network.levels, network.head.layers[:-1])


def one_by_one(
    network: RegionNetwork,
    image: np.ndarray,
    boxes: np.ndarray,
    side: int,
    context: int = 0,
    batch: int = 128,
) -> np.ndarray:
    """Return the outputs for boxes [M, 4] of image [H, W, C], [M, outputs]: R-CNN's way.

    Each window is warped to a square of `side` pixels, with `context` of them around it.
    """
    parts = []
    for first in range(0, len(boxes), batch):
        windows = warp(image, boxes[first : first + batch], side, context)
        whole = np.broadcast_to(WHOLE, (len(windows), 1, 4))
        parts.append(network(windows, whole)[:, 0].copy())
    return np.concatenate(parts)
