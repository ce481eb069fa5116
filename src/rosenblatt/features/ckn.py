"""Convolutional kernel networks (Mairal, Koniusz, Harchaoui & Schmid 2014), without supervision.

A layer maps each patch x of an image to a point near phi(x), where
<phi(x), phi(y)> = |x| |y| exp(sharpness (cos(x, y) - 1)): by Nystrom's projection on K anchors,
which are centres of clusters of patches (Mairal 2016, section 3.2). Then it smooths the image of
such points by a Gaussian and keeps every `pooling`-th. Layers stand one on another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, NamedTuple, Self

import numpy as np

from rosenblatt.arrays import check_images
from rosenblatt.errors import UserError
from rosenblatt.features.gram import products, square_norms
from rosenblatt.features.kmeans import k_means
from rosenblatt.features.patches import check_side, random_patches
from rosenblatt.features.terms import Describe, RowTerm
from rosenblatt.kept import Kept
from rosenblatt.kernels.core.elementwise import exp
from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.symmetric import eigenvectors
from rosenblatt.kernels.vision.patches import averages, cut_patches, sphere
from rosenblatt.ranges import GENERATOR, Each, Kind, Range, Real, Whole, check_value

BATCH = 8  # images whose maps stand in memory at a time
SAMPLES = 50_000  # patches that the anchors are learned from
LAYER: dict[str, Range] = {
    "side": Whole(1, 1024),
    "anchors": Whole(1, SAMPLES),
    "pooling": Whole(1, 1024),
    "sharpness": Real(0.01, 1000),
}
FAINT = 1e-3  # added to the anchors' Gram matrix, whose diagonal is 1


class LayerShape(NamedTuple):
    """side: of the patches; anchors: how many; pooling: the step that keeps every n-th point,
    and the Gaussian's standard deviation is pooling / sqrt 2; sharpness of the kernel."""

    side: int
    anchors: int
    pooling: int
    sharpness: float = 4.0


@dataclass(frozen=True)
class _Layer(Kept):
    """anchors [K, D], unit rows; root [K, K]: their Gram matrix to the power -1/2."""

    shape: LayerShape
    centred: bool
    anchors: np.ndarray
    root: np.ndarray

    axes: ClassVar = {"anchors": "float32 K D", "root": "float32 K K"}

    @classmethod
    def fit(
        cls, maps: np.ndarray, shape: LayerShape, centred: bool, rng: np.random.Generator
    ) -> Self:
        patches = random_patches(maps, shape.side, SAMPLES, rng)
        patches, lengths = _prepared(patches, maps.shape[3], centred)
        unit = patches[lengths > 1e-6 * lengths.max()]
        if not len(unit):
            raise UserError("all patches of the images are flat; there is nothing to learn from.")
        unit /= np.sqrt(square_norms(unit))[:, None]
        anchors = k_means(unit, shape.anchors, rng, spherical=True)
        cosines = np.empty((len(anchors), len(anchors)), np.float32)
        products(anchors, anchors, cosines)
        gram = exp(shape.sharpness * (cosines.astype(np.float64) - 1))
        values, vectors = eigenvectors(gram + FAINT * np.eye(len(gram)))
        root = np.empty_like(gram)
        products(vectors / np.sqrt(values), vectors, root)
        return cls(shape, centred, anchors, root.astype(np.float32))

    @classmethod
    def from_kept(cls, parts: dict[str, Any]) -> Self:
        return super().from_kept(parts | {"shape": LayerShape(*parts["shape"])})

    def __call__(self, maps: np.ndarray) -> np.ndarray:
        """Return the next maps [n, h, w, K] of maps [n, H, W, C]."""
        n, H, W, C = maps.shape
        side, K = self.shape.side, len(self.anchors)
        rows, columns = H - side + 1, W - side + 1
        patches = np.empty((n, rows * columns, side * side * C), np.float32)
        cut_patches(np.ascontiguousarray(maps), side, patches)
        flat, lengths = _prepared(patches.reshape(-1, patches.shape[2]), C, self.centred)
        codes = np.empty((len(flat), K), np.float32)
        products(flat, self.anchors, codes)
        sphere(codes, lengths, np.float32(self.shape.sharpness))
        points = gemm(codes, self.root, np.empty_like(codes)).reshape(n, rows, columns, K)
        down, across = (_smoother(size, self.shape.pooling) for size in (rows, columns))
        out = np.empty((n, len(down), len(across), K), np.float32)
        averages(points, down, across, out)
        return out


@dataclass(frozen=True)
class KernelNetwork(Kept):
    """Layers that were learned one after another, from training images alone."""

    layers: tuple[_Layer, ...]
    shape: tuple[int, ...]

    @classmethod
    def fit(
        cls, images: np.ndarray, shapes: Sequence[LayerShape], rng: np.random.Generator
    ) -> Self:
        """Learn the anchors of each layer from images [N, H, W, C].

        The first layer's patches are centred, channel by channel, so that it minds contrast and
        not brightness. Raises UserError as check_images and check_layers.
        """
        layers: list[_Layer] = []
        maps = images = check_images(images)
        check_layers(shapes, images.shape[1:3])
        check_value("rng", rng, GENERATOR)
        for number, shape in enumerate(shapes):
            layers.append(_Layer.fit(maps, shape, number == 0, rng))
            if number + 1 < len(shapes):
                maps = _through(layers[-1:], maps)
        return cls(tuple(layers), images.shape[1:])

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return the last maps, flat, [N, h w K] (float32) of images [N, H, W, C].

        Raises UserError as check_images.
        """
        images = check_images(images, shape=self.shape)
        return _through(self.layers, images).reshape(len(images), -1)


@dataclass(frozen=True)
class KernelNetworkTerm(RowTerm):
    """A convolutional kernel network; layers of (side, anchors, pooling)."""

    kind: str = "kernel_network"
    layers: tuple[tuple[int, int, int], ...] = ((3, 64, 2), (3, 256, 3))

    settings: ClassVar = {"layers": Each(Each(Whole(1, 50_000), 3, 3), 1, 16)}

    def check_size(self, rows: int, columns: int) -> None:
        check_layers(self.shapes, (rows, columns))

    @property
    def shapes(self) -> list[LayerShape]:
        """Return the layers by their names."""
        return [LayerShape(*layer) for layer in self.layers]

    def describe(self, samples: np.ndarray, seed: int) -> Describe:
        return KernelNetwork.fit(samples, self.shapes, np.random.default_rng(seed))


def check_layers(shapes: Sequence[LayerShape], size: tuple[int, ...]) -> None:
    """Raise UserError where layers are none, or do not fit in images of size (rows, columns)."""
    check_value("layers", shapes, Each(Kind(LayerShape, "a LayerShape"), 1, 16))
    for number, shape in enumerate(shapes, 1):
        for name, wanted in LAYER.items():
            check_value(f"layer {number}: {name}", getattr(shape, name), wanted)
        check_side(shape.side, *size)
        size = tuple(-(-(s - shape.side + 1 - shape.pooling // 2) // shape.pooling) for s in size)
        if min(size) < 1:
            raise UserError(
                f"layer {number}: pooling = {shape.pooling} leaves nothing of its maps; "
                "take less, or fewer layers."
            )


def _through(layers: Sequence[_Layer], maps: np.ndarray) -> np.ndarray:
    parts = []
    for first in range(0, len(maps), BATCH):
        part = maps[first : first + BATCH]
        for layer in layers:
            part = layer(part)
        parts.append(part.astype(np.float32))
    return np.concatenate(parts)


def _prepared(patches: np.ndarray, channels: int, centred: bool) -> tuple[np.ndarray, np.ndarray]:
    """Return patches [P, D], centred or not, and their lengths [P]."""
    if centred:
        pixels = patches.reshape(len(patches), -1, channels)
        patches = (pixels - pixels.mean(1, np.float64, keepdims=True)).reshape(patches.shape)
    patches = np.ascontiguousarray(patches, np.float32)
    return patches, np.sqrt(square_norms(patches))


def _smoother(size: int, pooling: int) -> np.ndarray:
    """Return the matrix [size / pooling, size] of a Gaussian average about every n-th point."""
    centres = np.arange(pooling // 2, size, pooling)
    weights = exp(-(((np.arange(size) - centres[:, None]) / pooling) ** 2))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)
