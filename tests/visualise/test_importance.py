"""Importance and dependence: against models whose use of each column is known."""

import numpy as np
import pandas
import pytest

from rosenblatt.metrics import find_metric
from rosenblatt.visualise.importance import (
    columns_of,
    exchanged,
    partial_dependence,
    permutation_importance,
    steps_along,
)

R = np.random.default_rng(0)


def test_a_column_that_the_model_does_not_ask_loses_nothing():
    x = R.random((400, 3))
    weights = np.array([2.0, 1.0, 0.0])
    truth, metric = x @ weights, find_metric("rmse")
    permuted = np.array([
        [exchanged(x, column, x, R.permutation(400)) @ weights for _ in range(5)]
        for column in columns_of(x)
    ])  # fmt: skip
    lost = permutation_importance(metric, truth, truth, permuted).mean(1)
    assert lost[2] == 0
    # of independent rows E (w (x - x'))^2 = 2 w^2 var(x), with var(x) = 1/12
    np.testing.assert_allclose(lost[:2], weights[:2] / 6**0.5, rtol=0.1)


def test_cells_of_a_table_keep_their_types():
    level = pandas.Categorical.from_codes([0, 1, 1, -1], ["far", "near"])
    table = pandas.DataFrame({"level": level, "number": [1.0, 2.0, np.nan, 4.0]})
    other = exchanged(table, "level", table, np.array([1, 3, 0, 0]))
    assert other.dtypes.equals(table.dtypes)
    assert other["level"].cat.codes.tolist() == [1, -1, 0, 0]
    assert table["level"].cat.codes.tolist() == [0, 1, 1, -1]
    assert other["number"].equals(table["number"])


@pytest.mark.parametrize("frame", [False, True])
def test_dependence_of_a_sum_is_the_function_of_its_column(frame):
    x = R.random((200, 2))
    samples = pandas.DataFrame(x, columns=["a", "b"]) if frame else x
    column = "a" if frame else 0
    places = steps_along(samples, column)
    votes = np.array([
        np.asarray(exchanged(samples, column, samples, np.full(200, place)))[:, :1] ** 2
        + x[:, 1:] for place in places
    ])  # fmt: skip
    said = partial_dependence(votes)[:, 0]
    np.testing.assert_allclose(said, x[places, 0] ** 2 + x[:, 1].mean())
    assert len(places) == 12
    assert (np.diff(x[places, 0]) > 0).all()


def test_steps_are_the_most_frequent_levels_and_no_text():
    codes = np.repeat(np.arange(20), np.arange(1, 21))
    level = pandas.Categorical.from_codes(codes, [f"l{k}" for k in range(20)])
    table = pandas.DataFrame({"level": level, "text": pandas.Series(["x"] * 210, dtype="str")})
    assert sorted(codes[steps_along(table, "level")]) == list(range(8, 20))
    assert len(steps_along(table, "text")) == 0
    assert len(steps_along(np.full((5, 1), np.nan), 0)) == 0
