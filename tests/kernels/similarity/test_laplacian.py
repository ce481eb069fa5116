import numpy as np
import pytest

from rosenblatt.kernels.similarity.laplacian import slopes
from tests.reference.similarity import laplacian as reference


@pytest.mark.parametrize("shape", [(0, 2, 3, 1), (1, 1, 1, 1), (3, 5, 4, 2), (4, 3, 17, 3)])
def test_slopes_equal_loops(shape):
    N, M, D, T = shape
    rng = np.random.default_rng(3)
    x, z = (rng.integers(0, 4, (rows, D)).astype(np.float32) for rows in (N, M))
    gram, c = rng.random((N, M), np.float32), rng.random((T, M), np.float32) - np.float32(0.5)
    out = np.full((N, T, D), np.nan, np.float32)
    slopes(gram, x, z, c, out)
    np.testing.assert_allclose(out, reference.slopes(gram, x, z, c), atol=1e-5)
