"""Training images shown differently each time: a recipe's table `augmentation`."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_count, check_images, check_out, check_whole
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.cpu import threads_in_use
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.vision.augmentation import Settings, augment, augment_serially
from rosenblatt.ranges import (
    BELOW_ONE,
    FROM_ZERO,
    SEED,
    SHARE,
    Real,
    Whole,
    check_settings,
    check_value,
)

STREAM = 0x6175676D656E74  # keeps these numbers apart from others drawn with the same seed

PIXELS = Real(0, 10_000)


@dataclass(frozen=True)
class Augmentation(Kept):
    """How far the images of a batch may change; what is 0 is left out.

    Drawn uniformly, for each image and step:
    shift: +- so many pixels, down and right, between pixels too · rotation: +- degrees ·
    scale, shear: +- this fraction, height and width apart · alpha, sigma: elastic distortion, the
    strength and the width of the Gaussian, both in pixels (Simard et al. 2003, section 2: 34 and 4
    on 28 x 28 digits) · flip: probability of a mirror image · crop: +- whole pixels, which is a
    random crop of the image padded by as many · brightness: +- in units of the pixels · contrast,
    saturation: +- fraction about the image's mean and the pixel's grey · cutout: side of a blank
    square (DeVries & Taylor 2017) · border: the value outside of the image, and of the square.
    Raises UserError where a number is negative or not finite, or a chance or fraction above 1.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    alpha: float = 0.0
    sigma: float = 4.0
    flip: float = 0.0
    crop: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    cutout: int = 0
    border: float = 0.0

    settings: ClassVar = {
        "shift": PIXELS,
        "rotation": Real(0, 360),
        "scale": BELOW_ONE,
        "shear": Real(0, 100),
        "alpha": PIXELS,
        "sigma": Real(0.01, 1000),
        "flip": SHARE,
        "crop": Whole(0, 10_000),
        "brightness": FROM_ZERO,
        "contrast": SHARE,
        "saturation": SHARE,
        "cutout": Whole(0, 10_000),
        "border": Real(-1e30, 1e30),
    }

    def __post_init__(self) -> None:
        check_settings(self)

    def __call__(
        self,
        images: np.ndarray,
        seed: int,
        step: int,
        indices: np.ndarray | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray:
        """Return the images [N, H, W, C] (float32) changed, in `out` where given.

        What happens to an image is a function of (seed, step, its index) alone; the step may be an
        epoch and the index the number of the sample, by default its place in the batch. `out` may
        be `images`. Raises UserError as check_images, for an index or a step below 0, or an `out`
        as check_out.
        """
        images = check_images(images)
        check_value("seed", seed, SEED)
        check_value("step", step, SEED)
        if indices is None:
            indices = np.arange(len(images))
        indices = check_whole(indices, "N", 0, 2**62, "indices")
        check_count(indices, len(images), "indices", "images")
        if out is None:
            out = np.empty_like(images)
        else:
            check_out(out, images.shape)
        key = np.uint64((int(seed) ^ STREAM) & (2**64 - 1))
        change = augment_serially if threads_in_use() == 1 else augment
        change(images, indices, key, step, self._settings(), self._gaussian(), out)
        return out

    def _settings(self) -> Settings:
        values = {name: getattr(self, name) for name in Settings._fields}
        values["rotation"] = math.radians(self.rotation)
        return Settings(**{name: np.float32(value) for name, value in values.items()})

    def _gaussian(self) -> np.ndarray:
        """Return the weights of a Gaussian out to three sigma, adding up to 1."""
        reach = math.ceil(3 * self.sigma)
        parts = [k / self.sigma for k in range(-reach, reach + 1)]
        bell = [exp(np.float64(-0.5 * part * part)) for part in parts]
        total = math.fsum(bell)
        return np.array([value / total for value in bell], np.float32)
