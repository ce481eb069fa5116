import math

import numpy as np
import pytest

from rosenblatt.kernels.vision.pixel_pairs import affinities, messages


@pytest.mark.parametrize(("shape", "reach"), [((1, 1, 1), 1), ((4, 5, 3), 2), ((2, 3, 1), 4)])
def test_pairs_equal_loops_over_all_pixels(shape, reach):
    rng = np.random.default_rng(11)
    image = rng.random(shape).astype(np.float32)
    H, W, _ = shape
    S, K = 2 * reach + 1, 3
    q = rng.random((H * W, K)).astype(np.float32)
    table, out = (np.full(s, np.nan, np.float32) for s in ((H * W, S, S), (H * W, K)))
    affinities(image, np.float32(0.1), np.float32(2), table)
    messages(table, q, H, W, out)
    expected, told = np.zeros_like(table), np.zeros((H * W, K))
    for i, j in np.ndindex(H * W, H * W):
        (y, x), (v, u) = divmod(i, W), divmod(j, W)
        if i != j and max(abs(y - v), abs(x - u)) <= reach:
            colour = sum(float(a - b) ** 2 for a, b in zip(image[y, x], image[v, u], strict=True))
            share = math.exp(-0.1 * ((y - v) ** 2 + (x - u) ** 2) - 2 * colour)
            expected[i, v - y + reach, u - x + reach] = share
            told[i] += share * q[j]
    np.testing.assert_allclose(table, expected, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(out, told, rtol=1e-5, atol=1e-6)
