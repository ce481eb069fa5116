import numpy as np
import pytest

from rosenblatt.kernels.neural.region_pooling import pool_regions, pool_regions_gradient
from tests.reference.neural import region_pooling as reference


@pytest.mark.parametrize("shape", [(1, 1, 1, 1), (2, 7, 5, 3)])
@pytest.mark.parametrize("R", [0, 4])
def test_regions_are_pooled_as_by_their_twin(shape, R):
    rng = np.random.default_rng(3)
    N, H, W, C = shape
    x, levels = rng.random(shape, dtype=np.float32), np.array([1, 3])
    regions = np.sort(rng.uniform(-0.2, 1.2, (N, R, 2, 2)), 2).reshape(N, R, 4)
    out, places = np.full((N, R, 10, C), np.nan, np.float32), np.full((N, R, 10, C), -1, np.int32)
    pool_regions(x, regions, levels, out, places)
    flat = x.reshape(N, H * W, C)
    d_out, expected = rng.integers(-9, 9, out.shape).astype(np.float32), np.zeros(flat.shape)
    for n, r in np.ndindex(N, R):
        np.testing.assert_array_equal(out[n, r], reference.pool_region(x[n], regions[n, r], levels))
        for cell, c in np.ndindex(10, C):
            place = places[n, r, cell, c]
            assert flat[n, place, c] == out[n, r, cell, c]
            expected[n, place, c] += d_out[n, r, cell, c]
    d_x = np.full(flat.shape, np.nan, np.float32)
    pool_regions_gradient(d_out.reshape(N, -1, C), places.reshape(N, -1, C), d_x)
    np.testing.assert_array_equal(d_x, expected)
