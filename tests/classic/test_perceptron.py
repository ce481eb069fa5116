"""Perceptrons against the lecture's loop, the convergence theorem, and each other."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import KernelPerceptron, Perceptron, kernel_perceptron
from rosenblatt.classic.mistakes import shuffled_order
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian
from tests.reference.similarity import perceptron as reference


def whole_rows(count, columns, seed):
    """Return small whole numbers, of which all sums are exact."""
    return np.random.default_rng(seed).integers(-4, 5, (count, columns)).astype(np.float32)


def with_one(x):
    return np.column_stack([x, np.ones(len(x))])


def three_clouds(count, seed=0):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, count)
    noise = rng.random((count, 2)) + rng.random((count, 2)) - 1
    return 3 * np.array([[0, 0], [1, 0], [0, 1]])[labels] + noise, labels


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 30), st.integers(1, 20), st.integers(1, 4))
def test_two_classes_go_the_way_of_the_lecture(seed, count, columns, epochs):
    x = whole_rows(count, columns, seed)
    y = np.arange(count) % 2
    signs = 2 * y - 1
    order = shuffled_order(count, epochs, 5)
    weights, mistakes = reference.learn(with_one(x).astype("f8"), signs, order)
    last = Perceptron(epochs, answer="last", seed=5).fit(x, y)
    np.testing.assert_array_equal(np.append(last.coef_, last.intercept_), weights[-1])
    assert last.mistakes_ == [len(mistakes)]
    mean = Perceptron(epochs, answer="averaged", seed=5).fit(x, y)
    np.testing.assert_allclose(
        np.append(mean.coef_, mean.intercept_), weights.mean(0), rtol=1e-5, atol=1e-4
    )
    voted = Perceptron(epochs, answer="voted", seed=5).fit(x, y)
    votes = np.where(with_one(x) @ weights.T > 0, 1, -1).mean(1)
    np.testing.assert_allclose(voted.decision_function(x), votes, atol=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 30), st.sampled_from(["last", "averaged", "voted"]))
def test_primal_and_dual_make_the_same_mistakes(seed, count, answer):
    x, y = whole_rows(count, 5, seed), np.arange(count) % 3
    primal = Perceptron(3, answer=answer).fit(x, y)
    dual = KernelPerceptron("linear", epochs=3, answer=answer).fit(with_one(x), y)
    np.testing.assert_array_equal(primal.mistakes_, dual.mistakes_)
    np.testing.assert_allclose(
        primal.decision_function(x), dual.decision_function(with_one(x)), rtol=1e-4, atol=1e-3
    )


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.integers(3, 30))
def test_multiclass_rule(seed, count):
    x, y = whole_rows(count, 4, seed), np.arange(count) % 3
    order = shuffled_order(count, 2, 1)
    weights = reference.learn_classes(with_one(x).astype("f8"), y, order, 3)
    machine = Perceptron(2, "multiclass", "last", seed=1).fit(x, y)
    np.testing.assert_array_equal(np.column_stack([machine.coef_, machine.intercept_]), weights[-1])


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.02, 0.5))
def test_convergence_theorem(seed, margin):
    """The number of mistakes never exceeds (R / delta)^2 (Novikoff 1962)."""
    rng = np.random.default_rng(seed)
    x = 2 * rng.random((60, 2)) - 1
    normal = np.array([0.6, 0.8])
    x = x[np.abs(x @ normal) > margin]
    y = x @ normal > 0
    if y.all() or not y.any():
        return
    machine = Perceptron(epochs=200, answer="last").fit(x, y)
    # The separating (0.6, 0.8, 0) has length 1 and leaves every (x, 1) on its side by the margin.
    radius = np.linalg.norm(with_one(x), axis=1).max()
    delta = np.abs(x @ normal).min()
    assert machine.mistakes_[0] <= (radius / delta) ** 2


@pytest.mark.parametrize("answer", ["last", "averaged", "voted"])
def test_blocks_of_the_gram_matrix_change_nothing(answer, monkeypatch):
    x, y = three_clouds(70)
    whole = KernelPerceptron(epochs=3, answer=answer).fit(x, y)
    given_gram = KernelPerceptron("precomputed", epochs=3, answer=answer)
    kernel = Gaussian(whole.kernel_.gamma)
    given_gram.fit(kernel(x, x), y)
    monkeypatch.setattr(kernel_perceptron, "MEMORY", 0)
    monkeypatch.setattr(kernel_perceptron, "BLOCK", 16)
    blocks = KernelPerceptron(epochs=3, answer=answer).fit(x, y)
    scores = whole.decision_function(x)
    np.testing.assert_array_equal(blocks.mistakes_, whole.mistakes_)
    np.testing.assert_array_equal(blocks.decision_function(x), scores)
    np.testing.assert_allclose(given_gram.decision_function(kernel(x, x)), scores, atol=1e-4)


def test_learns_three_clouds_and_a_ring():
    x, y = three_clouds(200)
    names = np.array(["a", "b", "c"])[y]
    for machine in (Perceptron(), Perceptron(strategy="multiclass"), KernelPerceptron()):
        assert np.mean(machine.fit(x, names).predict(x) == names) > 0.95
    ring = np.linalg.norm(x - x.mean(0), axis=1) > 1.5
    assert np.mean(KernelPerceptron(epochs=30).fit(x, ring).predict(x) == ring) > 0.95


def test_a_second_fit_forgets_the_first():
    x, y = three_clouds(50)
    again = KernelPerceptron().fit(x[:20], y[:20] > 0).fit(x, y)
    np.testing.assert_array_equal(
        again.decision_function(x), KernelPerceptron().fit(x, y).decision_function(x)
    )


@pytest.mark.parametrize(
    ("x", "y", "message"),
    [
        (np.array([[1.0, np.nan], [0, 1]]), [0, 1], "row 1, column 2 of the samples is nan"),
        (np.zeros((0, 3)), [], r"give .N, D., each 1"),
        (np.eye(2), [1, 1], "two classes are needed"),
        (np.eye(2), [0, 1, 2], "2 samples, but labels of shape"),
    ],
)
def test_bad_input_gives_one_clear_message(x, y, message):
    for machine in (Perceptron(), KernelPerceptron()):
        with pytest.raises(UserError, match=message):
            machine.fit(x, y)


def test_shapes_that_do_not_fit_are_named():
    with pytest.raises(UserError, match="must be square"):
        KernelPerceptron("precomputed").fit(np.ones((3, 2)), [0, 1, 0])
    machine = KernelPerceptron().fit(np.eye(3), [0, 1, 0])
    with pytest.raises(UserError, match="X has 2 features, but KernelPerceptron is expecting 3"):
        machine.predict(np.ones((1, 2)))


@pytest.mark.parametrize(
    "machine",
    [
        KernelPerceptron("sigmoid"),
        KernelPerceptron(answer="best"),
        Perceptron(strategy="all"),
        Perceptron(strategy="multiclass", answer="voted"),
    ],
)
def test_impossible_parameters_are_refused(machine):
    with pytest.raises(UserError, match=r"must be one of|have no vote"):
        machine.fit(np.eye(3), [0, 1, 2])
