import numpy as np
import pytest

from rosenblatt.kernels.similarity import distances

TWINS = {
    distances.ABSOLUTE: lambda a, b: abs(a - b),
    distances.CHI_SQUARE: lambda a, b: (a - b) ** 2 / (a + b) if a + b else 0.0,
    distances.MINIMUM: min,
}


@pytest.mark.parametrize("kind", TWINS)
@pytest.mark.parametrize(("N", "M", "D"), [(0, 2, 3), (1, 1, 1), (2, 515, 7), (3, 2, 0)])
def test_sums_equal_loops(kind, N, M, D):
    rng = np.random.default_rng(6)
    x, y = (rng.integers(0, 4, (n, D)).astype(np.float32) for n in (N, M))
    out = np.full((N, M), np.nan, np.float32)
    distances.sums(x, np.ascontiguousarray(y.T), kind, out)
    expected = [
        [sum(TWINS[kind](a, b) for a, b in zip(row, other, strict=True)) for other in y.tolist()]
        for row in x.tolist()
    ]
    np.testing.assert_allclose(out, np.reshape(expected, (N, M)), rtol=1e-6)
