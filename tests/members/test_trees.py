"""Boosted trees as a member: tables come in as they are, classes and values go out."""

import numpy as np
import pandas
import pytest

from rosenblatt.challenge.target import Classes, Values
from rosenblatt.cli import main
from rosenblatt.errors import UserError
from rosenblatt.features.tables.words import Words
from rosenblatt.members import Rows
from rosenblatt.members.boosting import BoostingMember
from rosenblatt.members.forest import ForestMember

SHORT = BoostingMember(rounds=60, rate=0.2)
BOTH = pytest.mark.parametrize("member", [SHORT, ForestMember(trees=40, columns=0.7)])


def frame(rows=240, seed=0):
    """Return a table of every kind of column, and values that depend on three of them."""
    rng = np.random.default_rng(seed)
    number = rng.random(rows)
    level = rng.integers(0, 3, rows)
    hour = rng.integers(0, 24, rows)
    table = pandas.DataFrame({
        "number": np.where(rng.random(rows) < 0.1, np.nan, number),
        "level": pandas.Categorical.from_codes(level, ["far", "near", "left"]),
        "code": pandas.Categorical(rng.integers(1, 4, rows).astype(float), ordered=True),
        "when": np.datetime64("2020-01-01T00") + hour.astype("timedelta64[h]"),
        "text": pandas.Series([f"word {k}" for k in range(rows)], dtype="str"),
    })  # fmt: skip
    table["many"] = pandas.Series([("a",) if k else ("a", "b") for k in level], dtype=object)
    return table, np.nan_to_num(table["number"].to_numpy()) + (level == 1) + (hour > 11)


@BOTH
def test_values_are_learned_from_all_kinds_of_columns(member):
    table, values = frame()
    target = Values(np.stack([values, -3 * values], 1), ("a", "b"))
    said = member.fit(Rows(table[:200], target[:200]), 1).predict(table[200:])
    assert said.shape == (40, 2)
    assert said.dtype == np.float32
    assert np.abs(said[:, 0] - values[200:]).mean() < 0.12
    np.testing.assert_allclose(said[:, 1], -3 * said[:, 0], atol=0.5)


@BOTH
def test_classes_that_no_row_has_get_nothing(member):
    table, values = frame()
    labels = np.where(values > 1, 3, 1)
    fitted = member.fit(Rows(table[:200], Classes(labels[:200], tuple("abcd"))), 1)
    said = fitted.predict(table[200:])
    np.testing.assert_allclose(said.sum(1), 1, atol=1e-6)
    assert not said[:, [0, 2]].any()
    assert (said.argmax(1) == labels[200:]).mean() > 0.9


@BOTH
def test_numbers_with_gaps_are_learned_from(member):
    rng = np.random.default_rng(1)
    x = rng.random((200, 3)).astype(np.float32)
    labels = (x[:, 0] > 0.5) * 1
    x[labels == 1, 2] = np.nan
    fitted = member.fit(Rows(x, Classes(labels, ("no", "yes"))), 1)
    assert (fitted.predict(x).argmax(1) == labels).all()


def test_balanced_classes_count_the_same():
    x = np.zeros((100, 1), np.float32)
    target = Classes(np.arange(100) // 80, ("many", "few"))  # and nothing to tell them by
    for balanced, share in ((False, 0.2), (True, 0.5)):
        member = BoostingMember(rounds=1, rows=1.0, balanced=balanced)
        said = member.fit(Rows(x, target), 1).predict(x)
        np.testing.assert_allclose(said[:, 1], share, atol=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_a_small_table_of_noise_loses_next_to_nothing_to_the_constant_guess(seed):
    rng = np.random.default_rng(seed)
    x, labels = rng.random((378, 12)).astype(np.float32), rng.integers(0, 3, 378)
    target = Classes(labels, ("a", "b", "c"))
    said = BoostingMember().fit(Rows(x[:278], target[:278]), 1).predict(x[278:])
    shares = np.bincount(labels[:278]) / 278
    lost = [
        -np.log(p[np.arange(100), labels[278:]]).mean() for p in (said, np.tile(shares, (100, 1)))
    ]
    assert lost[0] < lost[1] + 0.02


def test_a_share_of_the_work_is_a_share_of_the_rounds():
    assert BoostingMember(rounds=50).shorter(0.1).rounds == 5
    assert BoostingMember().shorter(1.0) == BoostingMember()
    assert ForestMember(trees=50).shorter(0.1).trees == 5
    assert 1 <= BoostingMember().shorter(1e-4).rounds < BoostingMember().shorter(0.5).rounds


@BOTH
def test_what_a_fit_takes_is_measured_on_rows_of_one_class_first(member):
    table, values = frame()
    order = np.argsort(values)
    target = Classes((values[order] > 1) * 1, ("no", "yes"))
    rows = Rows(table.iloc[order], target)
    member.prepare([member], rows.samples, target, 2)
    assert member.measure(rows, table[:10]).rest > 0


def test_text_alone_is_refused_and_learned_as_words():
    table, values = frame()
    rows = Rows(table[["text"]], Values(values[:, None], ("y",)))
    with pytest.raises(UserError, match='kind = "words"'):
        SHORT.fit(rows, 1)
    assert BoostingMember(rounds=1, features=(Words(buckets=8),)).fit(rows, 1)


def test_a_table_is_evaluated(tmp_path, capsys):
    table, values = frame(60)
    table = table[["number", "level"]].assign(label=np.where(values > 1, "up", "down"))
    table.to_csv(tmp_path / "train.csv")
    table.drop(columns="label").to_csv(tmp_path / "test.csv")
    words = ["--recipe", "trees", "--set", "boosting.rounds=9", "--folds", "2", "--threads", "1"]
    assert main(["evaluate", str(tmp_path), *words]) == 0
    assert "boosting 1/1: 0." in capsys.readouterr().out
