"""Mixed batches: the share's distribution, what is mixed, and the gradient of the mixed loss."""

from functools import partial

import numpy as np
import pytest

from rosenblatt.layers import Dense
from rosenblatt.layers.gradients import numeric_gradient
from rosenblatt.train import Mixup, Network, Plan, cross_entropy
from rosenblatt.train.batches import Batch
from rosenblatt.train.mixup import beta, mixed_loss


@pytest.mark.parametrize("alpha", [0.2, 1.0, 3.0])
def test_shares_have_the_moments_of_beta(alpha):
    rng = np.random.default_rng(0)
    draws = np.array([beta(alpha, rng) for _ in range(4000)])
    variance = 1 / (4 * (2 * alpha + 1))
    assert abs(draws.mean() - 0.5) < 4 * (variance / 4000) ** 0.5
    assert draws.var() == pytest.approx(variance, rel=0.08)


def test_inputs_and_targets_are_mixed_alike():
    x = np.eye(12, dtype=np.float32)
    batch = Mixup(1.0)(Batch((x.copy(),), np.arange(12)), seed=3, step=7)
    expected = np.zeros((12, 12))
    for row, (one, other) in enumerate(zip(batch.targets, batch.others, strict=True)):
        expected[row, one] += batch.share
        expected[row, other] += 1 - batch.share
    np.testing.assert_allclose(batch.inputs[0], expected, rtol=1e-6)
    assert sorted(batch.others) == list(range(12))
    again = Mixup(1.0)(Batch((x.copy(),), np.arange(12)), seed=3, step=7)
    later = Mixup(1.0)(Batch((x.copy(),), np.arange(12)), seed=3, step=8)
    assert np.array_equal(batch.inputs[0], again.inputs[0])
    assert batch.share == again.share != later.share


def test_the_gradient_of_the_mixed_loss():
    rng = np.random.default_rng(1)
    logits = rng.random((5, 4)) * 3
    batch = Batch((logits,), np.array([0, 1, 2, 3, 0]), np.array([1, 1, 0, 0, 3]), 0.3)
    loss = partial(cross_entropy, label_smoothing=0.1)
    _, gradient = mixed_loss(loss, logits, batch)
    numeric = numeric_gradient(lambda: mixed_loss(loss, logits, batch)[0], logits)
    np.testing.assert_allclose(gradient, numeric, atol=1e-7)


def test_a_network_learns_from_mixtures():
    rng = np.random.default_rng(0)
    y = rng.integers(0, 2, 60)
    x = (2 * y[:, None] - 1 + rng.random((60, 2)) - 0.5).astype(np.float32)
    kept = x.copy()
    network = Network([Dense(2)], (2,)).fit(x, y, Plan(epochs=5, batch_size=16, mixup=Mixup(0.4)))
    assert network.score(x, y) == 1
    assert np.array_equal(x, kept)


@pytest.mark.parametrize("alpha", [0.0, 5.0])
def test_an_impossible_alpha_is_refused(alpha):
    with pytest.raises(ValueError, match="alpha"):
        Mixup(alpha)
