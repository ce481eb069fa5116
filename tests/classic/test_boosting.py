"""Boosted trees: against trees by trying everything, and what must hold of any of them."""

import hashlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.classic import BoostedTreesClassifier, BoostedTreesRegressor
from rosenblatt.classic.binned import CUTS, in_words, lay_out
from rosenblatt.data.archive import read_archive, write_archive
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.cpu import use_threads
from rosenblatt.kernels.trees.bins import Bins
from tests.reference.trees import grow as trees

PLAIN = {"rate": 0.3, "leaves": 5, "l2": 1.0, "least_rows": 2, "rows": 1.0, "columns": 1.0}


def table(seed: int, rows: int = 60, columns: int = 4) -> np.ndarray:
    """Return numbers of few and of many values, some missing."""
    rng = np.random.default_rng(seed)
    x = rng.random((rows, columns))
    x[:, 0] = np.floor(6 * x[:, 0])
    x[:, 1] = np.floor(2 * x[:, 1])
    x[rng.random(x.shape) < 0.1] = np.nan
    return x


def values(x: np.ndarray, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed + 1000).random(len(x))
    return np.nan_to_num(x[:, 0]) + 3 * np.nan_to_num(x[:, 2] * x[:, 3]) + noise


def of_labels(scores, y):
    q = 1 / (1 + np.exp(-scores))
    return q - y, q * (1 - q)


@pytest.mark.parametrize("seed", range(4))
def test_scores_are_those_of_trees_by_trying_everything(seed):
    x = table(seed)
    y = values(x, seed)
    wanted = trees.boost(x, y, lambda s, y: (s - y, np.ones_like(s)), y.mean(), 4, 0.3, 5, 1.0, 2)
    machine = BoostedTreesRegressor(rounds=4, **PLAIN).fit(x, y)
    np.testing.assert_allclose(machine.predict(x), wanted, atol=1e-5)
    labels = (y > np.median(y)) * 1
    start = np.log(labels.mean() / (1 - labels.mean()))
    wanted = trees.boost(x, labels, of_labels, start, 1, 0.3, 5, 1.0, 1e-3)
    machine = BoostedTreesClassifier(rounds=1, **PLAIN | {"least_rows": 1}).fit(x, labels)
    # a row counts as 1/4 in all, for all scores are the same: no side is of less than one
    np.testing.assert_allclose(machine.decision_function(x), wanted, atol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_a_split_of_categories_is_the_best_of_all_sets(seed, monkeypatch):
    from rosenblatt.classic import boosting

    monkeypatch.setattr(boosting, "category_limits", lambda l2, rows: (0.0, 0.0, 0.0, 32))
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 6, (80, 1)).astype(float)
    y = rng.random(6)[x[:, 0].astype(int)] + 0.1 * rng.random(80)
    gain, left = trees.best(x, y.mean() - y, np.ones(80), 0.0, 1, (0,))
    given = PLAIN | {"rate": 1.0, "leaves": 2, "l2": 0.0, "least_rows": 1}
    said = BoostedTreesRegressor(rounds=1, categorical=(0,), **given).fit(x, y).predict(x)
    wanted = np.where(left, y[left].mean(), y[~left].mean())
    np.testing.assert_allclose(said, wanted, atol=1e-6)
    assert gain > 0


@pytest.mark.parametrize("classes", [2, 3])
def test_the_loss_of_the_rows_learned_from_falls_with_each_round(classes):
    x = table(7, 200)
    y = np.digitize(values(x, 7), np.quantile(values(x, 7), np.arange(1, classes) / classes))
    losses = []
    for rounds in range(1, 12):
        p = BoostedTreesClassifier(rounds=rounds, **PLAIN).fit(x, y).predict_proba(x)
        losses.append(-np.log(p[np.arange(200), y]).mean())
    assert (np.diff(losses) < 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_the_order_of_rows_changes_no_bit(seed):
    x = table(seed, 90)
    y, order = values(x, seed), np.random.default_rng(seed).permutation(90)
    first = BoostedTreesRegressor(rounds=5, **PLAIN).fit(x, y)
    second = BoostedTreesRegressor(rounds=5, **PLAIN).fit(x[order], y[order])
    for name in ("feature_", "child_", "mask_", "value_", "cuts_"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10**6))
def test_another_scale_of_a_column_changes_no_bit(seed):
    x = table(seed, 90)
    y = (values(x, seed) > 2) * 1 if np.ptp((values(x, seed) > 2) * 1) else np.arange(90) % 2
    first = BoostedTreesClassifier(rounds=5, **PLAIN).fit(x, y).decision_function(x)
    other = np.sign(x) * np.sqrt(np.abs(x)) * 1e-7 - 4
    second = BoostedTreesClassifier(rounds=5, **PLAIN).fit(other, y).decision_function(other)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize(
    "make", [BoostedTreesClassifier, BoostedTreesRegressor], ids=lambda make: make.kind
)
def test_threads_change_no_bit(make):
    rng = np.random.default_rng(0)
    x = rng.random((70_000, 3)).astype(np.float32)
    x[::7, 1] = np.nan
    y = np.floor(3 * (np.nan_to_num(x[:, 1]) * x[:, 0]))
    digests, before = set(), use_threads(1)
    for threads in (1, 2, 4):
        use_threads(threads)
        machine = make(rounds=3, rows=0.8, leaves=12).fit(x, y)
        parts = machine.value_, machine.mask_, machine.predict(x)
        digests.add(hashlib.sha256(b"".join(part.tobytes() for part in parts)).hexdigest())
    use_threads(before)
    assert len(digests) == 1


def test_a_tree_is_shown_its_share_of_the_rows():
    y = np.random.default_rng(1).random(50)
    given = PLAIN | {"rows": 0.5, "rate": 1.0, "l2": 0.0, "seed": 9}
    said = BoostedTreesRegressor(rounds=1, **given).fit(np.zeros((50, 1)), y).predict([[0.0]])
    drawn = np.random.default_rng(9).random(50) < 0.5
    assert said[0] == pytest.approx(y[drawn].mean(), abs=1e-6)  # there is nothing to split by


def test_a_tree_asks_its_share_of_the_columns():
    x = np.random.default_rng(2).random((200, 8))
    given = PLAIN | {"columns": 0.25, "leaves": 8}
    machine = BoostedTreesRegressor(rounds=12, **given).fit(x, x.sum(1))
    nodes = (machine.child_ != -1).any(2)
    asked = [set(machine.feature_[t, nodes[t]].tolist()) for t in range(12)]
    assert all(1 <= len(some) <= 2 for some in asked)
    assert len(set.union(*asked)) > 4


def test_a_weight_is_as_so_many_rows():
    x = table(3, 40)
    y, counts = values(x, 3), 1 + 2 * (np.arange(40) % 2)  # 2 in the mean
    given = PLAIN | {"rounds": 5, "least_rows": 1, "l2": 0.5}
    by_weight = BoostedTreesRegressor(**given).fit(x, y, sample_weight=counts)
    given |= {"least_rows": 2, "l2": 1.0}
    by_rows = BoostedTreesRegressor(**given).fit(np.repeat(x, counts, 0), np.repeat(y, counts))
    np.testing.assert_allclose(by_weight.predict(x), by_rows.predict(x), atol=1e-4)


def test_missing_numbers_tell_what_they_tell():
    x = np.arange(80.0)[:, None] % 9
    y = np.arange(80) % 2
    x[y == 1] = np.nan  # on either side
    for labels in (y, 1 - y):
        machine = BoostedTreesClassifier(rounds=20, **PLAIN).fit(x, labels)
        assert machine.score(x, labels) == 1
    unseen = BoostedTreesClassifier(rounds=20, **PLAIN).fit(np.nan_to_num(x), y)
    assert np.isfinite(unseen.decision_function(np.full((2, 1), np.nan))).all()


def test_several_targets_are_learned_each_for_itself():
    x = table(5)
    y = np.stack([values(x, 5), -values(x, 6)], 1)
    both = BoostedTreesRegressor(rounds=6, **PLAIN).fit(x, y).predict(x)
    for k in range(2):
        alone = BoostedTreesRegressor(rounds=6, **PLAIN).fit(x, y[:, k]).predict(x)
        np.testing.assert_array_equal(both[:, k], alone)


def test_ratios_are_learned_as_logarithms():
    x = table(5)
    y = np.exp(values(x, 5)) - 1
    of_logs = BoostedTreesRegressor(rounds=6, **PLAIN).fit(x, np.log(1 + y)).predict(x)
    said = BoostedTreesRegressor(rounds=6, log_target=True, **PLAIN).fit(x, y).predict(x)
    np.testing.assert_allclose(said, np.exp(of_logs) - 1, rtol=1e-9)


def test_rounds_are_as_many_as_held_out_rows_find_best():
    rng = np.random.default_rng(2)
    x, noise = rng.random((120, 3)), rng.random(120)
    machine = BoostedTreesRegressor(least_rows=2).fit(x, noise)
    assert len(machine.value_) == np.argmin(machine.losses_) + 1 < 40  # there is nothing to learn
    learned = BoostedTreesRegressor().fit(x, 4 * x[:, 0] + 0.1 * noise)
    assert len(learned.value_) > 40


def test_leaves_are_many_where_columns_tell_only_together():
    rng = np.random.default_rng(3)
    x = rng.integers(0, 8, (600, 3)).astype(float)
    together = rng.normal(size=(8, 8, 8))[tuple(x.T.astype(int))]
    given = {"rate": 0.3, "least_rows": 2, "rows": 1.0, "columns": 1.0, "leaves": None}
    found = BoostedTreesRegressor(**given).fit(x, together)
    fixed = BoostedTreesRegressor(**given | {"leaves": found.leaves_}).fit(x, together)
    assert found.leaves_ in (24, 64)
    np.testing.assert_array_equal(found.predict(x), fixed.predict(x))
    alone = BoostedTreesRegressor(**given).fit(x, x[:, 0] + rng.normal(size=600))
    assert alone.leaves_ == 8
    assert BoostedTreesRegressor(**given, rounds=3).fit(x, together).leaves_ == 8


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, CUTS), min_size=1, max_size=40), st.integers(0, 10**6))
def test_columns_of_codes_hold_every_bin(cuts, seed):
    rng = np.random.default_rng(seed)
    starts, missing = np.cumsum([0, *cuts]), rng.random(len(cuts)) < 0.5
    bins = Bins(
        np.concatenate([np.arange(n) + 0.5 for n in cuts]), starts, np.zeros(len(cuts), bool)
    )
    columns = lay_out(bins, missing)
    assert np.diff(columns.start).max() <= 256
    x = np.stack([rng.integers(0, n + 1, 30) for n in cuts], 1).astype(float)
    x[rng.random(x.shape) < 0.2 * missing] = np.nan
    words, columns = in_words(x, bins)
    codes = words.T.copy().view(np.uint8)
    for f, n in enumerate(cuts):
        code = codes[:, columns.column[f]] // columns.stride[f] % columns.bins[f]
        np.testing.assert_array_equal(
            code, np.where(np.isnan(x[:, f]), n + 1, np.nan_to_num(x[:, f]))
        )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"y": np.where(np.arange(60) == 4, np.nan, 1.0)}, "number 5 of the values is nan|row 5"),
        ({"x": np.full((60, 2), np.inf)}, "row 1, column 1 of the samples is inf"),
        ({"categorical": (4,)}, "categorical names column 4, but X has columns 0 to 3"),
        ({"categorical": (2,)}, "and no category: give whole numbers from 0"),
        ({"y": np.full(60, 1e31)}, "as large as 1e.31"),
        ({"y": -np.ones(60), "log_target": True}, "value 1 is -1.0: log_target wants"),
    ],
)
def test_what_cannot_be_learned_is_named(change, words):
    x = table(1)
    x, y = change.pop("x", x), change.pop("y", values(x, 1))
    with pytest.raises(UserError, match=words):
        BoostedTreesRegressor(rounds=2, **change).fit(x, y)


@pytest.mark.parametrize("name", ["feature_", "child_", "cut_starts_", "value_"])
def test_a_file_whose_trees_lead_nowhere_is_refused(name, tmp_path):
    x = table(1)
    BoostedTreesRegressor(rounds=2).fit(x, values(x, 1)).save(tmp_path / "trees.npz")
    description, arrays = read_archive(tmp_path / "trees.npz")
    array = arrays[description["state"][name]["array"]]
    arrays[description["state"][name]["array"]] = (
        array[:, :-1] if name == "value_" else array * 0 + 99
    )
    write_archive(tmp_path / "trees.npz", description, arrays)
    with pytest.raises(UserError, match="fit and save again"):
        BoostedTreesRegressor.load(tmp_path / "trees.npz")
