"""Kernels of rows of numbers in plain NumPy: k(x, y) of all pairs, k(x, x) of each where y is None.

Those of other samples have the same form.
"""

from typing import Any

import numpy as np

from rosenblatt.export.twins.parts import Part, twin


def products(x: np.ndarray, y: np.ndarray | None) -> np.ndarray:
    return (x * x).sum(1) if y is None else x @ y.T


@twin("features.gram.Linear")
def linear(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    return products(x, y)


@twin("features.gram.Polynomial")
def polynomial(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    return (part.gamma * products(x, y) + part.constant) ** part.degree


@twin("features.gram.Gaussian")
def gaussian(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return exp(-gamma |x - y|^2) of all rows, both moved so that the mean of y is 0."""
    if y is None:
        return np.ones(len(x), np.float32)
    origin = y.mean(0, np.float64)
    x, y = x - origin, y - origin
    squares = (x * x).sum(1)[:, None] + (y * y).sum(1) - 2 * (x @ y.T)
    return np.exp(-part.gamma * np.maximum(squares, 0)).astype(np.float32)


@twin("features.gram.ArcCosine")
def arc_cosine(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return the kernel of a layer of units max(0, w x)^order (Cho & Saul 2009, equation 3)."""
    x = x.astype(np.float64)
    squares = (x * x).sum(1)
    if y is None:
        return (1, squares, 3 * squares**2)[part.order] * np.ones(len(x))
    y = y.astype(np.float64)
    lengths = np.sqrt(squares[:, None] * (y * y).sum(1))
    cosine = np.clip((x @ y.T) / np.where(lengths > 0, lengths, 1), -1, 1)
    angle, sine = np.arccos(cosine), np.sqrt(1 - cosine**2)
    shape = (
        np.pi - angle,
        sine + (np.pi - angle) * cosine,
        3 * sine * cosine + (np.pi - angle) * (1 + 2 * cosine**2),
    )[part.order]
    return lengths**part.order * shape / np.pi


@twin("features.histograms.Laplacian")
def laplacian(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    if y is None:
        return np.ones(len(x))
    return np.exp(-part.gamma * np.stack([np.abs(row - y).sum(1) for row in x]))


@twin("features.histograms.ChiSquare")
def chi_square(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    """Return exp(-gamma sum (x - y)^2 / (x + y)); bins that are empty in both count nothing."""
    if y is None:
        return np.ones(len(x))
    distances = [((row - y) ** 2 / np.maximum(row + y, 1e-30)).sum(1) for row in x]
    return np.exp(-part.gamma * np.stack(distances))


@twin("features.histograms.Intersection")
def intersection(part: Part, x: np.ndarray, y: np.ndarray | None = None) -> np.ndarray:
    return x.sum(1) if y is None else np.stack([np.minimum(row, y).sum(1) for row in x])


@twin("features.gram.Sum")
def kernel_sum(part: Part, x: Any, y: Any = None) -> np.ndarray:
    return part.first(x, y) + part.second(x, y)


@twin("features.gram.Product")
def kernel_product(part: Part, x: Any, y: Any = None) -> np.ndarray:
    return part.first(x, y) * part.second(x, y)


@twin("features.gram.Scaled")
def kernel_scaled(part: Part, x: Any, y: Any = None) -> np.ndarray:
    return part.factor * part.kernel(x, y)


@twin("features.gram.Normalised")
def normalised(part: Part, x: Any, y: Any = None) -> np.ndarray:
    """Return the cosines in a kernel's space; what has no length is at a right angle to all."""
    own = np.asarray(part.kernel(x), np.float32)
    if y is None:
        return (own > 0).astype(np.float32)
    gram, other = np.asarray(part.kernel(x, y), np.float32), np.asarray(part.kernel(y), np.float32)
    return gram * (inverse_lengths(own)[:, None] * inverse_lengths(other))


def inverse_lengths(squares: np.ndarray) -> np.ndarray:
    return np.where(squares > 0, 1 / np.sqrt(np.where(squares > 0, squares, 1)), 0)
