"""Ridge regression: the least loss, its leave-one-out by leaving rows out, its weights."""

import numpy as np
import pytest

from rosenblatt.classic import RidgeRegressor
from rosenblatt.classic.kernel_ridge import PENALTIES
from rosenblatt.data.folds import folds_inside


def data(rows=60, columns=4, targets=2):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(rows, columns)).astype(np.float32) * [1, 5, 0.2, 1][:columns] + 3
    values = x @ rng.normal(size=(columns, targets)) + rng.normal(size=(rows, targets)) - 7
    return x.astype(np.float32), values


def loss(x, y, coef, intercept, penalty, weights):
    left = np.square(y - x @ coef.T - intercept).sum(1)
    return (left * weights).sum() / weights.sum() + penalty * np.square(coef).sum()


@pytest.mark.parametrize("weighted", [False, True])
def test_no_other_weights_have_a_smaller_loss(weighted):
    x, y = data()
    rng = np.random.default_rng(0)
    weights = rng.integers(0, 4, len(x)).astype(float) if weighted else np.ones(len(x))
    found = RidgeRegressor(0.1).fit(x, y, weights if weighted else None)
    best = loss(x, y, found.coef_, found.intercept_, 0.1, weights)
    for _ in range(50):
        coef = found.coef_ + 0.01 * rng.normal(size=found.coef_.shape)
        intercept = found.intercept_ + 0.01 * rng.normal(size=found.intercept_.shape)
        assert loss(x, y, coef, intercept, 0.1, weights) > best
    np.testing.assert_allclose(found.predict(x), x @ found.coef_.T + found.intercept_)
    if weighted:  # a weight of three is three rows
        again = RidgeRegressor(0.1).fit(np.repeat(x, weights.astype(int), 0),
                                        np.repeat(y, weights.astype(int), 0))  # fmt: skip
        np.testing.assert_allclose(again.coef_, found.coef_)


def test_the_path_is_of_rows_left_out():
    x, y = data(25)
    found = RidgeRegressor().fit(x, y)
    assert [penalty for penalty, _ in found.path_] == [*PENALTIES]
    for penalty, error in found.path_:
        middle, mean = x.mean(0), y.mean(0)  # of all rows, as the penalty's N is
        left = []
        for row in range(len(x)):
            inside = np.arange(len(x)) != row
            a = np.column_stack([x[inside], np.ones(24)]).astype(float)
            a[:, :-1] -= middle
            shrink = np.diag([penalty * len(x)] * x.shape[1] + [0])
            w = np.linalg.solve(a.T @ a + shrink, a.T @ (y[inside] - mean))
            left.append(y[row] - mean - np.append(x[row] - middle, 1) @ w)
        assert error == pytest.approx(np.square(left).mean(), rel=1e-6)
    assert found.penalty_ == min(found.path_, key=lambda entry: entry[1])[0]


def test_rows_that_belong_together_are_left_out_together():
    x, y = data(40)
    rng = np.random.default_rng(1)
    groups, weights = rng.permutation(np.arange(40) % 8), rng.integers(0, 3, 40).astype(float)
    fold = folds_inside(np.zeros(40, np.int64), groups, 5, np.random.default_rng(0))
    for penalty, error in RidgeRegressor().fit(x, y, weights, groups).path_:
        middle, mean = (np.average(part, 0, weights) for part in (x, y))  # as the penalty's N is
        squares = []
        for k in range(5):
            inside, held = fold != k, fold == k
            a = np.column_stack([x - middle, np.ones(40)]).astype(float)
            shrink = np.diag([penalty * weights.sum()] * x.shape[1] + [0])
            part = (weights[:, None] * a)[inside].T
            w = np.linalg.solve(part @ a[inside] + shrink, part @ (y - mean)[inside])
            squares.append(weights[held, None] * np.square((y - mean - a @ w)[held]))
        assert error == pytest.approx(np.concatenate(squares).mean(), rel=1e-6)


def test_columns_that_depend_on_each_other_share_a_weight():
    x, y = data()
    found = RidgeRegressor().fit(np.column_stack([x, x[:, 0]]), y)
    np.testing.assert_allclose(found.coef_[:, 0], found.coef_[:, -1], rtol=1e-6)
    wide = x * np.float32([2**0.5, 1, 1, 1])  # two halves are penalised half as much
    alone = RidgeRegressor(found.penalty_).fit(wide, y)
    np.testing.assert_allclose(2 * found.coef_[:, 0], 2**0.5 * alone.coef_[:, 0], rtol=1e-4)
