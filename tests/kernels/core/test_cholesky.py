"""Cholesky's factor against a twin, and solving with it."""

import numpy as np
import pytest

from rosenblatt.kernels.core.cholesky import factor, solve_lower, solve_upper
from rosenblatt.kernels.core.jit import JIT_DISABLED
from tests.kernels.core.matrices import with_spectrum
from tests.reference.core import linear_algebra as reference


@pytest.mark.parametrize("size", [0, 1, 5, 127, 128, 129, 260])
def test_cholesky_and_solving(size):
    if JIT_DISABLED and size > 5:
        pytest.skip("takes minutes without the compiler")
    a = with_spectrum(np.linspace(0.5, 3, size)) if size else np.zeros((0, 0))
    lower = factor(a)
    np.testing.assert_allclose(lower @ lower.T, a, atol=1e-13)
    np.testing.assert_array_equal(np.triu(lower, 1), 0)
    if size < 130:
        np.testing.assert_allclose(lower, reference.cholesky(a), atol=1e-13)
    right = np.random.default_rng(1).random((size, 70))
    np.testing.assert_allclose(lower @ solve_lower(lower, right), right, atol=1e-12)
    np.testing.assert_allclose(lower.T @ solve_upper(lower, right), right, atol=1e-12)


@pytest.mark.parametrize("values", [[1.0, -1e-9], [0.0], [np.nan], [1.0] * 4 + [-1.0]])
def test_a_matrix_that_is_not_positive_definite_has_no_factor(values):
    assert factor(np.diag(values)) is None
