import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.kernels.neural.softmax import cross_entropy, softmax
from tests.reference.neural import softmax as reference

sizes = st.tuples(st.integers(1, 40), st.integers(1, 12))


def run(logits, targets, weight=1.0):
    losses, d_logits = np.empty(len(logits), logits.dtype), np.empty_like(logits)
    cross_entropy(logits, targets, losses, d_logits, logits.dtype.type(weight))
    return losses, d_logits


@given(sizes, st.floats(0.1, 60), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_softmax_and_cross_entropy_equal_their_twins(shape, spread, seed):
    rng = np.random.default_rng(seed)
    logits = (spread * (rng.random(shape) - 0.5)).astype(np.float32)
    targets = rng.random(shape).astype(np.float32)
    out = np.empty_like(logits)
    softmax(logits, out)
    expected = reference.softmax(logits)
    np.testing.assert_allclose(out, expected, rtol=2e-5, atol=1e-30)
    losses, d_logits = run(logits, targets, 4.0)
    np.testing.assert_allclose(
        losses, reference.cross_entropy(logits, targets), rtol=1e-4, atol=1e-5
    )
    expected = (expected * targets.sum(1, keepdims=True, dtype=float) - targets) / 4
    np.testing.assert_allclose(d_logits, expected, rtol=1e-4, atol=1e-6)


def test_huge_logits_do_not_overflow():
    logits = np.array([[1e30, -1e30, 0], [-3e38, -3e38, -3e38]], np.float32)
    out = np.empty_like(logits)
    softmax(logits, out)
    np.testing.assert_allclose(out, [[1, 0, 0], [1 / 3] * 3], rtol=1e-6)


@pytest.mark.parametrize("impossible", range(3))
def test_an_impossible_class_costs_nothing_where_it_is_not_the_target(impossible):
    logits, targets = np.zeros((1, 3), np.float32), np.zeros((1, 3), np.float32)
    target = (impossible + 1) % 3
    logits[0, impossible], targets[0, target] = -np.inf, 1
    losses, d_logits = run(logits, targets)
    np.testing.assert_allclose(losses, np.log(2), rtol=1e-6)
    expected = np.full((1, 3), 0.5)
    expected[0, impossible], expected[0, target] = 0, -0.5
    np.testing.assert_allclose(d_logits, expected, rtol=1e-6)
    targets[:] = np.eye(3)[impossible]
    assert run(logits, targets)[0] == np.inf


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_number_that_is_none_reaches_the_loss(bad):
    logits = np.array([[0.0, bad, 1.0]], np.float32)
    assert not np.isfinite(run(logits, np.array([[1, 0, 0]], np.float32))[0]).all()


def test_a_row_without_weight_does_not_count():
    logits = np.array([[3.0, 1.0], [0.0, 5.0]], np.float32)
    losses, d_logits = run(logits, np.array([[0, 0], [0, 1]], np.float32))
    assert losses[0] == 0
    assert (d_logits[0] == 0).all()
