"""What describes images [N, H, W, C] in plain NumPy: oriented gradients, patches, their kernels."""

import numpy as np

from rosenblatt.export.twins.parts import Part, twin

IMAGES = 16  # whose patches stand in memory at a time


@twin("features.hog.HOG", "features.hog.HOGTerm")
def oriented_gradients(part: Part, images: np.ndarray) -> np.ndarray:
    """Return histograms of oriented gradients (Dalal & Triggs 2005) of cells of several sizes."""
    down, right = gradients(images)
    turned = np.arctan2(down, right) / (2 * np.pi) * (1 if part.signed else 2)
    place = (turned - np.floor(turned)) * part.bins
    first = place.astype(np.int64)
    share, strength = place - first, np.sqrt(down**2 + right**2)
    bins = np.arange(part.bins)
    pixels = (strength * (1 - share))[..., None] * (first[..., None] % part.bins == bins)
    pixels += (strength * share)[..., None] * ((first[..., None] + 1) % part.bins == bins)
    return np.hstack([blocks(pixels, side) for side in part.cells]).astype(np.float32)


def gradients(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return how brightness grows down and right, of the channel that changes most, [N, H, W]."""
    framed = np.pad(images, ((0, 0), (1, 1), (1, 1), (0, 0)), "edge")
    down = framed[:, 2:, 1:-1] - framed[:, :-2, 1:-1]
    right = framed[:, 1:-1, 2:] - framed[:, 1:-1, :-2]
    most = (down**2 + right**2).argmax(3)[..., None]
    return np.take_along_axis(down, most, 3)[..., 0], np.take_along_axis(right, most, 3)[..., 0]


def blocks(pixels: np.ndarray, side: int) -> np.ndarray:
    """Return squares of 2 x 2 cells, clipped and of length 1, of pixels [N, H, W, bins]."""
    N, H, W, _ = pixels.shape
    rows, columns = near_cells(H // side, H), near_cells(W // side, W)
    cells = np.einsum("rh,nhwb,cw->nrcb", rows, pixels, columns, optimize=True)
    corners = cells[:, :-1, :-1], cells[:, :-1, 1:], cells[:, 1:, :-1], cells[:, 1:, 1:]
    squares = np.concatenate(corners, 3)
    energy = (squares**2).sum(3, keepdims=True)
    squares /= np.sqrt(energy + 0.01 * energy.mean((1, 2), keepdims=True) + 1e-30)
    squares = np.minimum(squares, 0.2)
    squares /= np.sqrt((squares**2).sum(3, keepdims=True) + 1e-12)
    return squares.reshape(N, -1)


def near_cells(cells: int, pixels: int) -> np.ndarray:
    """Return the share of each pixel in the two nearest of cells, [cells, pixels]."""
    centre = (np.arange(pixels) + 0.5) * cells / pixels - 0.5
    return np.maximum(0, 1 - np.abs(centre - np.arange(cells)[:, None]))


def cut_patches(images: np.ndarray, side: int) -> np.ndarray:
    """Return all patches of images, [N, rows, columns, side side C]."""
    windows = np.lib.stride_tricks.sliding_window_view(images, (side, side), (1, 2))
    return windows.transpose(0, 1, 2, 4, 5, 3).reshape(*windows.shape[:3], -1)


@twin("features.patches.PatchDictionary")
def patch_dictionary(part: Part, images: np.ndarray) -> np.ndarray:
    """Return how near an image's patches are to learned ones, added up over a grid of cells."""
    return np.concatenate([
        patch_codes(part, images[first : first + IMAGES])
        for first in range(0, len(images), IMAGES)
    ])  # fmt: skip


def patch_codes(part: Part, images: np.ndarray) -> np.ndarray:
    """Return max(0, mean distance - distance) of patches and centres (Coates & Ng 2011)."""
    patches = cut_patches(images, part.side)
    patches = patches - patches.mean(3, np.float64, keepdims=True)
    patches /= np.sqrt((patches**2).mean(3, keepdims=True) + part.offset)
    white = part.whitening(patches)
    centres = part.centres.astype(np.float64)
    squares = (white**2).sum(3, keepdims=True) + (centres**2).sum(1) - 2 * (white @ centres.T)
    distances = np.sqrt(np.maximum(squares, 0))
    codes = np.maximum(distances.mean(3, keepdims=True) - distances, 0)
    rows, columns = (
        np.arange(size) * part.grid // size == np.arange(part.grid)[:, None]
        for size in codes.shape[1:3]
    )
    sums = np.einsum("gr,nrck,hc->nghk", rows, codes, columns, optimize=True)
    return sums.reshape(len(images), -1).astype(np.float32)


@twin("features.whitening.ZCA")
def whitened(part: Part, rows: np.ndarray) -> np.ndarray:
    return (rows - part.mean) @ part.matrix


@twin("features.ckn.KernelNetwork")
def kernel_network(part: Part, images: np.ndarray) -> np.ndarray:
    """Return the last maps of layers of kernels, one on another."""
    found = []
    for first in range(0, len(images), IMAGES):
        maps = images[first : first + IMAGES]
        for layer in part.layers:
            maps = layer(maps)
        found.append(maps.reshape(len(maps), -1))
    return np.concatenate(found)


@twin("features.ckn._Layer")
def kernel_layer(part: Part, maps: np.ndarray) -> np.ndarray:
    """Return each patch's kernel with the anchors, projected and smoothed (Mairal 2016)."""
    side, _, pooling, sharpness = part.shape
    patches = cut_patches(maps, side)
    if part.centred:
        pixels = patches.reshape(*patches.shape[:3], -1, maps.shape[3])
        patches = (pixels - pixels.mean(3, np.float64, keepdims=True)).reshape(patches.shape)
    patches = patches.astype(np.float32)
    lengths = np.sqrt((patches**2).sum(3, keepdims=True))
    cosines = (patches @ part.anchors.T) / np.where(lengths > 0, lengths, 1)
    points = (lengths * np.exp(np.float32(sharpness) * (cosines - 1))) @ part.root
    rows, columns = (smoother(size, pooling) for size in points.shape[1:3])
    return np.einsum("gr,nrck,hc->nghk", rows, points, columns, optimize=True)


def smoother(size: int, pooling: int) -> np.ndarray:
    """Return the matrix of a Gaussian average about every n-th point, [size / pooling, size]."""
    centres = np.arange(pooling // 2, size, pooling)
    weights = np.exp(-(((np.arange(size) - centres[:, None]) / pooling) ** 2))
    return (weights / weights.sum(1, keepdims=True)).astype(np.float32)
