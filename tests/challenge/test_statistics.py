"""Tests and intervals against closed forms, exact counts and drawn data."""

from itertools import product

import numpy as np
import pytest

from rosenblatt.challenge.statistics import (
    compare,
    compare_answers,
    private_interval,
    resampled,
    sign_flips,
)
from rosenblatt.metrics import METRICS


def test_single_gains_give_the_exact_test_of_mcnemar():
    assert sign_flips(np.repeat([0, -1], [90, 5])) == pytest.approx(2 / 32)
    assert sign_flips(np.repeat([1, -1], [1, 9])) == pytest.approx(2 * 11 / 1024)
    assert sign_flips(np.repeat([1, -1], 3)) == 1
    assert sign_flips(np.zeros(7, np.int64)) == 1
    assert sign_flips(np.repeat([1, -1], [2100, 1900])) < 0.01  # sums beyond all float64 factorials


@pytest.mark.parametrize("seed", range(4))
def test_flipped_signs_are_all_counted(seed):
    gains = np.random.default_rng(seed).integers(-3, 4, 9)
    sums = [abs(np.dot(signs, gains)) for signs in product((-1, 1), repeat=9)]
    assert sign_flips(gains) == pytest.approx(np.mean(np.array(sums) >= abs(gains.sum())))


def test_equal_recipes_are_told_apart_as_often_as_promised():
    rng = np.random.default_rng(1)
    found = [sign_flips(rng.integers(-1, 2, 200)) <= 0.05 for _ in range(600)]
    assert 0.01 < np.mean(found) < 0.07


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
    base = rng.random((2, 500)) < 0.9
    coin = np.where(rng.random((2, 500)) < 0.05, rng.random((2, 500)) < 0.9, base)
    better = base | (rng.random((2, 500)) < 0.7)
    assert compare(coin, base).luck
    found = compare(better, base)
    assert not found.luck
    assert found.only_b == 0
    assert found.difference == pytest.approx(better.mean() - base.mean())


def test_many_rows_decide_though_the_folds_are_few():
    right_a = np.repeat([True, False, True], [19, 509, 472])[None]
    right_b = np.repeat([False, True, True], [19, 509, 472])[None]
    found = compare(right_a, right_b)
    assert (found.only_a, found.only_b, found.luck) == (19, 509, False)
    assert found.p < 1e-100


def test_repetitions_of_the_same_rows_are_no_further_rows():
    right_a, right_b = np.arange(100) < 58, np.arange(100) % 2 == 0
    once = compare(right_a[None], right_b[None])
    often = compare(np.tile(right_a, (8, 1)), np.tile(right_b, (8, 1)))
    assert often.p == pytest.approx(once.p)
    assert often.difference == once.difference


def test_equal_answers_are_told_apart_by_any_metric_as_often_as_promised():
    rng, found = np.random.default_rng(5), []
    for _ in range(60):
        truth = rng.normal(size=80)
        answers = (truth + rng.normal(size=80) for _ in range(2))
        found.append(compare_answers(METRICS["rmse"], truth, *answers).luck)
    assert np.mean(found) > 0.85


def test_a_better_answer_is_no_luck_and_its_difference_is_the_metrics():
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 300)
    good, bad = (truth + spread * rng.normal(size=300) for spread in (0.5, 2.0))
    result = compare_answers(METRICS["auc"], truth, good, bad)
    assert not result.luck
    assert result.difference == METRICS["auc"](truth, good) - METRICS["auc"](truth, bad)
    assert compare_answers(METRICS["auc"], truth, good, good).p == 1


def test_rows_drawn_again_spread_as_means_do():
    values = np.random.default_rng(7).normal(size=400)
    means = resampled(
        lambda places, times: float(np.average(values[places], weights=times)), 400, 100
    )
    assert np.std(means) == pytest.approx(np.std(values) / 10, rel=0.1)
