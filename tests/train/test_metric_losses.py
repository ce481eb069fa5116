"""Losses of metric learning: gradients by differences, and values by hand."""

import numpy as np
import pytest

from rosenblatt.train.metric_losses import contrastive, squared_distances, triplet
from tests.gradients import assert_gradient

LABELS = np.array([0, 1, 0, 2, 1, 0])


@pytest.mark.parametrize("loss", [contrastive, triplet])
def test_gradients_equal_central_differences(loss):
    x = np.random.default_rng(0).random((6, 3))
    assert_gradient(lambda: loss(x, LABELS)[0], x, loss(x, LABELS)[1])


def test_contrastive_by_hand():
    x = np.array([[0.0, 0.0], [3.0, 4.0], [0.5, 0.0]])
    labels = np.array([0, 0, 1])  # same at distance 5; other at 0.5, and further than the margin
    assert contrastive(x, labels, 1.0)[0] == pytest.approx((25 + 0.25) / 2 / 3)


def test_triplet_by_hand():
    x = np.array([[0.0], [1.0], [1.2]])
    labels = np.array([0, 0, 1])
    # Anchor 0: 1 - 1.44 + 0.5 = 0.06. Anchor 1: 1 - 0.04 + 0.5 = 1.46.
    assert triplet(x, labels, 0.5)[0] == pytest.approx((0.06 + 1.46) / 2)
    assert triplet(x, np.array([0, 0, 0]))[0] == 0
    np.testing.assert_allclose(squared_distances(x)[0], [0, 1, 1.44])
