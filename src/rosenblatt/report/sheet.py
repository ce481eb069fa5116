"""A sheet of sample images: a row for each class."""

import io
from pathlib import Path

import numpy as np

from rosenblatt.challenge.challenge import Challenge
from rosenblatt.files import write_atomic

SAMPLES = 12  # images of a class
CLASSES = 20  # rows of a sheet


def write_sheet(path: Path | str, challenge: Challenge) -> None:
    """Draw up to 12 training images of each of up to 20 classes as a PNG, whole or not at all.

    The images are spread evenly over the file. Raises UserError as write_atomic.
    """
    from matplotlib.figure import Figure  # no pyplot: it would look for a screen

    shown = [index for index in range(len(challenge.classes)) if (challenge.labels == index).any()]
    shown = shown[:CLASSES]
    mosaic = np.concatenate([_strip(challenge, index) for index in shown])
    figure = Figure(figsize=(7, 0.6 + 0.55 * len(shown)), layout="constrained")
    axes = figure.subplots()
    axes.imshow(mosaic, interpolation="nearest")
    height = len(mosaic) / len(shown)
    places = [(place + 0.5) * height - 0.5 for place in range(len(shown))]
    axes.set_yticks(places, [challenge.classes[index] for index in shown])
    axes.set_xticks([])
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    axes.set_title(f"{challenge.name}: training images by class", fontsize=11)
    picture = io.BytesIO()
    figure.savefig(picture, format="png", dpi=150)
    write_atomic(path, picture.getvalue())


def _strip(challenge: Challenge, index: int) -> np.ndarray:
    """Return samples of one class side by side, [H+1, SAMPLES*(W+1), 3] between 0 and 1."""
    members = np.flatnonzero(challenge.labels == index)
    count = min(SAMPLES, len(members))
    chosen = members[np.linspace(0, len(members) - 1, count).round().astype(int)]
    images = visible(challenge.train, chosen)
    count, height, width, _ = images.shape
    strip = np.ones((height + 1, SAMPLES * (width + 1), 3), np.float32)
    for place, image in enumerate(images):
        left = place * (width + 1)
        strip[:height, left : left + width] = image
    return strip


def visible(train: np.ndarray, chosen: np.ndarray) -> np.ndarray:
    """Return images as [n, H, W, 3] between 0 and 1: dark where the training values are least.

    The extreme thousandth at either end is cut, since one wild pixel would make the rest grey.
    """
    sample = train[:: max(1, len(train) // 500)]
    least, most = np.nanquantile(sample, [0.001, 0.999])
    images = (train[chosen] - least) / max(most - least, 1e-12)
    images = np.nan_to_num(images).clip(0, 1).transpose(0, 2, 3, 1)
    if images.shape[3] != 3:
        images = images.mean(axis=3, keepdims=True).repeat(3, axis=3)
    return images
