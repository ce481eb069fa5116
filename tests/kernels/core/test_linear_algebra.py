"""Our own Cholesky, eigenvectors and orthonormal rows against twins, properties and LAPACK."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.core.cholesky import factor, solve_lower, solve_upper
from rosenblatt.kernels.core.jit import JIT_DISABLED
from rosenblatt.kernels.core.orthonormal import orthonormalise
from rosenblatt.kernels.core.symmetric import eigenvectors
from rosenblatt.kernels.core.tridiagonal import reduce, turn_back
from tests.reference import linear_algebra as reference

SIZES = [1, 2, 3, 31, 32, 33, 34, 65] if JIT_DISABLED else [1, 2, 3, 31, 32, 33, 34, 65, 200]


def symmetric(size, seed=0):
    a = np.random.default_rng(seed).random((size, size)) - 0.5
    return a + a.T


def with_spectrum(values, seed=0):
    """Return a symmetric matrix of these eigenvalues, in random directions."""
    rng = np.random.default_rng(seed)
    basis = np.linalg.qr(rng.random((len(values), len(values))) - 0.5)[0]
    a = (basis * values) @ basis.T
    return (a + a.T) / 2


def check(a, values, vectors, within=1e-13):
    """Assert what makes eigenvectors: A V = V lambda, V'V = 1, and values in order."""
    scale = len(a) * max(np.abs(a).max(initial=0), 1e-300)
    assert np.abs(a @ vectors - vectors * values).max(initial=0) <= within * scale
    assert np.abs(vectors.T @ vectors - np.eye(len(a))).max(initial=0) <= within * len(a)
    assert np.all(np.diff(values) >= 0)


@pytest.mark.parametrize("size", SIZES)
def test_a_matrix_is_q_t_q(size):
    a = symmetric(size)
    diagonal, beside, panels = reduce(a)
    q = np.eye(size)
    turn_back(panels, q)
    t = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    np.testing.assert_allclose(q @ t @ q.T, a, atol=1e-13 * size)
    np.testing.assert_allclose(q.T @ q, np.eye(size), atol=1e-13)


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


@pytest.mark.parametrize(("count", "size"), [(1, 1), (3, 9), (16, 40), (17, 40), (40, 40)])
def test_rows_become_orthonormal_and_keep_their_span(count, size):
    given_rows = np.random.default_rng(0).random((count, size))
    rows = given_rows.copy()
    orthonormalise(rows)
    np.testing.assert_allclose(rows @ rows.T, np.eye(count), atol=1e-14)
    np.testing.assert_allclose(given_rows @ rows.T @ rows, given_rows, atol=1e-12)
    np.testing.assert_allclose(rows, reference.gram_schmidt(given_rows), atol=1e-9)


def test_rows_that_are_spanned_give_way_to_new_directions():
    rng = np.random.default_rng(0)
    rows = rng.random((30, 4)) @ rng.random((4, 50))
    rows[7] = 0
    rows[20] = rows[3] + 1e-13
    again = rows.copy()
    for one in (rows, again):
        orthonormalise(one)
    np.testing.assert_allclose(rows @ rows.T, np.eye(30), atol=1e-14)
    np.testing.assert_array_equal(rows, again)


def test_nearly_parallel_rows_lose_no_orthogonality():
    rows = np.vander(np.linspace(0, 1, 60), 12, increasing=True).T.copy()  # condition 1e8
    orthonormalise(rows)
    np.testing.assert_allclose(rows @ rows.T, np.eye(12), atol=1e-14)
