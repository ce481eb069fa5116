"""The planes against B^T d B and A^T m A of each tile by itself, written out in float64."""

import numpy as np
import pytest

from rosenblatt.kernels.convolution import winograd_tiles as tiles
from rosenblatt.kernels.convolution.cook_toom import INPUT, OUTPUT, TILE

CHANNELS = [8, 24]  # one vector of 8, and one of 16 beside it where registers hold that


def matrix(factors):
    return np.linalg.multi_dot([*map(np.array, factors), np.eye(len(factors[-1][0]))])


def planes_of(flat, count, C):
    """Return [36, count, C] of flat planes, without what lies between them."""
    return flat.reshape(36, count * C + tiles.SPREAD)[:, : count * C].reshape(36, count, C)


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("C", CHANNELS)
def test_tiles_of_an_image_are_transformed(C, size):
    step, rng = TILE + 1 - size, np.random.default_rng(1)
    image = rng.standard_normal((1, 2 * step, step, C)).astype(np.float32)
    padding, count = size // 2, 2
    planes = np.full(36 * (count * C + tiles.SPREAD), np.nan, np.float32)
    scratch = np.empty((2 * step + size) * (step + size) * C, np.float32)
    tiles.load_tiles(
        image, image[:0], tiles.Region(0, 1, 0, 2, 1), tiles.Patch(size, padding, size - 1),
        tiles.Target(0, count, C), scratch, planes,
    )  # fmt: skip
    border = ((padding, size), (padding, size), (0, 0))
    seen, B = np.pad(image[0].astype(np.float64), border), matrix(INPUT)
    for t in range(count):
        patch = seen[t * step : t * step + TILE, :TILE]
        expected = np.einsum("ik,klc,jl->ijc", B, patch, B).reshape(36, C)
        np.testing.assert_allclose(planes_of(planes, count, C)[:, t], expected, atol=2e-5)


@pytest.mark.parametrize("size", [3, 5])
@pytest.mark.parametrize("F", CHANNELS)
def test_planes_become_outputs_and_the_last_tile_is_cut_off(F, size):
    step, rng = TILE + 1 - size, np.random.default_rng(2)
    flat = rng.standard_normal(36 * (2 * F + tiles.SPREAD)).astype(np.float32)
    bias, out = rng.standard_normal(F).astype(np.float32), np.empty((1, step, 2 * step - 1, F))
    out = out.astype(np.float32)
    tiles.store_tiles(flat, bias, tiles.Region(0, 1, 0, 1, 2), size, np.float32(0), out)
    A, planes = matrix(OUTPUT[size]), planes_of(flat.astype(np.float64), 2, F)
    each = [np.einsum("ik,klc,jl->ijc", A, planes[:, t].reshape(TILE, TILE, F), A) for t in (0, 1)]
    expected = np.maximum(0, np.concatenate(each, axis=1) + bias)[:, : 2 * step - 1]
    np.testing.assert_allclose(out[0], expected, rtol=1e-4, atol=1e-4)
