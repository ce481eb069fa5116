import math

import numpy as np
import pytest

from rosenblatt.kernels.similarity import gram

SHAPES = [(1, 1, 1), (0, 3, 2), (5, 9, 17)]


def rows(N, M, D):
    """Return x, y, a block of products and the rows' squared lengths, all float32."""
    rng = np.random.default_rng(8)
    x, y = (rng.standard_normal((n, D)).astype(np.float32) for n in (N, M))
    norms = [np.empty(len(a), np.float32) for a in (x, y)]
    for a, out in zip((x, y), norms, strict=True):
        gram.square_norms(a, out)
        expected = [math.fsum(float(v) ** 2 for v in row) for row in a]
        np.testing.assert_allclose(out, expected, rtol=1e-6)
    return x, y, (x @ y.T).astype(np.float32), norms


def pairs(x, y, function):
    values = [[function(a.astype(np.float64), b.astype(np.float64)) for b in y] for a in x]
    return np.reshape(values, (len(x), len(y)))


@pytest.mark.parametrize("shape", SHAPES)
def test_each_kernel_equals_its_formula(shape):
    x, y, block, norms = rows(*shape)
    found = block.copy()
    gram.gaussian(found, x, y, *norms, np.float32(0.1))
    expected = pairs(x, y, lambda a, b: math.exp(-0.1 * math.fsum((a - b) ** 2)))
    np.testing.assert_allclose(found, expected, atol=1e-5)

    found = block.copy()
    gram.polynomial(found, np.float32(0.5), np.float32(1), 3)
    expected = pairs(x, y, lambda a, b: (0.5 * (a @ b) + 1) ** 3)
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)

    found = np.abs(block)
    gram.exponential(found, np.float32(0.25))
    np.testing.assert_allclose(found, np.exp(-0.25 * np.abs(block)), rtol=1e-6)


@pytest.mark.parametrize("order", [0, 1, 2])
def test_arc_cosine_equals_its_integral(order):
    """Cho & Saul 2009, equation 1: 2 E[step(w x) step(w y) (w x)^n (w y)^n], w normal."""
    x, y = np.float32([[1, 0], [2, 1]]), np.float32([[1, 0], [-1, 1], [0, 3]])
    norms = [(a.astype(np.float64) ** 2).sum(1) for a in (x, y)]
    block = (x @ y.T).astype(np.float32)
    gram.arc_cosine(block, x, y, *norms, order)
    turns = (np.arange(200_000) + 0.5) / 200_000 * 2 * np.pi
    w = np.stack([np.cos(turns), np.sin(turns)])
    radial = [1, 2, 8][order]  # E[r^2n] of a normal point's distance r from 0 in a plane
    one, other = x @ w, y @ w
    for n, m in np.ndindex(block.shape):
        both = (one[n] > 0) & (other[m] > 0)
        integral = 2 * radial * np.mean(both * (one[n] * other[m]) ** order)
        np.testing.assert_allclose(block[n, m], integral, atol=2e-4)


@pytest.mark.parametrize(("N", "first"), [(1, 0), (7, 0), (7, 4), (40, 16), (45, 30)])
def test_blocks_fill_a_symmetric_matrix(N, first):
    whole = np.add.outer(np.arange(N), np.arange(N)).astype(np.float32)
    found = np.full((N, N), np.nan, np.float32)
    gram.place_block(whole[first:].copy(), first, found)
    for n, m in np.ndindex(N, N):
        if max(n, m) >= first:
            assert found[n, m] == whole[n, m]
        else:
            assert np.isnan(found[n, m])
