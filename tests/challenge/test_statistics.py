"""Tests and intervals against closed forms, exact fractions and drawn data."""

import math
from fractions import Fraction

import numpy as np
import pytest

from rosenblatt.challenge.statistics import (
    compare,
    corrected_t_test,
    incomplete_beta,
    mcnemar,
    private_interval,
)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0, 2.5, 40.0])
def test_student_tails_have_closed_forms(t):
    cauchy = 1 - 2 / math.pi * math.atan(t)
    assert incomplete_beta(0.5, 0.5, 1 / (1 + t * t)) == pytest.approx(cauchy, rel=1e-12)
    two = 1 - t / math.sqrt(2 + t * t)
    assert incomplete_beta(1, 0.5, 2 / (2 + t * t)) == pytest.approx(two, rel=1e-9)


@pytest.mark.parametrize(("a", "b"), [(3, 5), (1, 7), (40, 2)])
def test_whole_numbers_give_binomial_tails(a, b):
    x, n = Fraction(3, 10), a + b - 1
    tail = sum(math.comb(n, k) * x**k * (1 - x) ** (n - k) for k in range(a, n + 1))
    assert incomplete_beta(a, b, 0.3) == pytest.approx(float(tail), rel=1e-12)


def test_mcnemar_by_hand():
    assert mcnemar(0, 5) == 2 / 32
    assert mcnemar(3, 3) == 1
    assert mcnemar(0, 0) == 1
    assert mcnemar(1, 9) == 2 * 11 / 1024


def test_the_corrected_t_test_is_the_plain_one_without_overlap():
    difference = np.array([1.0, 3.0])  # t = 2 with one degree of freedom
    assert corrected_t_test(difference, 0) == pytest.approx(1 - 2 / math.pi * math.atan(2))
    assert corrected_t_test(difference, 0.25) > corrected_t_test(difference, 0)
    assert corrected_t_test(np.zeros(5), 0.25) == 1


def test_the_interval_holds_in_95_of_100_worlds():
    rng = np.random.default_rng(3)
    inside = 0
    for _ in range(400):
        truth = 0.9 + 0.1 * rng.random()
        validated = int((rng.random(1000) < truth).sum())
        score = (rng.random(300) < truth).sum() / 300
        low, high = private_interval(validated, 1000, 300)
        inside += low <= score <= high
    assert 0.92 < inside / 400 < 0.99
    assert private_interval(1000, 1000, 100)[1] == 1
    assert private_interval(0, 50, 100)[0] == 0


def test_a_comparison_tells_luck_from_skill():
    rng = np.random.default_rng(4)
    fold = np.array([rng.permutation(500) % 5 for _ in range(2)])
    base = rng.random((2, 500)) < 0.9
    coin = base ^ (rng.random((2, 500)) < 0.02)
    better = base | (rng.random((2, 500)) < 0.7)
    assert compare(coin, base, fold).luck
    found = compare(better, base, fold)
    assert not found.luck
    assert found.only_b == 0
    assert found.difference == pytest.approx(better.mean() - base.mean())
