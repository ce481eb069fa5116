"""Eigenvectors against a twin, their properties, and LAPACK."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core.symmetric import eigenvectors
from tests.kernels.core.matrices import SIZES, symmetric, with_spectrum
from tests.reference.core import linear_algebra as reference


def check(a, values, vectors, within=1e-13):
    """Assert what makes eigenvectors: A V = V lambda, V'V = 1, and values in order."""
    scale = len(a) * max(np.abs(a).max(initial=0), 1e-300)
    assert np.abs(a @ vectors - vectors * values).max(initial=0) <= within * scale
    assert np.abs(vectors.T @ vectors - np.eye(len(a))).max(initial=0) <= within * len(a)
    assert np.all(np.diff(values) >= 0)


@pytest.mark.parametrize("size", [0, *SIZES])
def test_eigenvectors_are_what_they_should_be_and_the_values_lapacks(size):
    a = symmetric(size)
    values, vectors = eigenvectors(a)
    check(a, values, vectors)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(a), atol=1e-13 * max(size, 1))


@pytest.mark.parametrize("size", [2, 5, 9])
def test_eigenvectors_equal_jacobis(size):
    a = symmetric(size, 3)
    values, vectors = eigenvectors(a)
    wanted, directions = reference.jacobi(a)
    np.testing.assert_allclose(values, wanted, atol=1e-13)
    np.testing.assert_allclose(np.abs(np.sum(vectors * directions, 0)), 1, atol=1e-12)


@pytest.mark.parametrize(
    "a",
    [
        np.zeros((7, 7)),
        np.eye(40),
        np.ones((33, 33)),
        np.diag(np.arange(12.0)),
        with_spectrum(np.repeat([1.0, 2.0, 5.0], 12)),  # repeated eigenvalues
        with_spectrum(np.r_[np.zeros(30), 1.0]),  # of rank 1
        with_spectrum(10.0 ** -np.arange(20)),  # graded
        np.diag(np.abs(np.arange(-10.0, 11))) + np.diag(np.ones(20), 1) + np.diag(np.ones(20), -1),
        symmetric(9) * 1e200,
        symmetric(9) * 1e-200,
        np.array([[0, 1e-170], [1e-170, 1]]),
    ],
    ids=["zero", "one", "ones", "diagonal", "repeated", "rank 1", "graded", "Wilkinson's W21+",
         "huge", "tiny", "faint"],
)  # fmt: skip
def test_degenerate_matrices(a):
    values, vectors = eigenvectors(a)
    check(a, values, vectors)
    scale = max(np.abs(a).max(), 1e-300)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(a), atol=1e-13 * len(a) * scale)


@settings(max_examples=25, deadline=None)
@given(st.integers(1, 20), st.integers(0, 10**6), st.lists(st.sampled_from([-1.0, 0.0, 1.0, 3.0])))
def test_any_spectrum_is_found_again(size, seed, repeated):
    wanted = np.sort(np.r_[np.random.default_rng(seed).random(size), repeated])
    a = with_spectrum(wanted, seed)
    values, vectors = eigenvectors(a)
    check(a, values, vectors)
    np.testing.assert_allclose(values, wanted, atol=1e-12)


def test_float32_is_taken_and_answered_in_float64():
    a = symmetric(12).astype(np.float32)
    values, vectors = eigenvectors(a)
    assert values.dtype == vectors.dtype == np.float64
    check(a.astype(np.float64), values, vectors)


@pytest.mark.parametrize(
    ("a", "message"),
    [
        (np.ones((2, 3)), "square"),
        (np.ones(4), "square"),
        (np.array([[1.0, 2], [3, 1]]), "not symmetric"),
        (np.array([[1, np.nan], [np.nan, 1]]), "not finite"),
        (np.array([[np.inf]]), "not finite"),
    ],
)
def test_what_has_no_eigenvectors_is_refused(a, message):
    with pytest.raises(ValueError, match=message):
        eigenvectors(a)
