"""Rules against hand counts; learned ones find the good member and see through a cheat."""

import numpy as np
import pytest

from rosenblatt.metrics import find_metric
from rosenblatt.pipeline.rules import (
    Mean,
    Vote,
    gains,
    hits,
    search_weights,
    stack_rule,
    weights_rule,
)


def member(labels, accuracy, rng, classes=3):
    """Return votes [N, K] that are right with the given probability."""
    right = rng.random(len(labels)) < accuracy
    said = np.where(
        right, labels, (labels + 1 + rng.integers(0, classes - 1, len(labels))) % classes
    )
    votes = np.full((len(labels), classes), 0.5 / classes)
    votes[np.arange(len(labels)), said] += 0.5
    return votes.astype(np.float32)


@pytest.fixture
def world():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 600)
    return labels, np.array([member(labels, share, rng) for share in (0.5, 0.8, 0.8, 0.34)])


def test_mean_and_vote_by_hand():
    votes = np.array([[[0.6, 0.4]], [[0.1, 0.9]], [[0.6, 0.4]]])
    np.testing.assert_allclose(Mean(np.array([1, 1, 1]))(votes), [[1.3, 1.7]])
    np.testing.assert_allclose(Vote(np.array([1, 1, 1]))(votes), [[2, 1]])
    np.testing.assert_allclose(Vote(np.array([1, 3, 1]))(votes), [[2, 3]])


def test_weights_are_counts_and_never_worse_than_the_best_member(world):
    labels, votes = world
    weights = search_weights(votes, hits(labels))
    assert (weights == weights.round()).all()
    assert weights.sum() > 0
    together = (Mean(weights)(votes).argmax(1) == labels).mean()
    assert together >= max((v.argmax(1) == labels).mean() for v in votes)
    assert weights[3] < weights[1] + weights[2]


def test_one_perfect_member_is_taken_alone(world):
    labels, votes = world
    perfect = np.eye(3, dtype=np.float32)[labels]
    assert search_weights(np.array([*votes, perfect]), hits(labels)).tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("learn", [weights_rule, stack_rule])
def test_learned_rules_help_on_new_rows(world, learn):
    labels, votes = world
    extra = (find_metric("accuracy"),) if learn is weights_rule else ()
    rule = learn(votes[:, :400], labels[:400], *extra)
    right = (rule(votes[:, 400:]).argmax(1) == labels[400:]).mean()
    plain = (Mean(np.ones(4))(votes[:, 400:]).argmax(1) == labels[400:]).mean()
    assert right >= plain - 0.02
    assert right > 0.75


def told(labels, noise, rng):
    """Return shares of two classes [N, 2], the surer of the truth the less noise there is."""
    odds = np.exp((2 * labels - 1 + noise * rng.normal(size=len(labels))) * 2)
    return np.stack([1 / (1 + odds), odds / (1 + odds)], 1)


@pytest.mark.parametrize(
    "name", ["log_loss", "brier", "auc", "average_precision", "f1", "accuracy"]
)
def test_weights_are_the_best_of_all_for_the_metric(name):
    rng = np.random.default_rng(3)
    labels, metric = rng.integers(0, 2, 300), find_metric(name)
    votes = np.array([told(labels, noise, rng) for noise in (1.0, 1.2, 4.0)])
    own = find_metric("log_loss") if metric.wants == "labels" else metric

    def gain(weights):
        shares = np.tensordot(weights, votes, 1) / np.sum(weights)
        return own.gain(own(labels, shares[:, 1] if own.wants == "scores" else shares))

    found = search_weights(votes, gains(metric, labels))
    grid = [(a, b, 20 - a - b) for a in range(21) for b in range(21 - a)]
    assert gain(found) >= max(map(gain, grid)) - 2e-3
    assert gain(found) >= max(map(gain, np.eye(3)))
    np.testing.assert_array_equal(weights_rule(votes, labels, metric)(votes), Mean(found)(votes))


def test_stacking_mends_a_member_that_is_always_wrong_in_the_same_way(world):
    labels, _ = world
    wrong = np.eye(3, dtype=np.float32)[(labels + 1) % 3][None]
    assert (
        stack_rule(wrong[:, :300], labels[:300])(wrong[:, 300:]).argmax(1) == labels[300:]
    ).all()


def test_a_class_that_was_not_seen_gets_nothing(world):
    labels, votes = world
    seen = labels != 2
    found = stack_rule(votes[:, seen], labels[seen])(votes)
    assert (found[:, 2] == 0).all()
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)
