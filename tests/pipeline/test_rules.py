"""Rules against hand counts; learned ones find the good member and see through a cheat."""

import numpy as np
import pytest

from rosenblatt.pipeline.rules import (
    hits,
    mean_rule,
    search_weights,
    stack_rule,
    vote_rule,
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
    np.testing.assert_allclose(mean_rule(np.array([1, 1, 1]))(votes), [[1.3, 1.7]])
    np.testing.assert_allclose(vote_rule(np.array([1, 1, 1]))(votes), [[2, 1]])
    np.testing.assert_allclose(vote_rule(np.array([1, 3, 1]))(votes), [[2, 3]])


def test_weights_are_counts_and_never_worse_than_the_best_member(world):
    labels, votes = world
    weights = search_weights(votes, hits(labels))
    assert (weights == weights.round()).all()
    assert weights.sum() > 0
    together = (mean_rule(weights)(votes).argmax(1) == labels).mean()
    assert together >= max((v.argmax(1) == labels).mean() for v in votes)
    assert weights[3] < weights[1] + weights[2]


def test_one_perfect_member_is_taken_alone(world):
    labels, votes = world
    perfect = np.eye(3, dtype=np.float32)[labels]
    assert search_weights(np.array([*votes, perfect]), hits(labels)).tolist() == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("learn", [weights_rule, stack_rule])
def test_learned_rules_help_on_new_rows(world, learn):
    labels, votes = world
    rule = learn(votes[:, :400], labels[:400])
    right = (rule(votes[:, 400:]).argmax(1) == labels[400:]).mean()
    plain = (mean_rule(np.ones(4))(votes[:, 400:]).argmax(1) == labels[400:]).mean()
    assert right >= plain - 0.02
    assert right > 0.75


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
