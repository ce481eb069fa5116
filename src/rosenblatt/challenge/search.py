"""Search for settings: at random, by successive halving, or where a Gaussian process hopes most.

A point is [d] between 0 and 1. Each search asks score(point, share) for the score of a training of
that share of the epochs; its next question depends on the seed and the answers alone, so that a
search that is started again, with its answers kept, goes on where it stopped.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.classic.cholesky import factor, solve, solve_lower
from rosenblatt.data.toml import read_toml, toml_value
from rosenblatt.errors import UserError
from rosenblatt.kernels.core.dot import dot
from rosenblatt.kernels.core.elementary import power
from rosenblatt.kernels.core.elementwise import exp, log, normal_share

Score = Callable[[np.ndarray, float], float]
ENOUGH = 3  # trials whose curves are known before one is stopped
FIRST = 5  # points drawn at random before a Gaussian process has enough to go by
CANDIDATES = 500
KEEP = 3  # halving keeps one in so many, and trains it so many times as long
LENGTHS, NOISES = (0.1, 0.2, 0.4, 0.8), (1e-4, 1e-2, 1e-1)


@dataclass(frozen=True)
class Range:
    """What a setting may be: a choice of values, or numbers from low to high."""

    key: str
    choices: tuple[Any, ...] = ()
    low: float = 0.0
    high: float = 0.0
    log: bool = False
    whole: bool = False

    def setting(self, place: float) -> str:
        """Return KEY=VALUE for a place between 0 and 1."""
        if self.choices:
            value = self.choices[min(int(place * len(self.choices)), len(self.choices) - 1)]
            return f"{self.key}={toml_value(value)}"
        if self.log:
            value = self.low * float(power(self.high / self.low, place))
        else:
            value = self.low + place * (self.high - self.low)
        return f"{self.key}={round(value) if self.whole else float(f'{value:.4g}')}"


def read_ranges(path: Path) -> list[Range]:
    """Return the ranges in a TOML file, in order of their keys.

    "network.dense" = [64, 128], or "network.rate" = { low = 0.01, high = 0.3, log = true }.
    Raises UserError: no TOML, no range, a range of another form.
    """
    table = read_toml(path)
    if not table:
        raise UserError(
            f'{path}: has no range; write "network.rate" = {{ low = 0.01, high = 0.3 }}.'
        )
    return [_range(path, key, table[key]) for key in sorted(table)]


def _range(path: Path, key: str, value: Any) -> Range:
    if isinstance(value, list) and value:
        return Range(key, tuple(value))
    if isinstance(value, dict) and {"low", "high"} <= value.keys() <= {"low", "high", "log"}:
        low, high, log = value["low"], value["high"], value.get("log", False)
        numbers = all(type(end) in (int, float) and math.isfinite(end) for end in (low, high))
        if numbers and type(log) is bool and low < high and (low > 0 or not log):
            whole = type(low) is type(high) is int
            return Range(key, (), float(low), float(high), log, whole)
    raise UserError(
        f"{path}: {key} = {value!r}; give a list of values, or low < high (above 0 with log)."
    )


def stopping_early(score: Score) -> Score:
    """Return the score with hopeless trials stopped by their learning curve.

    Each point is trained for a third of the epochs first; one that is then below the median of the
    thirds before it is stopped (Golovin et al. 2017, "Google Vizier", section 3.2.2). The third is
    a training of its own, with its schedule run to the end: one broken off in the middle, at a high
    rate, says little. A stopped point counts as its third and the usual gain of the rest.
    """
    thirds: list[float] = []
    gains: list[float] = []

    def scored(point: np.ndarray, share: float) -> float:
        third = score(point, share / KEEP)
        hopeless = len(thirds) >= ENOUGH and third < float(np.median(thirds))
        thirds.append(third)
        if hopeless:
            return third + math.fsum(gains) / len(gains)
        whole = score(point, share)
        gains.append(whole - third)
        return whole

    return scored


def random_search(dimensions: int, trials: int, rng: np.random.Generator, score: Score) -> None:
    """Ask for points drawn evenly (Bergstra & Bengio 2012), the hopeless ones not to the end."""
    score = stopping_early(score)
    for _ in range(trials):
        score(rng.random(dimensions), 1.0)


def halving_search(dimensions: int, trials: int, rng: np.random.Generator, score: Score) -> None:
    """Train many a little, the best third of them three times as long, and so on to the whole.

    Jamieson & Talwalkar 2016, "Non-stochastic best arm identification", with thirds for halves:
    what has learned little by then is stopped.
    """
    points = [rng.random(dimensions) for _ in range(trials)]
    rounds = 0
    while KEEP**rounds < trials:
        rounds += 1
    for rung in range(rounds, -1, -1):
        scores = [score(point, 1 / KEEP**rung) for point in points]
        best = sorted(range(len(points)), key=lambda index: (-scores[index], index))
        points = [points[index] for index in best[: max(1, len(points) // KEEP)]]


def gaussian_search(dimensions: int, trials: int, rng: np.random.Generator, score: Score) -> None:
    """Ask where the improvement to be expected is largest (Jones et al. 1998, equation 15).

    Hopeless points are not trained to the end.
    """
    score = stopping_early(score)
    points: list[np.ndarray] = []
    scores: list[float] = []
    for trial in range(trials):
        point = rng.random(dimensions)
        if trial >= FIRST:
            candidates = rng.random((CANDIDATES, dimensions))
            hope = expected_improvement(np.array(points), np.array(scores), candidates)
            point = candidates[int(hope.argmax())]
        points.append(point)
        scores.append(score(point, 1.0))


SEARCHES = {"random": random_search, "halving": halving_search, "gaussian": gaussian_search}


def expected_improvement(
    points: np.ndarray, scores: np.ndarray, candidates: np.ndarray
) -> np.ndarray:
    """Return the improvement on the best score so far to be expected at each candidate, [c].

    points [n, d] with scores [n]; candidates [c, d]. In units of the scores' spread.
    """
    spread = scores.std() if np.ptp(scores) else 1.0
    y = (scores - scores.mean()) / spread
    mean, deviation = posterior(points, y, candidates)
    gain = mean - y.max()
    z = gain / deviation
    density = exp(-0.5 * z * z) / math.sqrt(2 * math.pi)
    return gain * normal_share(z) + deviation * density


def posterior(
    points: np.ndarray, y: np.ndarray, candidates: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return a Gaussian process's mean and standard deviation at each candidate, two [c].

    Length and noise are those of a small grid with the largest likelihood of y [n]. Rasmussen &
    Williams 2006, algorithm 2.1.
    """
    best = None
    for length in LENGTHS:
        for noise in NOISES:
            gram = _gaussian(points, points, length) + noise * np.eye(len(points))
            root = factor(gram)
            weights = solve(root, y[:, None])[:, 0]
            likelihood = -0.5 * dot(y, weights) - float(log(np.diag(root)).sum())
            if best is None or likelihood > best[0]:
                best = likelihood, length, root, weights
    assert best is not None
    _, length, root, weights = best
    across = _gaussian(candidates, points, length)
    explained = solve_lower(root, across.T)
    variance = np.maximum(1 - (explained**2).sum(0), 1e-12)
    return (across * weights).sum(1), np.sqrt(variance)


def _gaussian(a: np.ndarray, b: np.ndarray, length: float) -> np.ndarray:
    squares = ((a[:, None] - b[None]) ** 2).sum(2)
    return exp(-0.5 * squares / (length * length))
