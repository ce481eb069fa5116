"""Occlusion: which part of the image does the network need? Cover it, and see the score fall."""

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.ranges import Kind, Real, Whole, check_value
from rosenblatt.train import Network


def occlusion_map(
    network: Network, image: np.ndarray, label: int, side: int, stride: int, cover: float = 0.0
) -> np.ndarray:
    """Return the probability of class number `label` with a square of the image covered, [R, C].

    image [H, W, C]; the square of `side` pixels, all set to `cover`, moves by `stride`, its middle
    from the first pixel to the last, so it may stick out (Zeiler & Fergus 2014, section 4.2).
    Raises UserError as check_numbers, or for a side, stride or label out of range.
    """
    check_value("network", network, Kind(Network, "a trained Network"))
    image = check_numbers(image, "H W C", "image")
    check_value("side", side, Whole(1, 100_000))
    check_value("stride", stride, Whole(1, 100_000))
    check_value("cover", cover, Real(-1e30, 1e30))
    H, W, _ = image.shape
    rows, columns = np.arange(0, H, stride), np.arange(0, W, stride)
    covered = np.repeat(image[None], len(rows) * len(columns), axis=0)
    for n, (y, x) in enumerate((y, x) for y in rows for x in columns):
        top, left = y - side // 2, x - side // 2
        covered[n, max(0, top) : top + side, max(0, left) : left + side] = cover
    votes = network.predict_proba(covered)
    check_value("label", label, Whole(0, votes.shape[1] - 1))
    return votes[:, label].reshape(len(rows), len(columns))
