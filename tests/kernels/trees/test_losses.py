"""Losses: derivatives against differences of the loss, leaf values against their formula."""

import numpy as np
import pytest

from rosenblatt.kernels.trees.losses import (
    LOGISTIC,
    SOFTMAX,
    SQUARED,
    add_leaves,
    derivatives,
    mean_loss,
    pack,
)

R = np.random.default_rng(0)
STEP = 1e-3


@pytest.mark.parametrize(("kind", "K"), [(SQUARED, 2), (LOGISTIC, 1), (SOFTMAX, 3)])
def test_derivatives_are_those_of_the_loss(kind, K):
    scores, weights = R.normal(size=(K, 6)), R.random(6) + 0.5
    targets = R.normal(size=(K, 6)) if kind == SQUARED else R.integers(0, max(K, 2), (1, 6)) * 1.0
    g, h = np.empty((2, K, 6), np.float32)
    derivatives(kind, scores, targets, weights, g, h, np.empty((1, K, 2), np.float32))
    factor = K / (K - 1) if kind == SOFTMAX else 1.0

    def loss(k, i, by):
        moved = scores.copy()
        moved[k, i] += by
        return mean_loss(kind, moved, targets, weights) * weights.sum()

    for k in range(K):
        for i in range(6):
            up, here, down = (loss(k, i, by) for by in (STEP, 0.0, -STEP))
            assert g[k, i] == pytest.approx((up - down) / (2 * STEP), abs=1e-5)
            assert h[k, i] == pytest.approx(factor * (up - 2 * here + down) / STEP**2, abs=1e-3)


def test_packed_sums_come_apart():
    g, h = R.normal(size=50).astype(np.float32), R.random(50).astype(np.float32)
    out = np.empty(50, np.int64)
    pack(g, h, 30, (1e4, 1e5), out)
    assert out.sum() >> 30 == np.floor(g.astype(float) * 1e4 + 0.5).sum()
    assert out.sum() & (2**30 - 1) == np.floor(h.astype(float) * 1e5 + 0.5).sum()


def test_leaves_are_set_by_their_formula_in_any_order():
    g, h = R.normal(size=40).astype(np.float32), R.random(40).astype(np.float32)
    largest, bounds = np.array([abs(g).max(), h.max()], float), np.array([[0, 15], [15, 40]])
    results = []
    for _ in range(2):
        rows = np.concatenate([R.permutation(15), 15 + R.permutation(25)]).astype(np.int32)
        values, scores = np.zeros(2), np.zeros(40)
        add_leaves(rows, bounds, (g, h), largest, (0.1, 2.0), values, scores)
        results.append(values)
        np.testing.assert_array_equal(scores, np.repeat(values, [15, 25]))
    np.testing.assert_array_equal(*results)
    wanted = [-0.1 * g[:15].sum() / (h[:15].sum() + 2), -0.1 * g[15:].sum() / (h[15:].sum() + 2)]
    np.testing.assert_allclose(values, wanted, rtol=1e-5)
