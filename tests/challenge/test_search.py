"""Searches on a hill whose top is known, and a Gaussian process against its definition."""

import numpy as np
import pytest

from rosenblatt.challenge.search import (
    SEARCHES,
    Range,
    expected_improvement,
    posterior,
    read_ranges,
    stopping_early,
)
from rosenblatt.errors import UserError


def hill(asked):
    """Return a score with its top at (0.3, 0.7); a shorter training is a little worse."""

    def score(point, share):
        asked.append((tuple(point), share))
        return 1 - float(((point - [0.3, 0.7]) ** 2).sum()) - 0.01 * (1 - share)

    return score


def best(method, trials, seed=0):
    asked = []
    SEARCHES[method](2, trials, np.random.default_rng(seed), hill(asked))
    return asked, min(np.hypot(p[0] - 0.3, p[1] - 0.7) for p, _ in asked)


@pytest.mark.parametrize("method", SEARCHES)
def test_a_search_is_a_function_of_its_seed(method):
    assert best(method, 8) == best(method, 8)
    assert best(method, 8, seed=1) != best(method, 8)


def test_a_gaussian_process_climbs_where_chance_strays():
    found = [best("gaussian", 20, seed)[1] for seed in range(4)]
    chance = [best("random", 20, seed)[1] for seed in range(4)]
    assert np.mean(found) < 0.06
    assert np.mean(found) < np.mean(chance) / 2


def test_halving_trains_few_for_long():
    asked, distance = best("halving", 9)
    shares = [share for _, share in asked]
    assert shares == [1 / 9] * 9 + [1 / 3] * 3 + [1]
    first = sorted(asked[:9], key=lambda a: np.hypot(a[0][0] - 0.3, a[0][1] - 0.7))
    assert {p for p, _ in asked[9:12]} == {p for p, _ in first[:3]}
    assert asked[12][0] == first[0][0]
    assert distance == np.hypot(first[0][0][0] - 0.3, first[0][0][1] - 0.7)
    assert len(best("halving", 1)[0]) == 1


def test_the_posterior_is_that_of_the_joint_gaussian():
    rng = np.random.default_rng(0)
    points, candidates = rng.random((6, 2)), rng.random((3, 2))
    y = np.sin(5 * points[:, 0]) + points[:, 1]
    y = (y - y.mean()) / y.std()
    mean, deviation = posterior(points, y, candidates)

    def gram(a, b, length):
        return np.array([[np.exp(-((p - q) ** 2).sum() / (2 * length**2)) for q in b] for p in a])

    fits = []
    for length in (0.1, 0.2, 0.4, 0.8):
        for noise in (1e-4, 1e-2, 1e-1):
            K = gram(points, points, length) + noise * np.eye(6)
            density = np.exp(-0.5 * y @ np.linalg.inv(K) @ y) / np.sqrt(np.linalg.det(K))
            fits.append((density, length, K))
    _, length, K = max(fits, key=lambda fit: fit[0])
    k = gram(candidates, points, length)
    np.testing.assert_allclose(mean, k @ np.linalg.inv(K) @ y, rtol=1e-6)
    variance = 1 - np.diag(k @ np.linalg.inv(K) @ k.T)
    np.testing.assert_allclose(deviation, np.sqrt(variance), rtol=1e-6)


def test_improvement_is_expected_as_drawing_says():
    points = np.array([[0.1], [0.5], [0.9]])
    scores = np.array([0.0, 1.0, 0.2])
    candidates = np.array([[0.6], [0.3]])
    y = (scores - scores.mean()) / scores.std()
    mean, deviation = posterior(points, y, candidates)
    draws = mean + deviation * np.random.default_rng(0).standard_normal((200_000, 2))
    expected = np.maximum(draws - y.max(), 0).mean(0)
    np.testing.assert_allclose(
        expected_improvement(points, scores, candidates), expected, atol=0.01
    )


def test_ranges(tmp_path):
    path = tmp_path / "r.toml"
    path.write_text(
        '"network.rate" = { low = 0.01, high = 1.0, log = true }\n"network.dense" = [64, 128]\n'
        '"features.scale" = ["unit", "standardise"]\n"network.epochs" = { low = 5, high = 10 }\n'
    )
    scale, dense, epochs, rate = read_ranges(path)
    assert [rate.setting(place) for place in (0, 0.5, 1)] == [
        "network.rate=0.01", "network.rate=0.1", "network.rate=1.0",
    ]  # fmt: skip
    assert [dense.setting(place) for place in (0, 0.49, 0.5, 1)] == [
        "network.dense=64", "network.dense=64", "network.dense=128", "network.dense=128",
    ]  # fmt: skip
    assert scale.setting(0.9) == 'features.scale="standardise"'
    assert {epochs.setting(p / 10) for p in range(11)} == {
        f"network.epochs={e}" for e in range(5, 11)
    }
    assert isinstance(rate, Range)


@pytest.mark.parametrize(
    "text",
    ["", "a = 3", "a = []", "a = { low = 1 }", "a = { low = 2, high = 1 }",
     "a = { low = 0, high = 1, log = true }", "a = { low = 0, high = 1, step = 2 }",
     "a = { low = nan, high = 1 }"],
)  # fmt: skip
def test_bad_ranges(tmp_path, text):
    (tmp_path / "r.toml").write_text(text + "\n")
    with pytest.raises(UserError):
        read_ranges(tmp_path / "r.toml")


def test_a_trial_below_the_median_of_the_others_is_stopped():
    asked = []

    def score(point, share):
        asked.append((point, share))
        return point * (0.5 if share < 1 else 1.0)  # the rest of the epochs doubles the score

    scored = stopping_early(score)
    assert [scored(point, 1.0) for point in (0.4, 0.8, 0.6)] == [0.4, 0.8, 0.6]
    assert asked == [(p, share) for p in (0.4, 0.8, 0.6) for share in (1 / 3, 1.0)]
    asked.clear()
    assert scored(0.2, 1.0) == pytest.approx(0.1 + (0.2 + 0.4 + 0.3) / 3)
    assert asked == [(0.2, 1 / 3)]
    assert scored(0.9, 1.0) == 0.9
