"""Pixels to numbers of order one, by what the training rows show."""

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_numbers
from rosenblatt.errors import UserError
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.sums import total
from rosenblatt.ranges import Choice, check_value

METHOD = Choice(("unit", "standardise"))


@dataclass(frozen=True)
class Scaling(Kept):
    """(pixel - shift) x factor, channel by channel; shift and factor are [C] float32."""

    shift: np.ndarray
    factor: np.ndarray

    axes: ClassVar = {"shift": "float32 C", "factor": "float32 C"}

    @classmethod
    def fit(cls, images: np.ndarray, method: str) -> "Scaling":
        """Learn from training images [N, C, H, W].

        "unit" divides by the largest absolute value; "standardise" subtracts each channel's mean
        and divides by its standard deviation, both summed in a fixed order in float64. A constant
        channel becomes 0. Raises UserError as check_numbers, or for another method.
        """
        check_value("method", method, METHOD)
        images = check_numbers(images, "N C H W", "images")
        C = images.shape[1]
        if method == "unit":
            largest = float(np.abs(images).max()) or 1.0
            return cls(np.zeros(C, np.float32), np.full(C, 1.0 / largest, np.float32))
        shift, factor = np.zeros(C, np.float32), np.zeros(C, np.float32)
        for c in range(C):
            values = images[:, c].astype(np.float64).reshape(-1)
            mean = total(values) / values.size
            variance = total((values - mean) ** 2) / values.size
            shift[c] = mean
            factor[c] = 1.0 / np.sqrt(variance) if variance > 0 else 0.0
        return cls(shift, factor)

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return images [N, C, H, W] as network inputs [N, H, W, C] float32.

        Raises UserError as check_numbers, or where there are other channels than were learned from.
        """
        images = check_numbers(images, "N C H W", "images")
        if images.shape[1] != len(self.shift):
            raise UserError(
                f"images of {images.shape[1]} channels, where those learned from had "
                f"{len(self.shift)}; give both the same."
            )
        channels_last = np.array(images.transpose(0, 2, 3, 1), np.float32, order="C")  # a copy
        channels_last -= self.shift
        channels_last *= self.factor
        return channels_last
