"""Slow twins of the augmentation: matrices, a bilinear look-up and a smoothed field, one by one."""

import numpy as np


def forward_matrix(angle, shear, scales):
    """Return the 2 x 2 matrix, on (row, column), of scales, then shear, then rotation."""
    scale = np.diag(scales)
    lean = np.array([[1.0, 0.0], [shear, 1.0]])
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    return turn @ lean @ scale


def bilinear(image, y, x, border):
    """Return the image's [C] values at the point (y, x); pixels outside have the border's value."""
    top, left = int(np.floor(y)), int(np.floor(x))
    total = np.zeros(image.shape[2])
    for i in (top, top + 1):
        for j in (left, left + 1):
            inside = 0 <= i < image.shape[0] and 0 <= j < image.shape[1]
            pixel = image[i, j] if inside else border
            total += (1 - abs(y - i)) * (1 - abs(x - j)) * pixel
    return total


def smoothed(noise, bell):
    """Return noise [H, W] convolved with the outer product of a bell, zero outside."""
    H, W = noise.shape
    reach = len(bell) // 2
    out = np.zeros((H, W))
    for i in range(H):
        for j in range(W):
            for k in range(-reach, reach + 1):
                for m in range(-reach, reach + 1):
                    if 0 <= i + k < H and 0 <= j + m < W:
                        out[i, j] += bell[k + reach] * bell[m + reach] * noise[i + k, j + m]
    return out
