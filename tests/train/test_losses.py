import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.train import (
    accuracy,
    cross_entropy,
    mean_squared_error,
)
from rosenblatt.train.robust import huber, mean_absolute_error
from tests.gradients import assert_gradient
from tests.reference.neural import softmax as reference

RNG = np.random.default_rng(0)
LOGITS = 4 * RNG.random((5, 3)) - 2
LABELS = np.array([0, 2, 1, -1, 2])
SHARES = RNG.random((5, 3))

CASES = {
    "labels": (LABELS, {"ignored": -1}),
    "smoothed": (LABELS, {"ignored": -1, "label_smoothing": 0.1}),
    "weighted": (LABELS, {"ignored": -1, "class_weights": [1.0, 2.0, 0.5]}),
    "both": (LABELS, {"ignored": -1, "label_smoothing": 0.1, "class_weights": [1.0, 2.0, 0.5]}),
    "shares": (SHARES, {}),
}


@pytest.mark.parametrize("name", CASES)
def test_the_gradient_of_cross_entropy(name):
    targets, options = CASES[name]
    logits = LOGITS.copy()
    gradient = cross_entropy(logits, targets, **options)[1]
    assert_gradient(lambda: cross_entropy(logits, targets, **options)[0], logits, gradient)


def test_cross_entropy_is_the_mean_over_the_rows_that_count():
    known = LABELS >= 0
    p = reference.softmax(LOGITS)[known, LABELS[known]]
    assert cross_entropy(LOGITS, LABELS, ignored=-1)[0] == pytest.approx(-np.log(p).mean())


def test_class_weights_weigh_rows():
    weights = np.array([1.0, 2.0, 0.5])
    known = LABELS >= 0
    row = weights[LABELS[known]]
    p = reference.softmax(LOGITS)[known, LABELS[known]]
    expected = -(row * np.log(p)).sum() / row.sum()
    assert cross_entropy(LOGITS, LABELS, ignored=-1, class_weights=weights)[0] == pytest.approx(
        expected
    )


def test_smoothing_mixes_with_even_shares():
    even = np.full((5, 3), 1 / 3)
    even[LABELS < 0] = 0
    expected = (
        0.8 * cross_entropy(LOGITS, LABELS, ignored=-1)[0] + 0.2 * cross_entropy(LOGITS, even)[0]
    )
    assert cross_entropy(LOGITS, LABELS, ignored=-1, label_smoothing=0.2)[0] == pytest.approx(
        expected
    )


def test_sequences_are_rows_too():
    loss, gradient = cross_entropy(LOGITS.reshape(1, 5, 3), LABELS.reshape(1, 5), ignored=-1)
    assert loss == cross_entropy(LOGITS, LABELS, ignored=-1)[0]
    assert gradient.shape == (1, 5, 3)


def test_nothing_that_counts_costs_nothing():
    loss, gradient = cross_entropy(LOGITS, np.full(5, -1), ignored=-1)
    assert loss == 0
    assert not gradient.any()


def test_mean_squared_error():
    output, targets = LOGITS.copy(), SHARES
    value, gradient = mean_squared_error(output, targets)
    assert value == pytest.approx(((output - targets) ** 2).mean())
    assert_gradient(lambda: mean_squared_error(output, targets)[0], output, gradient)
    column = mean_squared_error(output[:, :1], targets[:, 0])[0]
    assert column == pytest.approx(((output[:, 0] - targets[:, 0]) ** 2).mean())


def test_accuracy_of_outputs():
    outputs = np.array([[0.1, 0.9], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7]])
    labels = np.array([1, 0, 0, -1])
    assert accuracy(outputs, labels, ignored=-1) == 2 / 3
    assert accuracy(outputs, np.eye(2)[[1, 0, 0, 1]]) == 3 / 4
    assert accuracy(outputs, np.eye(2)[[1, 0, 0, 1]] * [[1], [0], [1], [0]]) == 1 / 2
    with pytest.raises(UserError, match="no row counts"):
        accuracy(outputs, np.full(4, -1), ignored=-1)


@pytest.mark.parametrize("loss", [mean_absolute_error, huber])
def test_gradients_of_robust_losses(loss):
    output, targets = 6 * RNG.random((4, 3)), 6 * RNG.random((4, 3))
    value, gradient = loss(output, targets)
    assert_gradient(lambda: loss(output, targets)[0], output, gradient)
    assert loss(output[:, :1], targets[:, 0])[0] == loss(output[:, :1], targets[:, :1])[0]
    assert value > 0


def test_huber_is_a_square_and_then_a_slope():
    def of(gap):
        return huber(np.array([gap]), np.zeros(1), width=2.0)[0]

    assert of(1.0) == 0.5
    assert of(-2.0) == 2.0
    assert of(5.0) == 2 * (5 - 1)
    gaps = np.array([[3.0], [-7.0]])
    assert mean_absolute_error(gaps, np.zeros(2))[0] == 5.0


def test_what_the_best_constant_of_each_loss_is():
    """Of 0, 0, 0, 1, 9: the mean for squares, the median for amounts."""
    targets = np.array([0.0, 0.0, 0.0, 1.0, 9.0])
    for loss, best in ((mean_squared_error, 2.0), (mean_absolute_error, 0.0)):
        value = loss(np.full(5, best), targets)[0]
        assert all(loss(np.full(5, best + d), targets)[0] > value for d in (-0.1, 0.1))
