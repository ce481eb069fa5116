from fractions import Fraction

import numpy as np
import pytest

from rosenblatt.kernels.core.dot import add_scaled, dot, dot_unwidened, squared_distance

sizes = pytest.mark.parametrize("size", [0, 1, 7, 8, 9, 17])


def vectors(size):
    rng = np.random.default_rng(size)
    return rng.standard_normal(size).astype(np.float32), rng.standard_normal(size)


@sizes
def test_products_and_distances_equal_exact_sums(size):
    x, w = vectors(size)
    pairs = [(Fraction(float(a)), Fraction(float(b))) for a, b in zip(x, w, strict=True)]
    for found, terms in (
        (dot(x, w), [a * b for a, b in pairs]),
        (squared_distance(x, w), [(a - b) ** 2 for a, b in pairs]),
    ):
        assert abs(Fraction(found) - sum(terms)) <= size * Fraction(2) ** -52 * sum(map(abs, terms))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 40])
def test_a_product_in_its_own_dtype_is_sixteen_sums_and_then_one(dtype, size):
    a, b = (v.astype(dtype) for v in vectors(size))
    lanes = np.zeros(16, dtype)
    for k in range(size // 16 * 16):
        lanes[k % 16] += a[k] * b[k]
    expected = dtype(0)
    for term in [*lanes, *(a * b)[size // 16 * 16 :]]:
        expected += term
    found = dot_unwidened(a, b)
    assert found == expected


@sizes
def test_a_scaled_vector_is_added(size):
    x, w = vectors(size)
    before = w.copy()
    add_scaled(x, -0.75, w)
    expected = [b - 0.75 * float(a) for a, b in zip(x, before, strict=True)]
    np.testing.assert_array_equal(w, expected)
