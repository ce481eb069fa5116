"""Linear support vector machines against duality, and against the machine with a linear kernel."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import SVM, LinearSVM, linear_svm
from rosenblatt.errors import UserError


def clouds(count, classes, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return labels[:, None] * 0.5 + rng.random((count, 3)), labels


@settings(max_examples=15, deadline=None)
@given(
    st.integers(0, 10**6),
    st.integers(4, 50),
    st.floats(0.01, 10),
    st.sampled_from(linear_svm.LOSSES),
)
def test_closes_the_duality_gap(seed, count, cost, loss):
    x, y = clouds(count, 2, seed)
    signs = 2.0 * y - 1
    machine = LinearSVM(cost, loss).fit(x, y)
    w = np.append(machine.coef_[0], machine.intercept_[0]).astype(np.float64)
    b = machine.dual_coef_[0]
    ones = np.column_stack([x, np.ones(count)]).astype(np.float32).astype(np.float64)
    np.testing.assert_allclose(b @ ones, w, rtol=1e-4, atol=1e-4)
    slack = np.maximum(0, 1 - signs * (ones @ w))
    alpha = signs * b
    assert alpha.min() >= 0
    if loss == "hinge":
        assert alpha.max() <= cost
        primal, dual = cost * slack.sum(), 0
    else:
        primal, dual = cost * (slack**2).sum(), (alpha**2).sum() / (4 * cost)
    gap = (0.5 * w @ w + primal) - (alpha.sum() - 0.5 * w @ w - dual)
    assert gap <= 0.02 * (alpha.sum() + cost * count) + 1e-6


def test_equals_the_kernel_machine_whose_kernel_has_the_bias():
    x, y = clouds(60, 3)
    ones = np.column_stack([x, np.ones(60)])
    linear = LinearSVM(1.0, "hinge").fit(x, y)
    # The sum of its coefficients is bound to 0, that of the linear machine is not: add the mirror
    # image of all samples with the other sign, which has the sum 0 and no effect on w.
    mirrored, signs = np.vstack([ones, -ones]), np.concatenate([y == 1, y != 1])
    kernel = SVM("linear", cost=0.5).fit(mirrored, signs)
    np.testing.assert_allclose(
        linear.decision_function(x)[:, 1], kernel.decision_function(ones), atol=0.03
    )


def test_learns_many_classes():
    x, y = clouds(90, 3)
    x[:, 1] += 2 * (y == 1)
    names = np.array(["a", "b", "c"])[y]
    assert np.mean(LinearSVM().fit(x, names).predict(x) == names) > 0.9


def test_too_few_epochs_are_told():
    x, y = clouds(50, 2)
    with pytest.warns(UserWarning, match="1 epochs left a slope"):
        LinearSVM(100.0, epochs=1).fit(x, y)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        LinearSVM(1.0).fit(x, y)


@pytest.mark.parametrize("table", [{"cost": 0}, {"loss": "zero_one"}])
def test_impossible_parameters_are_refused(table):
    with pytest.raises(UserError, match=next(iter(table))):
        LinearSVM(**table).fit(np.eye(2), [0, 1])
