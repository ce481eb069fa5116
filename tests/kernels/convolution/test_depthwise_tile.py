import numba
import numpy as np
import pytest

from rosenblatt.kernels.convolution.depthwise_tile import ROWS, _plain, tile, wide_tile
from rosenblatt.kernels.core.tile import WIDE
from rosenblatt.kernels.core.vectors import LANES


@numba.njit
def run(x, tables, w, start, out, floor, width):
    places, taps, rows = tables
    args = (x, 2), (places, 1), (taps, 4), (w, 8, 9), (start, 2, 1), (out, rows, 0, 3, width)
    tile(*args, floor)


@numba.njit
def run_wide(x, tables, w, start, out, floor, width):
    places, taps, rows = tables
    args = (x, 2), (places, 1), (taps, 4), (w, 8, 9), (start, 2, 1), (out, rows, 0, 3, width)
    wide_tile(*args, floor)


@pytest.mark.parametrize(
    ("compiled", "lanes", "width"),
    [*((run, LANES, width) for width in range(1, 10)), (run_wide, WIDE, WIDE)],
)
def test_the_tile_equals_its_plain_twin(compiled, lanes, width):
    rng = np.random.default_rng(width)
    x, w, start = (rng.standard_normal(200).astype(np.float32) for _ in range(3))
    places, taps = rng.integers(0, 90, ROWS + 1), rng.integers(0, 90, 4)
    rows = rng.permutation(ROWS) * lanes
    found, expected = np.full(199, 7, np.float32), np.full(199, 7, np.float32)
    compiled(x, (places, taps, rows), w, start, found, np.float32(-0.5), width)
    _plain(lanes)(
        (x, 2), (places, 1), (taps, 4), (w, 8, 9), (start, 2, 1), (expected, rows, 0, 3, width),
        np.float32(-0.5),
    )  # fmt: skip
    np.testing.assert_allclose(found, expected, atol=1e-5)
    np.testing.assert_array_equal(found == 7, expected == 7)
