"""Support vector machines against the theory: optimality conditions, duality, known solutions."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import SVM, svm
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian, Linear


def mixed_clouds(count, classes, seed=0):
    """Return clouds that overlap, so that some samples end at the bound."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return labels[:, None] * 0.4 + rng.random((count, 3)), labels


def parts(machine, x, signs):
    """Return the coefficients [N], the scores f(x) [N] and the Gram matrix in float64."""
    gram = machine.kernel_(x).astype(np.float64)
    coefficients = np.zeros(len(x))
    coefficients[machine.support_] = machine.dual_coef_[0]
    return coefficients, gram @ coefficients + machine.intercept_[0], gram


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6), st.integers(6, 60), st.floats(0.01, 100), st.sampled_from(svm.LOSSES))
def test_meets_the_optimality_conditions_and_closes_the_duality_gap(seed, count, cost, loss):
    x, y = mixed_clouds(count, 2, seed)
    signs = 2.0 * y - 1
    machine = SVM(Gaussian(1.0), cost=cost, loss=loss).fit(x, y)
    b, scores, gram = parts(machine, x, signs)
    margins, alpha = signs * scores, signs * b
    assert abs(b.sum()) < 1e-4 * cost * count
    assert alpha.min() >= 0
    slack = np.maximum(0, 1 - margins)
    square = b @ gram @ b
    if loss == "hinge":
        assert alpha.max() <= cost * (1 + 1e-6)
        bound = np.isclose(alpha, cost, rtol=1e-6)
        primal = 0.5 * square + cost * slack.sum()
        dual = alpha.sum() - 0.5 * square
        np.testing.assert_allclose(margins[(alpha > 0) & ~bound], 1, atol=3e-3)
        assert np.all(margins[bound] <= 1 + 3e-3)
    else:
        primal = 0.5 * square + cost * (slack**2).sum()
        dual = alpha.sum() - 0.5 * square - (alpha**2).sum() / (4 * cost)
        np.testing.assert_allclose(slack[alpha > 0], alpha[alpha > 0] / (2 * cost), atol=3e-3)
    assert np.all(margins[alpha == 0] >= 1 - 3e-3)
    assert primal - dual <= 4e-3 * cost * count + 1e-6
    np.testing.assert_allclose(machine.objective_[0], dual, rtol=1e-3, atol=1e-4)


def test_two_points_have_the_middle_between_them():
    machine = SVM("linear", cost=100).fit(np.array([[0.0, 0], [4, 0]]), [-1, 1])
    weights = machine.dual_coef_ @ np.array([[0.0, 0], [4, 0]])[machine.support_]
    np.testing.assert_allclose(weights, [[0.5, 0]], atol=1e-4)  # margin 2 on either side
    np.testing.assert_allclose(machine.intercept_, [-1], atol=1e-3)


@pytest.mark.parametrize("strategy", svm.STRATEGIES)
def test_learns_many_classes_with_labels_of_any_kind(strategy):
    x, y = mixed_clouds(120, 3)
    x[:, 0] += 2 * (y == 1)
    names = np.array(["a", "b", "c"])[y]
    machine = SVM(cost=10, strategy=strategy).fit(x, names)
    assert machine.dual_coef_.shape[0] == 3
    assert machine.decision_function(x).shape == (120, 3)
    assert np.mean(machine.predict(x) == names) > 0.9


def test_pairs_vote_and_margins_break_ties():
    x, y = mixed_clouds(60, 4)
    machine = SVM(Gaussian(1.0), cost=5).fit(x, y)
    scores = machine.decision_function(x)
    pairs = super(SVM, machine).decision_function(x)
    votes = np.zeros((60, 4))
    number = 0
    for i in range(4):
        for j in range(i + 1, 4):
            alone = np.isin(y, [i, j])
            other = SVM(Gaussian(1.0), cost=5).fit(x[alone], y[alone])
            np.testing.assert_allclose(other.decision_function(x), pairs[:, number], atol=5e-3)
            votes[np.arange(60), np.where(pairs[:, number] > 0, j, i)] += 1
            number += 1
    np.testing.assert_allclose(np.round(scores), votes)


def test_a_gram_matrix_does_as_well():
    x, y = mixed_clouds(50, 3)
    gram = Gaussian(1.0)(x)
    own = SVM(Gaussian(1.0)).fit(x, y)
    given_gram = SVM("precomputed").fit(gram, y)
    np.testing.assert_allclose(
        own.decision_function(x), given_gram.decision_function(gram), atol=1e-3
    )


@pytest.mark.parametrize("strategy", svm.STRATEGIES)
def test_rows_that_come_and_go_and_samples_left_out_change_little(strategy, monkeypatch):
    x, y = mixed_clouds(150, 3)
    whole = SVM(Gaussian(2.0), cost=10, strategy=strategy).fit(x, y)
    monkeypatch.setattr(svm, "SHRINK", 20)
    monkeypatch.setattr(svm, "MEMORY", 4 * 150 * 100)
    rows = SVM(Gaussian(2.0), cost=10, strategy=strategy).fit(x, y)
    np.testing.assert_allclose(whole.objective_, rows.objective_, rtol=1e-3)
    np.testing.assert_allclose(whole.decision_function(x), rows.decision_function(x), atol=0.02)


@pytest.mark.parametrize("memory", [1 << 30, 4 * 150 * 100])
def test_pauses_change_no_bit(memory, monkeypatch):
    x, y = mixed_clouds(150, 3)
    monkeypatch.setattr(svm, "SHRINK", 20)
    monkeypatch.setattr(svm, "MEMORY", memory)
    whole = SVM(Gaussian(2.0), cost=10).fit(x, y)
    monkeypatch.setattr(svm, "WORK", 1)
    paused = SVM(Gaussian(2.0), cost=10).fit(x, y)
    assert paused.steps_.max() > 20
    np.testing.assert_array_equal(paused.dual_coef_, whole.dual_coef_)
    np.testing.assert_array_equal(paused.intercept_, whole.intercept_)


def test_cost_is_the_price_of_an_error():
    x, y = mixed_clouds(80, 2)
    soft, hard = SVM(Gaussian(5.0), cost=0.01).fit(x, y), SVM(Gaussian(5.0), cost=1e4).fit(x, y)
    assert np.all(hard.predict(x) == y)
    assert np.mean(soft.predict(x) == y) < 1
    assert np.isclose(np.abs(soft.dual_coef_).max(), 0.01)


def test_what_is_no_kernel_is_told(monkeypatch):
    monkeypatch.setattr(svm, "LIMIT", 100)
    rng = np.random.default_rng(0)
    x = rng.random((40, 2))
    with pytest.raises(UserError, match="no optimum after 100 steps"):
        SVM("precomputed", cost=1e6).fit(Linear()(x), rng.permutation(40) % 2)


@pytest.mark.parametrize("table", [{"cost": 0}, {"loss": "zero_one"}, {"strategy": "all"}])
def test_impossible_parameters_are_refused(table):
    with pytest.raises(UserError, match=next(iter(table))):
        SVM(**table).fit(np.eye(2), [0, 1])
