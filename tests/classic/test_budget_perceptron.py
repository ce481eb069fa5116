"""A perceptron with a budget: within it, and the plain one where the budget is never reached."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import BudgetPerceptron
from rosenblatt.classic.mistakes import shuffled_order
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian


def rings(rows, seed, classes=2, width=0.3):
    """Return points on rings around the origin, and which ring each is on."""
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    angle = 6.28 * rng.random(rows)
    radius = 1 + labels + width * rng.random(rows)
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], 1).astype(np.float32), labels


def naive(gram, labels, order, classes):
    """Return the dual coefficients [K, N] of the perceptron that forgets nothing."""
    dual = np.zeros((classes, len(gram)))
    for i in order:
        scores = dual @ gram[i]
        rivals = np.where(np.arange(classes) == labels[i], -np.inf, scores)
        if scores[labels[i]] <= rivals.max():
            dual[labels[i], i] += 1
            dual[rivals.argmax(), i] -= 1
    return dual


@settings(max_examples=6, deadline=None)
@given(seed=st.integers(0, 1000), classes=st.integers(2, 3))
def test_a_large_budget_forgets_nothing(seed, classes):
    x, y = rings(300, seed, classes)
    machine = BudgetPerceptron(gamma=1.0, epochs=1, budget=300, seed=seed).fit(x, y)
    gram = Gaussian(1.0)(x).astype(np.float64)
    wanted = naive(gram, y, shuffled_order(len(x), 1, seed), classes)
    found = np.zeros_like(wanted)
    found[:, machine.support_] = machine.dual_coef_
    np.testing.assert_array_equal(found, wanted)
    assert machine.mistakes_ == len(machine.support_)


@pytest.mark.parametrize("classes", [2, 3])
def test_a_budget_is_kept_and_still_learns(classes):
    x, y = rings(1200, 0, classes, width=0.9)
    machine = BudgetPerceptron(gamma=2.0, epochs=3, budget=60).fit(x, y)
    assert len(machine.support_) <= 60
    assert machine.mistakes_ > 60  # so that something was forgotten
    new, truth = rings(500, 1, classes, width=0.9)
    assert np.mean(machine.predict(new) == truth) > 0.8


@pytest.mark.parametrize("settings", [{"budget": 0}, {"kernel": "precomputed"}])
def test_what_makes_no_sense_is_refused(settings):
    with pytest.raises(UserError, match=r"budget = 0|kernel = "):
        BudgetPerceptron(**settings).fit(*rings(10, 0))
