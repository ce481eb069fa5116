"""Disagreement and gain of an ensemble, counted by hand."""

import numpy as np
import pytest

from rosenblatt.challenge.diversity import diversity
from rosenblatt.challenge.evaluation import Evaluation


def votes(*choices):
    return np.eye(2, dtype=np.float32)[list(choices)]


def test_members_that_err_apart():
    members = np.array([votes(1, 0, 0, 0), votes(0, 1, 0, 0), votes(0, 0, 1, 1)])[None]
    found = diversity(Evaluation(["a", "b", "c"], members, members.sum(1), None), np.zeros(4, int))
    assert (found.best, found.best_name) == (0.75, "a")
    assert found.mean == pytest.approx((0.75 + 0.75 + 0.5) / 3)
    assert found.gain == 0.25
    assert found.disagreement == [[0, 0.5, 0.75], [0.5, 0, 0.75], [0.75, 0.75, 0]]
    assert found.pairwise == pytest.approx((0.5 + 0.75 + 0.75) / 3)


def test_one_member_has_none():
    members = votes(0, 1)[None, None]
    assert diversity(Evaluation(["a"], members, members[:, 0], None), np.zeros(2, int)) is None
