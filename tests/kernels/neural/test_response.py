import numpy as np
import pytest

from rosenblatt.kernels.neural import response
from tests.gradients import assert_gradient
from tests.reference.neural import response as reference

OFFSET, ALPHA, BETA = 1.5, 0.3, 0.75


@pytest.mark.parametrize(("M", "C", "size"), [(0, 2, 3), (1, 1, 1), (4, 7, 5)])
def test_rows_equal_their_twin_and_gradients_central_differences(M, C, size):
    rng = np.random.default_rng(4)
    x, d_out = rng.standard_normal((M, C)), rng.standard_normal((M, C))
    scale, out, d_x = (np.full((M, C), np.nan) for _ in range(3))
    settings = response.Settings(size, OFFSET, ALPHA, BETA)
    response.normalise(x, settings, scale, out)
    np.testing.assert_allclose(out, reference.local_response(x, size, ALPHA, BETA, OFFSET))
    response.normalise_gradient(x, scale, d_out, settings, d_x)

    def value():
        return float((d_out * reference.local_response(x, size, ALPHA, BETA, OFFSET)).sum())

    assert_gradient(value, x, d_x)
