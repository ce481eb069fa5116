"""A picture as an image of a challenge: grey or coloured, of its size, on its ground and scale."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from rosenblatt.data.png import small_png
from rosenblatt.data.text import check_file
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize

if TYPE_CHECKING:
    from rosenblatt.challenge.new_rows import Expected

GREY = np.array([0.299, 0.587, 0.114], np.float32)  # of red, green and blue: ITU-R BT.601
FAINT = 0.1  # of the brightest, from which on a pixel belongs to what is drawn
MOST = 4096  # pixels a side


def read_picture(path: Path, expected: "Expected") -> tuple[np.ndarray, tuple[str, ...]]:
    """Return a PNG as an image [C, H, W] float32 of the challenge, and what was done to it.

    Of another size it is resized; a grey drawing is turned bright on dark where the training images
    are, cut out and centred by its mass, as LeCun et al. 1998 did for MNIST. Raises UserError where
    it cannot be read, or the model takes no images.
    """
    if expected.kind != "image":
        raise UserError(f"{path}: is a picture, and the model takes a {expected.kind}; give a CSV.")
    pixels, notes = _pixels(path), []
    C, H, W = expected.shape
    if C == 1:
        grey = (pixels * GREY).sum(-1) if pixels.shape[2] >= 3 else pixels[..., 0]
        notes += ["colours are turned to grey"] if pixels.shape[2] >= 3 else []
        pixels = np.ascontiguousarray(grey[..., None])
        if _dark(pixels) != expected.dark:
            pixels = 1 - pixels
            notes.append("bright and dark are exchanged, as the training images have it")
    elif pixels.shape[2] < C:
        pixels = np.repeat(pixels[..., :1], C, 2)
        notes.append(f"grey is taken for {C} equal channels")
    pixels = pixels[..., :C]
    if pixels.shape[:2] != (H, W):
        rows, columns = pixels.shape[:2]
        if C == 1 and expected.dark:
            pixels = _cut_out(pixels, (H, W))
            notes.append(f"the drawing is cut out of {rows} x {columns} pixels, and centred")
        else:
            pixels = resize(pixels[None], (H, W))[0]
        notes.append(f"resized to {H} x {W} pixels")
    notes.append(f"pixels are brought to 0 to {expected.largest:g}")
    scaled = np.float32(expected.largest) * pixels.transpose(2, 0, 1)
    return np.ascontiguousarray(scaled, np.float32), tuple(notes)


def _pixels(path: Path) -> np.ndarray:
    """Return the pixels of a PNG [rows, columns, channels] float32, from 0 to 1."""
    check_file(path)
    try:
        pixels = small_png(path.read_bytes())
        if pixels is None:
            from matplotlib.image import imread

            pixels = np.asarray(imread(path), np.float32)
    except (OSError, ValueError, SyntaxError, RuntimeError) as error:
        raise UserError(f"{path}: is no PNG that can be read ({error}); save it again.") from error
    pixels = pixels[..., None] if pixels.ndim == 2 else pixels
    if pixels.ndim != 3 or not 0 < max(pixels.shape[:2]) <= MOST:
        raise UserError(f"{path}: has shape {pixels.shape}; give at most {MOST} pixels a side.")
    if pixels.shape[2] in (2, 4):  # what is transparent is as white paper
        opaque = pixels[..., -1:]
        pixels = pixels[..., :-1] * opaque + (1 - opaque)
    return pixels


def _dark(pixels: np.ndarray) -> bool:
    border = np.ones(pixels.shape[:2], bool)
    border[1:-1, 1:-1] = False
    return bool(pixels[border].mean() < 0.5)


def _cut_out(pixels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return what is drawn [H, W, 1] in 20 of 28 parts of the size, its mass in the middle."""
    ink = pixels[..., 0] > FAINT * pixels.max()
    if not ink.any():
        return np.zeros((*size, 1), np.float32)
    (top, bottom), (left, right) = (
        np.flatnonzero(ink.any(axis))[[0, -1]] + (0, 1) for axis in (1, 0)
    )
    part = pixels[top:bottom, left:right]
    scale = min(size) * 20 / 28 / max(part.shape[:2])
    small = resize(part[None], tuple(max(1, round(side * scale)) for side in part.shape[:2]))[0]
    out = np.zeros((*size, 1), np.float32)
    weights = small[..., 0] / max(float(small.sum()), 1e-12)
    places = []
    for axis, side in enumerate(size):
        centre = float((weights.sum(1 - axis) * np.arange(small.shape[axis])).sum())
        place = round((side - 1) / 2 - centre)
        places.append(min(max(place, 0), side - small.shape[axis]))
    down, across = places
    out[down : down + small.shape[0], across : across + small.shape[1]] = small
    return out
