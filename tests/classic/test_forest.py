"""Random forests: against trees by trying everything, and what must hold of any of them."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import RandomForestClassifier, RandomForestRegressor
from rosenblatt.kernels.core.cpu import use_threads
from tests.classic.test_boosting import table, values
from tests.reference.trees.forest import forest

WHOLE = {"trees": 6, "leaves": 6, "least_rows": 3, "columns": 1.0, "seed": 4}


def bags(count: int, rows: int) -> np.ndarray:
    """Return how often each tree draws each row, [count, rows]."""
    rng = np.random.default_rng(WHOLE["seed"])
    drawn = [np.bincount(rng.integers(0, rows, rows), minlength=rows) for _ in range(count)]
    return np.array(drawn)


@pytest.mark.parametrize("seed", range(3))
def test_values_are_those_of_trees_by_trying_everything(seed):
    x = table(seed)
    y = values(x, seed)
    machine = RandomForestRegressor(**WHOLE).fit(x, y)
    drawn = bags(6, 60)
    said = forest(x, y, drawn, 6, 3)
    np.testing.assert_allclose(machine.predict(x), said.mean(0), rtol=1e-6)
    out = (drawn == 0) * 1.0
    with np.errstate(invalid="ignore"):
        wanted = (said * out).sum(0) / out.sum(0)  # NaN where all have drawn the row
    np.testing.assert_allclose(machine.out_of_bag_[:, 0], wanted, rtol=1e-6)


@pytest.mark.parametrize("classes", [2, 3])
def test_shares_are_what_a_forest_says_of_each_class(classes):
    x = table(8)
    y = np.digitize(values(x, 8), np.quantile(values(x, 8), np.arange(1, classes) / classes))
    machine = RandomForestClassifier(**WHOLE).fit(x, y)
    of_class = [RandomForestRegressor(**WHOLE).fit(x, y == k).predict(x) for k in range(classes)]
    wanted = np.stack(of_class, 1) / np.sum(of_class, 0)[:, None]
    np.testing.assert_allclose(machine.predict_proba(x), wanted, atol=1e-6)
    np.testing.assert_array_equal(machine.predict(x), wanted.argmax(1))


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10**6))
def test_another_scale_of_a_column_changes_no_bit(seed):
    x = table(seed, 90)
    y = values(x, seed)
    first = RandomForestRegressor(trees=4, seed=seed).fit(x, y).predict(x)
    other = np.sign(x) * np.sqrt(np.abs(x)) * 1e-7 - 4
    second = RandomForestRegressor(trees=4, seed=seed).fit(other, y).predict(other)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("make", [RandomForestClassifier, RandomForestRegressor])
def test_threads_change_no_bit(make):
    rng = np.random.default_rng(0)
    x = rng.random((9_000, 3)).astype(np.float32)
    x[::7, 1] = np.nan
    y = np.floor(3 * (np.nan_to_num(x[:, 1]) * x[:, 0]))
    digests, before = set(), use_threads(1)
    for threads in (1, 2, 4):
        use_threads(threads)
        machine = make(trees=7, leaves=40).fit(x, y)
        parts = machine.value_, machine.mask_, machine.out_of_bag_, machine.predict(x)
        digests.add(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
    use_threads(before)
    assert len(digests) == 1


def test_rows_out_of_the_bag_tell_what_new_rows_will():
    x = table(3, 900)
    y = values(x, 3)
    machine = RandomForestRegressor(trees=60).fit(x[:600], y[:600])
    held = np.abs(machine.predict(x[600:]) - y[600:]).mean()
    out = np.abs(machine.out_of_bag_[:, 0] - y[:600])
    assert np.nanmean(out) == pytest.approx(held, rel=0.1)
    learned = np.abs(machine.predict(x[:600]) - y[:600]).mean()
    assert learned < 0.8 * held


def test_rows_that_belong_together_are_drawn_together():
    """Rows that stand three times are then what they are once; else a twin is mostly in the bag."""
    x = table(3, 600)
    y = values(x, 3)
    once = RandomForestRegressor(trees=60, columns=1.0).fit(x, y)
    thrice, group = np.arange(600).repeat(3), np.arange(600).repeat(3) * 7 + 5
    machine = RandomForestRegressor(trees=60, least_rows=15, columns=1.0)
    said = machine.fit(x[thrice], y[thrice], groups=group).out_of_bag_
    np.testing.assert_allclose(said, once.out_of_bag_[thrice], rtol=0.05)  # ties may be broken
    np.testing.assert_allclose(machine.predict(x), once.predict(x), rtol=0.05)
    apart = machine.fit(x[thrice], y[thrice]).out_of_bag_
    errors = [np.nanmean(np.abs(one[:, 0] - y[thrice])) for one in (said, apart)]
    assert errors[1] < 0.9 * errors[0]


def test_trees_that_ask_few_columns_differ_more():
    x = table(2, 300)
    y = values(x, 2)

    def spread(columns):
        ones = [RandomForestRegressor(trees=1, columns=columns, seed=k).fit(x, y) for k in range(9)]
        return np.std([one.predict(x) for one in ones], 0).mean()

    assert spread(0.25) > 1.2 * spread(1.0)


def test_whole_trees_know_their_rows():
    x = np.arange(200.0)[:, None]
    y = np.arange(200) % 2
    machine = RandomForestClassifier(trees=40).fit(x, y)
    assert machine.score(x, y) == 1
    assert (
        np.nanmean((machine.out_of_bag_.argmax(1) == y)[~np.isnan(machine.out_of_bag_[:, 0])]) < 0.5
    )


def test_rows_without_weight_are_not_learned_from():
    x = table(5)
    y = values(x, 5)
    some = np.arange(60) % 3 > 0
    by_weight = RandomForestRegressor(trees=5).fit(x, np.where(some, y, 1e6), sample_weight=some)
    without = RandomForestRegressor(trees=5).fit(x[some], y[some])
    np.testing.assert_array_equal(by_weight.predict(x), without.predict(x))
    assert np.isnan(by_weight.out_of_bag_[~some]).all()


def test_one_value_is_one_leaf():
    machine = RandomForestRegressor(trees=3).fit(table(1), np.full(60, 7.0))
    np.testing.assert_array_equal(machine.predict(table(2)), 7.0)
