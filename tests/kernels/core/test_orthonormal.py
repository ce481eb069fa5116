"""Orthonormal rows against a twin and by their properties."""

import numpy as np
import pytest

from rosenblatt.kernels.core.orthonormal import orthonormalise
from tests.reference.core import linear_algebra as reference


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
