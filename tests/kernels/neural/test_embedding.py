import numpy as np
import pytest

from rosenblatt.kernels.neural.embedding import scatter_rows


@pytest.mark.parametrize(("M", "D", "V"), [(0, 3, 2), (1, 1, 1), (23, 17, 5)])
def test_rows_are_added_where_their_number_points(M, D, V):
    rng = np.random.default_rng(1)
    numbers, d_rows = rng.integers(0, V, M), rng.integers(-9, 9, (M, D)).astype(np.float32)
    out = np.full((V, D), np.nan, np.float32)
    scatter_rows(numbers, d_rows, out)
    expected = np.zeros((V, D))
    for number, row in zip(numbers, d_rows, strict=True):
        expected[number] += row
    np.testing.assert_array_equal(out, expected)
