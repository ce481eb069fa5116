import numpy as np
import pytest

from rosenblatt.kernels.neural import periodic
from tests.reference.neural import periodic as reference


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("N", "D", "K"), [(0, 3, 2), (1, 1, 1), (5, 3, 4)])
def test_waves_and_gradients_equal_loops(N, D, K, dtype):
    rng = np.random.default_rng(2)
    x, c = rng.standard_normal((N, D)).astype(dtype), rng.standard_normal((D, K)).astype(dtype)
    d_waves = rng.standard_normal((N, D, 2 * K)).astype(dtype)
    waves = np.full((N, D, 2 * K), np.nan, dtype)
    periodic.waves(x, c, waves)
    near = {"atol": 1e-12 if dtype == np.float64 else 2e-5}
    np.testing.assert_allclose(waves, reference.waves(x, c), **near)
    d_x, d_c = np.full_like(x, np.nan), np.full_like(c, np.nan)
    periodic.input_gradient(c, waves, d_waves, d_x)
    periodic.frequency_gradient(x, waves, d_waves, d_c)
    for found, wanted in zip((d_x, d_c), reference.gradients(x, c, d_waves), strict=True):
        np.testing.assert_allclose(found, wanted, **near)
