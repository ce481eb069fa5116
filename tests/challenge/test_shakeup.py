"""Places and their moves, against hand counts and against the binomial law."""

import numpy as np
import pytest

from rosenblatt.challenge.shakeup import places, shakeup
from rosenblatt.errors import UserError


def hits(right):
    return lambda rows: right[:, rows].mean(1)


def test_places_share_ties():
    assert places(np.array([5, 9, 5, 1])).tolist() == [2.5, 1, 2.5, 4]


def test_equal_submissions_never_move():
    right = np.tile(np.arange(40) % 3 > 0, (4, 1))
    moves = shakeup(hits(right), np.arange(40) < 12, np.random.default_rng(0))
    assert (moves.seen, moves.expected, moves.high) == (0, 0, 0)


def test_clear_winners_never_move_and_an_overfitted_one_does():
    right = np.zeros((3, 60), bool)
    right[0], right[1, :50], right[2, :20] = True, True, True
    public = np.arange(60) % 3 == 0
    assert shakeup(hits(right), public, np.random.default_rng(0)).seen == 0
    right[2] = public  # right on the public rows alone: from a share of the first place to the last
    moves = shakeup(hits(right), public, np.random.default_rng(0))
    assert moves.seen == pytest.approx((0.5 + 1 + 1.5) / 3 / 3, abs=0.35)
    assert moves.seen > moves.high


def test_the_spread_is_that_of_two_means():
    right = np.arange(120)[None] % 10 > 0
    moves = shakeup(hits(right), np.arange(120) < 40, np.random.default_rng(0))
    law = (0.9 * 0.1 * (1 / 40 + 1 / 80) * 120 / 119) ** 0.5  # drawn without replacement
    assert moves.spread[0] == pytest.approx(law, rel=0.06)


def test_splits_without_a_metric_are_left_out():
    def gains(rows):
        if rows[0]:
            raise UserError("one class alone")
        return np.array([1.0, 2.0])

    with pytest.raises(UserError):
        shakeup(gains, np.arange(9) < 3, np.random.default_rng(0))
