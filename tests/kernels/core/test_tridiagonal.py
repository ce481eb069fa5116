"""The reduction to tridiagonal form, by what it promises: A = Q T Q'."""

import numpy as np
import pytest

from rosenblatt.kernels.core.tridiagonal import reduce, turn_back
from tests.kernels.core.matrices import SIZES, symmetric


@pytest.mark.parametrize("size", SIZES)
def test_a_matrix_is_q_t_q(size):
    a = symmetric(size)
    diagonal, beside, panels = reduce(a)
    q = np.eye(size)
    turn_back(panels, q)
    t = np.diag(diagonal) + np.diag(beside, 1) + np.diag(beside, -1)
    np.testing.assert_allclose(q @ t @ q.T, a, atol=1e-13 * size)
    np.testing.assert_allclose(q.T @ q, np.eye(size), atol=1e-13)
