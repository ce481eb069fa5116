"""Segmentation of an image by its own edges, without learning."""

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.vision.graph_segmentation import grid_edges, join, number_regions
from rosenblatt.ranges import FROM_ZERO, Real, Whole, check_value

SIGMA = Real(0.01, 1000)


def smooth(image: np.ndarray, sigma: float) -> np.ndarray:
    """Return an image [H, W, C] weighted by a Gaussian of sigma pixels; its border is continued.

    Raises UserError as check_numbers, or for a sigma that is not above 0.
    """
    check_value("sigma", sigma, SIGMA)
    image = check_numbers(image, "H W C", "image", np.float64)
    reach = max(1, int(np.ceil(4 * sigma)))
    parts = [t / sigma for t in range(-reach, reach + 1)]
    taps = [float(exp(-0.5 * part * part)) for part in parts]
    total = sum(taps)
    result = image
    for axis in (0, 1):
        width = [(reach, reach) if a == axis else (0, 0) for a in range(result.ndim)]
        padded = np.pad(result, width, mode="edge")
        views = np.lib.stride_tricks.sliding_window_view(padded, result.shape[axis], axis=axis)
        views = np.moveaxis(views, -1, axis + 1)  # [..., shift, place, ...]
        result = np.zeros_like(result)
        for t, tap in enumerate(taps):
            result += tap / total * np.take(views, t, axis=axis)
    return result


def segment(
    image: np.ndarray, scale: float = 0.5, sigma: float = 0.8, least: int = 20
) -> np.ndarray:
    """Return the number of each pixel's region, [H, W] int64, by first pixel from 0.

    image [H, W, C] in 0..1. A larger scale makes larger regions, none of fewer than `least` pixels;
    sigma smooths the image before (Felzenszwalb & Huttenlocher 2004). Raises UserError as smooth,
    or for a scale or `least` out of range.
    """
    check_value("scale", scale, FROM_ZERO)
    check_value("least", least, Whole(0, 100_000_000))
    smoothed = smooth(image, sigma)
    H, W, _ = smoothed.shape
    first, second = np.empty(4 * H * W, np.int64), np.empty(4 * H * W, np.int64)
    weight = np.empty(4 * H * W)
    count = grid_edges(smoothed, first, second, weight)
    order = np.argsort(weight[:count], kind="stable")
    parent, labels = np.empty(H * W, np.int64), np.empty(H * W, np.int64)
    join(first, second, weight, order, float(scale), least, parent)
    number_regions(parent, labels)
    return labels.reshape(H, W)
