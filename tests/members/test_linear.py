"""Linear members: of classes and of values, on numbers of any scale and on tables."""

import dataclasses

import numpy as np
import pytest

from rosenblatt import pipeline
from rosenblatt.challenge import load_challenge
from rosenblatt.challenge.recipe import Recipe
from rosenblatt.challenge.target import Classes, Values
from rosenblatt.members.base import Rows
from rosenblatt.members.linear import PENALTIES, LinearMember
from rosenblatt.pipeline.folds import spread_folds
from rosenblatt.train.workers import Workers


def numbers(rows=300):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(rows, 3)).astype(np.float32)
    return x, x @ [2.0, -1.0, 0.0]


@pytest.mark.parametrize("scale", [1, 1e5])
def test_a_line_is_found_whatever_the_scale_of_the_columns(scale):
    x, score = numbers()
    wide = (x * np.float32([scale, 1, 1 / scale]) + np.float32([0, scale, 0])).astype(np.float32)
    values = Rows(wide[:200], Values(score[:200, None], ("v",)))
    found = LinearMember().fit(values, 1).predict(wide[200:])
    np.testing.assert_allclose(found[:, 0], score[200:], atol=0.05)
    classes = Rows(wide[:200], Classes((score[:200] > 0).astype(np.int64), ("no", "yes")))
    shares = LinearMember().fit(classes, 1).predict(wide[200:])
    np.testing.assert_allclose(shares.sum(1), 1, rtol=1e-6)
    assert ((shares[:, 1] > 0.5) == (score[200:] > 0)).mean() > 0.97


def test_the_penalty_is_large_where_there_is_nothing_to_learn(monkeypatch):
    from rosenblatt.members import linear

    chosen = []
    honest = linear._logistic
    monkeypatch.setattr(linear, "_logistic", lambda p, *a: chosen.append(p) or honest(p, *a))
    rng = np.random.default_rng(1)
    x = rng.normal(size=(90, 30)).astype(np.float32)
    noise = Classes(rng.integers(0, 2, 90), ("a", "b"))
    LinearMember().fit(Rows(x, noise), 1)
    assert chosen[-1] == max(PENALTIES)
    clear = Classes((x[:, 0] > 0).astype(np.int64), ("a", "b"))
    LinearMember().fit(Rows(x, clear), 1)
    assert chosen[-1] < max(PENALTIES)


def test_a_rare_class_counts_as_much_as_the_other_where_all_are_balanced():
    x, score = numbers(600)
    rare = Classes(
        (score + np.random.default_rng(2).normal(size=600) > 4).astype(np.int64), ("a", "b")
    )
    members = LinearMember(), LinearMember(balanced=True)
    plain, even = (member.fit(Rows(x, rare), 1).predict(x)[:, 1] for member in members)
    assert plain.mean() == pytest.approx(rare.labels.mean(), abs=0.01)
    assert even.mean() > 2 * plain.mean()


def test_patients_are_told_apart():
    challenge = load_challenge("data/heart")
    recipe = Recipe(members=(LinearMember(),))
    fold = spread_folds(challenge.target, 3, np.random.default_rng(0))
    found = pipeline.cross_validate(challenge, recipe, fold, Workers())
    assert (found.votes.argmax(1) == challenge.labels).mean() > 0.8


def test_a_class_that_only_one_fold_has_is_no_obstacle():
    x, score = numbers(40)
    labels = (score > 0).astype(np.int64)
    labels[7] = 2
    rows = Rows(x, Classes(labels, ("a", "b", "c")))
    assert dataclasses.replace(LinearMember(), count=2).fit(rows, 1).predict(x).shape == (40, 3)
