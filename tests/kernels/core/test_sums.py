from fractions import Fraction

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core import sums
from rosenblatt.kernels.core.chunks import CHUNK


@given(st.integers(0, 3000), st.integers(1, 40), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_column_sums_of_whole_numbers_are_exact(M, K, seed):
    x = np.random.default_rng(seed).integers(-99, 100, (M, K)).astype(np.float32)
    out = np.full(K, np.nan, np.float32)
    sums.column_sums(x, out)
    np.testing.assert_array_equal(out, x.sum(0))


def test_column_sums_are_accurate_over_many_rows():
    """A tree of blocks errs by less than one long sum would."""
    x = np.full((40 * CHUNK, 1), np.float32(0.1))
    out = np.empty(1, np.float32)
    sums.column_sums(x, out)
    exact = len(x) * Fraction(float(np.float32(0.1)))
    assert abs(Fraction(float(out[0])) / exact - 1) < 1e-4
    assert abs(float(x.cumsum()[-1]) / float(exact) - 1) > 1e-4


@given(st.integers(0, 100), st.integers(0, 99))
@settings(max_examples=20, deadline=None)
def test_totals_equal_exact_sums(size, seed):
    x = np.random.default_rng(seed).random(size).astype(np.float32)
    exact = [Fraction(float(value)) for value in x]
    assert abs(Fraction(sums.total(x)) - sum(exact)) <= 1e-12
    assert abs(Fraction(sums.sum_of_squares(x)) - sum(v * v for v in exact)) <= 1e-12


def test_arrays_of_several_chunks_are_added():
    first, second = np.random.default_rng(0).standard_normal((2, 2 * CHUNK + 5))
    out = np.empty_like(first)
    sums.add(first, second, out)
    np.testing.assert_array_equal(out, first + second)
    sums.add(first, second, first)
    np.testing.assert_array_equal(first, out)
