"""Calibration against probabilities that are known."""

import numpy as np
import pytest

from rosenblatt.classic.calibration import BiasCorrectedTemperature, Platt, Temperature
from rosenblatt.errors import UserError


def test_platt_finds_the_sigmoid_that_the_labels_were_drawn_from():
    rng = np.random.default_rng(0)
    scores = 6 * rng.random(20_000) - 3
    second = rng.random(20_000) < 1 / (1 + np.exp(-1.7 * scores + 0.5))
    platt = Platt.fit(scores, second)
    np.testing.assert_allclose([platt.slope, platt.offset], [1.7, -0.5], atol=0.1)
    probabilities = platt(scores)
    np.testing.assert_allclose(probabilities.sum(1), 1, rtol=1e-6)
    np.testing.assert_allclose(probabilities[:, 1].mean(), second.mean(), atol=1e-3)


def test_platt_stays_unsure_where_the_classes_are_apart():
    probabilities = Platt.fit(np.array([-1.0, -2, 1, 2]), [0, 0, 1, 1])(np.array([-2.0, 2]))
    assert probabilities[0, 0] < 0.9
    assert probabilities[1, 1] < 0.9


def test_temperature_undoes_overconfidence_and_changes_no_decision():
    rng = np.random.default_rng(0)
    logits = 3 * rng.random((20_000, 4))
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    labels = (rng.random((20_000, 1)) > p.cumsum(1)).sum(1).clip(0, 3)
    temperature = Temperature.fit(2.5 * logits, labels)
    np.testing.assert_allclose(temperature.temperature, 2.5, rtol=0.05)
    np.testing.assert_array_equal(temperature(2.5 * logits).argmax(1), logits.argmax(1))
    np.testing.assert_allclose(temperature(2.5 * logits).sum(1), 1, rtol=1e-6)


def test_temperature_stays_unsure_where_the_classes_are_apart():
    """As Laplace's rule: N + 1 of N + K."""
    logits = 5.0 * np.eye(3)
    probabilities = Temperature.fit(logits, np.arange(3))(logits)
    np.testing.assert_allclose(
        probabilities.diagonal(), 4 / 6, rtol=1e-5
    )  # Laplace: N + 1 of N + K


def drawn_by(logits, rng):
    """Return a label for each row of logits, drawn with the probabilities that these say."""
    p = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    return (rng.random((len(p), 1)) > p.cumsum(1)).sum(1).clip(0, p.shape[1] - 1)


def test_a_slope_and_a_number_for_each_class_are_found():
    rng = np.random.default_rng(0)
    scores = rng.normal(size=(20_000, 3))
    offsets = np.array([0, 1.0, -0.5])
    found = BiasCorrectedTemperature.fit(scores, drawn_by(0.7 * scores + offsets, rng))
    np.testing.assert_allclose([found.slope, *found.offsets], [0.7, *offsets], atol=0.1)
    assert BiasCorrectedTemperature.fit(-scores, drawn_by(scores, rng)).slope == 0  # turned round


def test_of_two_classes_it_is_platts_way():
    rng = np.random.default_rng(1)
    scores = rng.normal(size=(400, 1)) * [-1, 1]
    labels = drawn_by(scores, rng)
    ours = BiasCorrectedTemperature.fit(scores, labels)(scores)
    apart = scores[:, 1] - scores[:, 0]
    platt = Platt.fit(apart, labels)(apart)
    np.testing.assert_allclose(ours, platt, atol=2 / 400)  # the targets of both differ by 1 / N


def test_scores_that_say_nothing_leave_the_shares_of_the_classes():
    """Of noise the gain in likelihood is half a chi-squared number, beyond 1 for 16 % of slopes,
    of which half are turned round."""
    rng = np.random.default_rng(2)
    labels = np.repeat([0, 1, 2], [60, 30, 10])
    found = [BiasCorrectedTemperature.fit(rng.normal(size=(100, 3)), labels) for _ in range(100)]
    silent = [one for one in found if one.slope == 0]
    assert len(silent) >= 82  # 92 are to be expected, 2.7 a standard error
    shares = (np.array([60, 30, 10]) * 101 + [40, 70, 90]) / 100 / 103  # as Laplace's rule
    np.testing.assert_allclose(silent[0](rng.normal(size=(2, 3))), [shares, shares], rtol=1e-6)


def test_one_class_is_not_enough():
    with pytest.raises(UserError, match="needs both"):
        Platt.fit(np.zeros(3), [1, 1, 1])
