"""Places and their moves, against hand counts and against the binomial law."""

import numpy as np
import pytest

from rosenblatt.challenge.shakeup import places, shakeup, spread


def test_places_share_ties():
    assert places(np.array([5, 9, 5, 1])).tolist() == [2.5, 1, 2.5, 4]


def test_equal_submissions_never_move():
    right = np.tile(np.arange(40) % 3 > 0, (4, 1))
    moves = shakeup(right, np.arange(40) < 12, np.random.default_rng(0))
    assert (moves.seen, moves.expected, moves.high) == (0, 0, 0)


def test_clear_winners_never_move_and_an_overfitted_one_does():
    right = np.zeros((3, 60), bool)
    right[0], right[1, :50], right[2, :20] = True, True, True
    public = np.arange(60) % 3 == 0
    assert shakeup(right, public, np.random.default_rng(0)).seen == 0
    right[2] = public  # right on the public rows alone: from a share of the first place to the last
    moves = shakeup(right, public, np.random.default_rng(0))
    assert moves.seen == pytest.approx((0.5 + 1 + 1.5) / 3 / 3, abs=0.35)
    assert moves.seen > moves.high


def test_the_spread_is_that_of_drawn_boards():
    rng = np.random.default_rng(1)
    right = rng.random((4000, 120)) < 0.9
    difference = right[:, 40:].mean(1) - right[:, :40].mean(1)
    assert spread(0.9, 40, 80) == pytest.approx(difference.std(), rel=0.05)
