"""The rectifier with learned slopes beside NumPy."""

import numpy as np
import pytest

from rosenblatt.kernels.neural.prelu import prelu, prelu_gradients


@pytest.mark.parametrize("shape", [(0, 2), (1, 1), (3, 5), (4000, 9)])
def test_values_and_gradients(shape):
    rng = np.random.default_rng(shape[0])
    x, d = rng.normal(size=shape), rng.normal(size=shape)
    slope, out, d_x, d_slope = rng.normal(size=shape[1]), *np.empty((2, *shape)), np.empty(shape[1])
    prelu(x, slope, out)
    np.testing.assert_array_equal(out, np.where(x > 0, x, slope * x))
    prelu_gradients(x, d, slope, d_x, d_slope)
    np.testing.assert_array_equal(d_x, np.where(x > 0, d, slope * d))
    np.testing.assert_allclose(d_slope, (d * np.minimum(x, 0)).sum(0), rtol=1e-12, atol=1e-12)
