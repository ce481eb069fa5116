import numba
import numpy as np
import pytest

from rosenblatt.kernels.convolution.depthwise_tile import ROWS, _plain, _take_plain, take, tile
from rosenblatt.kernels.core.vectors import LANES


@numba.njit
def run(x, tables, w, start, out, floor, width):
    places, taps, rows = tables
    tile(x, (places, 1), (taps, 4), (w, 8), (start, 2, 1), (out, rows, 0, 3, width), floor)


@numba.njit
def copy_lanes(source, width, target):
    take(source, 2, width, target, 1)


@pytest.mark.parametrize("width", range(1, 10))
def test_the_tile_equals_its_plain_twin(width):
    rng = np.random.default_rng(width)
    x, w, start = (rng.standard_normal(200).astype(np.float32) for _ in range(3))
    places, taps = rng.integers(0, 90, ROWS + 1), rng.integers(0, 90, 4)
    rows = rng.permutation(ROWS) * LANES
    found, expected = np.full(99, 7, np.float32), np.full(99, 7, np.float32)
    run(x, (places, taps, rows), w, start, found, np.float32(-0.5), width)
    _plain(
        x, (places, 1), (taps, 4), (w, 8), (start, 2, 1), (expected, rows, 0, 3, width),
        np.float32(-0.5),
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(found == 7, expected == 7)
    for target in (found, expected):
        target[:] = 7
    copy_lanes(x, width, found)
    _take_plain(x, 2, width, expected, 1)
    np.testing.assert_array_equal(found, expected)
