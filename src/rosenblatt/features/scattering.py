"""Scattering: wavelets, moduli and averages, twice over (Bruna & Mallat 2013)."""

from dataclasses import dataclass
from functools import cache
from typing import ClassVar

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.errors import UserError
from rosenblatt.features.terms import RowTerm
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementary import cos, sin
from rosenblatt.kernels.core.elementwise import exp
from rosenblatt.kernels.core.fourier import transform, transform_back
from rosenblatt.ranges import Range, Whole, check_settings

BATCH = 32  # images whose transforms stand in memory at a time


@dataclass(frozen=True)
class Scattering(Kept):
    """Coefficients that change little where an image is moved or bent a little.

    With psi a Morlet wavelet at scale 2^j and one of `angles` directions, and phi a Gaussian of
    width 2^scales: x * phi, |x * psi_1| * phi, and ||x * psi_1| * psi_2| * phi for j_2 > j_1
    (equations 2 to 4), each sampled every 2^scales pixels. The filters satisfy the bound of
    Littlewood and Paley, so the transform never takes two images further apart.

    The sides are padded, by reflection, to a multiple of 2^scales; the filters wrap around.
    Raises UserError where scales are not from 1 to 8, angles from 1 to 64, or the largest wavelet
    has more than twice the sides of the images.
    """

    scales: int = 3
    angles: int = 8

    settings: ClassVar[dict[str, Range]] = {"scales": Whole(1, 8), "angles": Whole(1, 64)}

    def __post_init__(self) -> None:
        check_settings(self)

    def check_size(self, rows: int, columns: int) -> None:
        """Raise UserError where images of so many rows and columns are too small."""
        if 2**self.scales > 2 * min(rows, columns):
            most = min(rows, columns).bit_length()
            raise UserError(
                f"scales = {self.scales}: wavelets of {2**self.scales} pixels do not fit in "
                f"{rows} x {columns}; take {most} at most."
            )

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the coefficients [N, P h w C] (float32) of images [N, H, W, C].

        P = 1 + J A + A^2 J (J - 1) / 2 for J scales and A angles; h, w = ceil(H / 2^J), ...
        """
        images = check_images(images)
        N, H, W, _ = images.shape
        self.check_size(H, W)
        step = 2**self.scales
        pad = [(-side % step // 2, (-side % step + 1) // 2) for side in (H, W)]
        planes = images.transpose(0, 3, 1, 2)
        planes = np.pad(planes, ((0, 0), (0, 0), *pad), mode="symmetric")
        low, waves = map(_for_pairs, filters(planes.shape[2:], self.scales, self.angles))
        parts = [
            self._scatter(planes[first : first + BATCH], low, waves) for first in range(0, N, BATCH)
        ]
        return np.concatenate(parts).reshape(N, -1)

    def _scatter(self, planes: np.ndarray, low: np.ndarray, waves: np.ndarray) -> np.ndarray:
        """Return the coefficients [n, P, C, h, w] of planes [n, C, H, W]."""
        n, C, H, W = planes.shape
        spectrum = transform(planes.reshape(n * C, H, W))
        found = [self._average(spectrum, low)]
        first = []
        for j in range(self.scales):
            for a in range(self.angles):
                first.append((j, _modulus_spectrum(spectrum, waves[j, a])))
                found.append(self._average(first[-1][1], low))
        for j1, moduli in first:
            for j2 in range(j1 + 1, self.scales):
                for a in range(self.angles):
                    found.append(self._average(_modulus_spectrum(moduli, waves[j2, a]), low))
        return np.stack([part.reshape(n, C, *part.shape[1:]) for part in found], 1)

    def _average(self, spectrum: np.ndarray, low: np.ndarray) -> np.ndarray:
        """Return x * phi every 2^scales pixels: sampling folds the spectrum [N, W, H, 2]."""
        step = 2**self.scales
        N, W, H, _ = spectrum.shape
        smooth = _product(spectrum, low).reshape(N, step, W // step, step, H // step, 2)
        return transform_back(smooth.mean((1, 3)))[..., 0]


@dataclass(frozen=True)
class ScatteringTerm(Scattering, RowTerm):
    """Two layers of scattering."""

    kind: str = "scattering"


def _modulus_spectrum(spectrum: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Return the Fourier transform of |x * psi|, [N, W, H, 2] like that of x."""
    squares = np.square(transform_back(_product(spectrum, wave)))
    return transform(np.sqrt(squares[..., 0] + squares[..., 1]))


def _for_pairs(filters: np.ndarray) -> np.ndarray:
    """Return filters [..., H, W] as [..., W, 2 H]: each number twice, for pairs of a spectrum."""
    return np.repeat(filters.swapaxes(-1, -2), 2, -1)


def _product(spectrum: np.ndarray, wave: np.ndarray) -> np.ndarray:
    """Return a spectrum [N, W, H, 2] times a filter [W, 2 H]."""
    return (spectrum.reshape(-1, *wave.shape) * wave).reshape(spectrum.shape)


@cache
def filters(shape: tuple[int, int], scales: int, angles: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the transforms of phi [H, W] and of psi [scales, angles, H, W], real float32.

    psi is scaled so that |phi|^2 + sum |psi|^2 / 2 over both signs of frequency is at most 1
    (equation 7).
    """
    low = _gaussian(shape, 0.8 * 2 ** (scales - 1), 1.0, 0.0, (0.0, 0.0))
    low /= low[0, 0]
    waves = np.empty((scales, angles, *shape))
    for j in range(scales):
        for a in range(angles):
            angle = np.pi * a / angles
            centre = 0.75 * np.pi / 2**j
            peak = centre * float(cos(angle)), centre * float(sin(angle))
            width, slant = 0.8 * 2**j, 4 / angles
            wave = _gaussian(shape, width, slant, angle, peak)
            still = _gaussian(shape, width, slant, angle, (0.0, 0.0))
            waves[j, a] = wave - still * (wave[0, 0] / still[0, 0])  # no response to a constant
    mirrored = np.roll(waves[..., ::-1, ::-1], 1, (-2, -1))
    energy = 0.5 * (np.square(waves) + np.square(mirrored)).sum((0, 1))
    room = np.maximum(1 - np.square(low), 0)
    waves *= np.sqrt(np.min(room[energy > 1e-6] / energy[energy > 1e-6]))
    return low.astype(np.float32), waves.astype(np.float32)


def _gaussian(
    shape: tuple[int, int], width: float, slant: float, angle: float, centre: tuple[float, float]
) -> np.ndarray:
    """Return the transform of a Gaussian window on a wave: a bump about the wave's frequency.

    width: along the wave, in pixels, and width / slant across it. The bump repeats every 2 pi.
    """
    total = np.zeros(shape)
    c, s = float(cos(angle)), float(sin(angle))
    down, across = (_frequencies(size) for size in shape)
    for shift_y in range(-2, 3):
        for shift_x in range(-2, 3):
            y = 2 * np.pi * (down[:, None] + shift_y) - centre[0]
            x = 2 * np.pi * (across[None] + shift_x) - centre[1]
            along, beside = c * y + s * x, c * x - s * y
            total += exp(-0.5 * width * width * (along**2 + (beside / slant) ** 2))
    return total


def _frequencies(size: int) -> np.ndarray:
    """Return the frequencies of a transform's numbers, in turns a pixel, from -1/2 to 1/2."""
    return ((np.arange(size) + size // 2) % size - size // 2) / size
