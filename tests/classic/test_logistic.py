"""Logistic regression against the conditions of its minimum, and its two forms side by side."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import KernelLogisticRegression, LogisticRegression
from rosenblatt.classic.lbfgs import minimise
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian, Linear


def clouds(count, classes, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return labels[:, None] * 0.3 + rng.random((count, 3)), labels


def test_lbfgs_finds_the_bottom_of_a_curved_valley():
    def rosenbrock(x):
        value = 100 * (x[1] - x[0] ** 2) ** 2 + (1 - x[0]) ** 2
        slope = -400 * x[0] * (x[1] - x[0] ** 2) - 2 * (1 - x[0])
        return value, np.array([slope, 200 * (x[1] - x[0] ** 2)])

    found, reached = minimise(rosenbrock, np.array([-1.2, 1.0]), 1e-8, 200)
    assert reached
    np.testing.assert_allclose(found, [1, 1], atol=1e-6)
    assert not minimise(rosenbrock, np.array([-1.2, 1.0]), 1e-8, 3)[1]


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4), st.floats(1e-3, 1))
def test_gradient_is_zero_at_the_minimum(seed, classes, penalty):
    x, y = clouds(40, classes, seed)
    machine = LogisticRegression(penalty).fit(x, y)
    lacking = np.eye(classes)[y] - machine.predict_proba(x)
    if classes == 2:
        lacking = lacking[:, 1:]
    np.testing.assert_allclose(lacking.T @ x / 40, penalty * machine.coef_, atol=1e-5)
    np.testing.assert_allclose(lacking.mean(0), 0, atol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_kernel_gradient_is_zero_at_the_minimum(seed, classes):
    x, y = clouds(40, classes, seed)
    machine = KernelLogisticRegression(Gaussian(1.0), penalty=0.01).fit(x, y)
    lacking = np.eye(classes)[y] - machine.predict_proba(x)
    dual = np.zeros((machine.dual_coef_.shape[0], 40))
    dual[:, machine.support_] = machine.dual_coef_
    # In the feature space the gradient is a sum of phi(x) with these weights.
    residual = lacking[:, -len(dual) :].T / 40 - 0.01 * dual
    gradient = residual @ Gaussian(1.0)(x)
    np.testing.assert_allclose(gradient, 0, atol=1e-4)


def test_a_linear_kernel_gives_linear_regression():
    x, y = clouds(30, 3)
    x -= x.mean(0)
    ones = np.column_stack([x, 10 * np.ones(30)])  # a bias that costs next to nothing
    primal = LogisticRegression(0.1).fit(x, y).predict_proba(x)
    dual = KernelLogisticRegression(Linear(), penalty=0.1).fit(ones, y).predict_proba(ones)
    np.testing.assert_allclose(primal, dual, atol=5e-3)


def test_probabilities_are_those_of_the_frequencies_where_nothing_else_is_known():
    y = np.array([0, 0, 0, 1, 1, 2])
    found = LogisticRegression().fit(np.zeros((6, 2)), y).predict_proba(np.zeros((1, 2)))
    np.testing.assert_allclose(found, [[3 / 6, 2 / 6, 1 / 6]], atol=1e-4)


def test_labels_of_any_kind_and_what_is_wrong():
    x, y = clouds(60, 2)
    names = np.array(["no", "yes"])[y]
    assert np.mean(LogisticRegression().fit(x, names).predict(x) == names) > 0.6
    with pytest.warns(UserWarning, match="1 steps did not reach"):
        LogisticRegression(epochs=1).fit(x, y)
    with pytest.raises(UserError, match="not positive definite"):
        KernelLogisticRegression("precomputed").fit(np.array([[0, 2], [2, 0]]), [0, 1])


@pytest.mark.parametrize("scale", [1e8, 1e12, 1e15])
def test_columns_too_large_to_find_the_minimum_are_told(scale):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4))
    with pytest.warns(UserWarning, match="bring the columns to numbers of order one"):
        LogisticRegression().fit(x * scale, x[:, 0] + 0.3 * rng.normal(size=300) > 0)
