"""Patches of images: cut out, and their codes pooled over cells of the image."""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import add_scaled, squared_distance
from rosenblatt.kernels.core.elementary import exp
from rosenblatt.kernels.core.jit import kernel, parallel_kernel

NEAR = 1 / 64  # of two squared lengths: a squared distance below it has lost digits


@kernel
def _cut(image, side, out):
    H, W, C = image.shape
    columns = W - side + 1
    for i in range(H - side + 1):
        for j in range(columns):
            row = out[i * columns + j]
            for u in range(side):
                for v in range(side):
                    for k in range(C):
                        row[(u * side + v) * C + k] = image[i + u, j + v, k]


@parallel_kernel
def cut_patches(images, side, out):
    """Write all patches of images [N, H, W, C] to out [N, P, side side C], P in reading order."""
    for n in prange(images.shape[0]):
        _cut(images[n], side, out[n])


@kernel
def _triangle(row, x, centres, square, squares):
    """Turn products with the centres into max(0, mean distance - distance), in place."""
    mean = row.dtype.type(0)
    for k in range(row.size):
        together = square + squares[k]
        distance = together - (row[k] + row[k])
        if not distance > NEAR * together:
            distance = squared_distance(x, centres[k])
        row[k] = np.sqrt(distance)
        mean += row[k]
    mean = mean / row.dtype.type(row.size)
    for k in range(row.size):
        row[k] = max(mean - row[k], row.dtype.type(0))


@parallel_kernel
def triangle(codes, x, centres, squares_x, squares):
    """Encode patches by their centres (Coates & Ng 2011, section 3.2, `k-means (triangle)`).

    codes [N, K]: products of patches x and centres, changed in place; squares: squared lengths.
    Small distances, of which products leave few digits, come from the differences.
    """
    for n in prange(codes.shape[0]):
        _triangle(codes[n], x[n], centres, squares_x[n], squares)


@kernel
def _pool(codes, cells, out):
    out[:] = 0
    for p in range(codes.shape[0]):
        row, total = codes[p], out[cells[p]]
        for k in range(row.size):
            total[k] += row[k]


@parallel_kernel
def pool(codes, cells, out):
    """Add up the codes [N, P, K] of each image's patches by their cell [P], in out [N, G, K]."""
    for n in prange(codes.shape[0]):
        _pool(codes[n], cells, out[n])


@kernel
def _sphere(row, length, sharpness):
    """Turn products of a patch with unit vectors into length exp(sharpness (cosine - 1))."""
    one = row.dtype.type(1)
    inverse = one / length if length > 0 else row.dtype.type(0)
    for k in range(row.size):
        row[k] = length * exp(sharpness * (row[k] * inverse - one))


@parallel_kernel
def sphere(codes, lengths, sharpness):
    """Evaluate the kernel of a convolutional kernel network (Mairal 2016, equation 2), in place.

    codes [N, K]: products of patches with unit anchors; lengths [N] of the patches.
    """
    for n in prange(codes.shape[0]):
        _sphere(codes[n], lengths[n], sharpness)


@kernel
def _weigh(weights, rows, out):
    """Write weights [h, H] times rows [H, K] to out [h, K], where most weights may be 0."""
    for h in range(out.shape[0]):
        out[h] = 0
        for i in range(rows.shape[0]):
            if weights[h, i] != 0:
                add_scaled(rows[i], weights[h, i], out[h])


@kernel
def _average(image, down, across, out):
    H, W, K = image.shape
    between = np.empty((down.shape[0], W, K), image.dtype)
    _weigh(down, image.reshape(H, W * K), between.reshape(-1, W * K))
    for h in range(out.shape[0]):
        _weigh(across, between[h], out[h])


@parallel_kernel
def averages(images, down, across, out):
    """Write sum over i, j of down[h, i] across[w, j] images[n, i, j] to out [N, h, w, K]."""
    for n in prange(images.shape[0]):
        _average(images[n], down, across, out[n])
