import numpy as np
import pytest

from rosenblatt.kernels.core.gemm import gemm
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.skinny_gemm import FEW
from tests.reference.core import gemm as reference

SHAPES = [(5, 3), (17, 40), (16, 1), (2100, 30), (33, 1030), (4100, 517)]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("transposed", [False, True])
@pytest.mark.parametrize(("N", "K"), SHAPES)
@pytest.mark.skipif(JIT_DISABLED, reason="plain Python sums in NumPy's order")
def test_a_row_has_the_same_bits_whether_few_or_many_are_multiplied(N, K, transposed, dtype):
    rng = np.random.default_rng(N + K)
    a, b = rng.standard_normal((40, K)).astype(dtype), rng.standard_normal((K, N)).astype(dtype)
    bias, begin = (rng.standard_normal(shape).astype(dtype) for shape in (N, (40, N)))

    def product(rows, **start):
        left = np.ascontiguousarray(a[:rows].T if transposed else a[:rows])
        out = begin[:rows].copy()
        return gemm(left, b, out, transpose=(transposed, False), floor=0.0, **start)

    for start in ({}, {"bias": bias}, {"accumulate": True}):
        many = product(40, **start)
        for rows in (1, 2, 5, FEW):
            assert product(rows, **start).tobytes() == many[:rows].tobytes(), (rows, start)


@pytest.mark.parametrize("M", [0, 1, FEW])
@pytest.mark.parametrize(("N", "K"), [(1, 0), (1, 1), (19, 13), (40, 700)])
def test_a_few_rows_equal_the_sum_of_outer_products(M, N, K):
    rng = np.random.default_rng(M + N + K)
    a, b = rng.integers(-9, 9, (M, K)).astype(np.float32), rng.integers(-9, 9, (K, N))
    out = np.full((M, N), np.nan, np.float32)
    gemm(a, b.astype(np.float32), out, floor=-20.0)
    np.testing.assert_array_equal(out, np.maximum(reference.product(a, b)[0], -20))
