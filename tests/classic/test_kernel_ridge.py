"""Kernel ridge regression against the textbook's formulae and an explicit leave-one-out."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import KernelRidge, KernelRidgeRegressor
from rosenblatt.classic.cholesky import inverse_diagonal, solve
from rosenblatt.classic.kernel_ridge import PENALTIES
from rosenblatt.data.folds import folds_inside
from rosenblatt.errors import UserError
from rosenblatt.features.gram import Gaussian


def clouds(count, classes, seed=0):
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % classes
    return labels[:, None] + rng.random((count, 3)), labels


@pytest.mark.parametrize("size", [3, 300, 700])  # within a block, over blocks
def test_solving_by_blocks(size):
    rng = np.random.default_rng(0)
    root = rng.random((size, size)) - 0.5
    a = root @ root.T + np.eye(size)
    right = rng.random((size, 4))
    lower = np.linalg.cholesky(a)
    np.testing.assert_allclose(a @ solve(lower, right), right, atol=1e-9)
    np.testing.assert_allclose(inverse_diagonal(lower), np.linalg.inv(a).diagonal(), rtol=1e-8)


@settings(max_examples=10, deadline=None)
@given(st.integers(2, 4), st.floats(1e-3, 1), st.integers(0, 10**6))
def test_leave_one_out_equals_the_explicit_one(classes, penalty, seed):
    x, y = clouds(17, classes, seed)
    kernel = Gaussian(0.5)
    machine = KernelRidge(kernel, penalty=penalty).fit(x, y)
    for i in range(0, 17, 5):
        others = np.arange(17) != i
        # The penalty counts per sample, and here is one sample fewer.
        without = KernelRidge(kernel, penalty=penalty * 17 / 16).fit(x[others], y[others])
        np.testing.assert_allclose(
            machine.leave_one_out_[i], without.decision_function(x[[i]])[0], atol=1e-4
        )


@pytest.mark.parametrize("weighted", [False, True])
def test_samples_that_belong_together_are_left_out_together(weighted):
    x, y = clouds(30, 3)
    rng = np.random.default_rng(2)
    groups, kernel = rng.permutation(np.arange(30) // 3), Gaussian(0.5)
    weights = rng.integers(1, 4, 30).astype(float) if weighted else np.ones(30)
    found = KernelRidge(kernel, penalty=0.01).fit(x, y, weights if weighted else None, groups)
    fold = folds_inside(np.zeros(30, np.int64), groups, 5, np.random.default_rng(0))
    for k in range(5):
        inside = fold != k
        share = weights.sum() / weights[inside].sum()  # the penalty counts per sample
        without = KernelRidge(kernel, penalty=0.01 * share).fit(
            x[inside], y[inside], weights[inside] if weighted else None
        )
        np.testing.assert_allclose(
            found.leave_one_out_[~inside], without.decision_function(x[~inside]), atol=1e-4
        )
    plain = KernelRidge(kernel, penalty=0.01).fit(x, y, weights if weighted else None)
    np.testing.assert_allclose(found.decision_function(x), plain.decision_function(x), atol=1e-5)


def test_path_finds_the_same_as_solving_for_each_penalty():
    x, y = clouds(60, 3)
    path = KernelRidge(Gaussian(0.5)).fit(x, y)
    assert len(path.path_) > 5
    alone = KernelRidge(Gaussian(0.5), penalty=path.penalty_).fit(x, y)
    np.testing.assert_allclose(path.decision_function(x), alone.decision_function(x), atol=1e-3)
    errors = min(error for _, error, _ in path.path_)
    assert np.mean(path.leave_one_out_.argmax(1) != y) == errors


def test_gradient_of_the_penalised_squared_error_is_zero():
    x, y = clouds(40, 2)
    machine = KernelRidge(Gaussian(0.5), penalty=0.01).fit(x, y)
    gram = Gaussian(0.5)(x).astype(np.float64)
    dual = np.zeros(40)
    dual[machine.support_] = machine.dual_coef_[0]
    np.testing.assert_allclose(gram @ dual + 0.01 * 40 * dual, 2 * y - 1, atol=1e-4)


def test_precomputed_and_labels_of_any_kind():
    x, y = clouds(60, 3)
    names = np.array(["a", "b", "c"])[y]
    gram = Gaussian(0.5)(x)
    machine = KernelRidge("precomputed", penalty=0.01).fit(gram, names)
    assert np.mean(machine.predict(gram) == names) > 0.9


def test_the_path_leaves_out_penalties_below_the_rounding_but_hides_no_lost_digits():
    x, y = clouds(60, 3)
    gram = 1e4 * (x @ x.T)  # of rank 3: rounding in float32 is above 1e-6 60
    path = KernelRidge("precomputed").fit(gram, y).path_
    assert 0 < len(path) < len(PENALTIES)
    with pytest.raises(UserError, match="lost its digits"):
        KernelRidge("precomputed").fit(np.ones((60, 60)) - 2 * np.eye(60), y)


def test_a_matrix_that_is_no_gram_matrix_is_refused():
    with pytest.raises(UserError, match="not positive definite: it has an eigenvalue of -2") as no:
        KernelRidge("precomputed", penalty=1e-3).fit(np.array([[0, 2], [2, 0]]), [0, 1])
    assert "which a larger penalty hides and does not cure" in str(no.value)


def test_a_singular_matrix_wants_a_larger_penalty_and_gets_by_with_it():
    gram = np.ones((40, 40))
    y = np.arange(40) % 2
    with pytest.raises(UserError, match="raise the penalty to 2e-06 or more"):
        KernelRidge("precomputed", penalty=1e-20).fit(gram, y)
    KernelRidge("precomputed", penalty=2e-6).fit(gram, y)


@pytest.mark.parametrize("shift", [10, 100, 10_000])
def test_both_cures_of_a_polynomial_far_from_the_origin_cure(shift):
    near = np.random.default_rng(0).normal(size=(120, 4))
    y, far = near[:, 0] + near[:, 1] ** 2, near + shift
    with pytest.raises(UserError, match="around 0, or raise the penalty to") as no:
        KernelRidgeRegressor("polynomial", degree=3, penalty=1e-3).fit(far, y)
    enough = float(str(no.value).split("penalty to ")[1].split()[0])
    KernelRidgeRegressor("polynomial", degree=3, penalty=enough).fit(far, y)
    known = KernelRidgeRegressor("polynomial", degree=3, penalty=1e-3).fit(far - far.mean(0), y)
    assert known.score(far - far.mean(0), y) > 0.95


@pytest.mark.parametrize("large", [1e30, 1e300])
def test_values_too_large_for_their_squares_are_refused(large):
    with pytest.raises(UserError, match=r"(squares are beyond float32|worked with is 3\.4e\+38)"):
        KernelRidgeRegressor().fit(np.eye(3), [1.0, 2.0, large])


def test_no_penalty_of_zero():
    with pytest.raises(UserError, match="penalty = 0: it must be"):
        KernelRidge(penalty=0).fit(np.eye(2), [0, 1])
