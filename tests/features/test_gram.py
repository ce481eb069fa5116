"""Gram matrices against their definitions, and against what every kernel must be."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.features.gram import Gaussian, Linear, Polynomial, spread

KERNELS = {
    "linear": (Linear(), lambda x, y: x @ y),
    "polynomial": (Polynomial(3, 0.5, 2.0), lambda x, y: (0.5 * (x @ y) + 2) ** 3),
    "gaussian": (Gaussian(0.3), lambda x, y: np.exp(-0.3 * np.sum((x - y) ** 2))),
}


def rows(count, columns, seed=0):
    return np.random.default_rng(seed).random((count, columns), dtype=np.float32) - np.float32(0.5)


@pytest.mark.parametrize("name", KERNELS)
def test_equals_the_definition(name):
    kernel, definition = KERNELS[name]
    x, y = rows(7, 19), rows(5, 19, 1)
    wanted = [[definition(*pair) for pair in zip([a] * 5, y, strict=True)] for a in x.astype("f8")]
    found = kernel(x, y)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", KERNELS)
def test_with_itself_is_symmetric_and_has_no_negative_eigenvalue(name):
    kernel, _ = KERNELS[name]
    x = rows(300, 4)  # more than a block
    gram = kernel(x)
    np.testing.assert_array_equal(gram, gram.T)
    np.testing.assert_allclose(gram, kernel(x, x), rtol=1e-5, atol=1e-6)
    values = np.linalg.eigvalsh(gram.astype(np.float64))
    assert values.min() > -1e-5 * values.max()


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 40), st.integers(1, 40), st.floats(0.01, 100), st.floats(-1e3, 1e3))
def test_gaussian_lies_between_0_and_1(count, columns, gamma, shift):
    x = rows(count, columns) + np.float32(shift)
    gram = Gaussian(gamma)(x)
    assert gram.min() >= 0
    assert gram.max() <= 1
    np.testing.assert_array_equal(np.diagonal(gram), 1)


def test_spread_is_columns_times_variance():
    x = rows(50, 7)
    np.testing.assert_allclose(spread(x), 7 * x.astype("f8").var(), rtol=1e-6)
    assert spread(np.ones((3, 2))) == 1


@pytest.mark.parametrize(
    "make", [lambda: Gaussian(0), lambda: Polynomial(0), lambda: Polynomial(2, 1, -1)]
)
def test_what_is_no_kernel_is_refused(make):
    with pytest.raises(ValueError, match="is no kernel"):
        make()
