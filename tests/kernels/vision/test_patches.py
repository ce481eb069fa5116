import math

import numpy as np
import pytest

from rosenblatt.kernels.vision import patches
from tests.reference.vision import patches as reference


@pytest.mark.parametrize(
    ("shape", "side"), [((0, 3, 3, 1), 2), ((1, 1, 1, 1), 1), ((2, 5, 4, 3), 3)]
)
def test_patches_are_cut_in_reading_order(shape, side):
    images = np.arange(np.prod(shape), dtype=np.float32).reshape(shape)
    N, H, W, C = shape
    expected = [
        [image[i : i + side, j : j + side].ravel()
         for i in range(H - side + 1) for j in range(W - side + 1)]
        for image in images
    ]  # fmt: skip
    out = np.full((N, (H - side + 1) * (W - side + 1), side * side * C), np.nan, np.float32)
    patches.cut_patches(images, side, out)
    np.testing.assert_array_equal(out, np.reshape(expected, out.shape))


@pytest.mark.parametrize(("N", "K", "D"), [(1, 1, 1), (7, 5, 9)])
def test_triangle_codes_equal_their_formula(N, K, D):
    rng = np.random.default_rng(8)
    x, centres = (rng.random((n, D)).astype(np.float32) for n in (N, K))
    x[0] = centres[0]  # of a distance that products do not give
    squares = [(a**2).sum(1) for a in (x, centres)]
    codes = (x @ centres.T).astype(np.float32)
    patches.triangle(codes, x, centres, *squares)
    for row, found in zip(x.astype(np.float64), codes, strict=True):
        distances = [math.sqrt(math.fsum((row - c) ** 2)) for c in centres.astype(np.float64)]
        mean = sum(distances) / K
        np.testing.assert_allclose(found, [max(0, mean - d) for d in distances], atol=2e-6)


def test_codes_are_pooled_by_cells_and_spheres_evaluated():
    rng = np.random.default_rng(9)
    codes, cells = rng.random((3, 5, 4)).astype(np.float32), np.array([1, 0, 1, 1, 3])
    out = np.full((3, 4, 4), np.nan, np.float32)
    patches.pool(codes, cells, out)
    for g in range(4):
        np.testing.assert_allclose(out[:, g], codes[:, cells == g].sum(1), rtol=1e-6)
    lengths = np.array([0, 0.5, 2], np.float32)
    found, expected = codes[:, 0].copy(), np.zeros((3, 4))
    patches.sphere(found, lengths, np.float32(1.5))
    for n, k in np.ndindex(3, 4):
        cosine = codes[n, 0, k] / lengths[n] if lengths[n] else 0
        expected[n, k] = lengths[n] * math.exp(1.5 * (cosine - 1))
    np.testing.assert_allclose(found, expected, rtol=1e-5)


@pytest.mark.parametrize("shape", [(0, 2, 2, 1), (1, 1, 1, 1), (2, 5, 4, 3)])
def test_averages_equal_their_twin(shape):
    rng = np.random.default_rng(10)
    images = rng.random(shape).astype(np.float32)
    down, across = rng.random((2, shape[1])), rng.random((3, shape[2]))
    down[0, :] = 0
    out = np.full((shape[0], 2, 3, shape[3]), np.nan, np.float32)
    patches.averages(images, down.astype(np.float32), across.astype(np.float32), out)
    np.testing.assert_allclose(out, reference.averages(images, down, across), rtol=1e-5)
