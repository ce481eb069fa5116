"""The perceptron's convergence: never more than (R / delta)^2 updates on data with a margin.

Novikoff (1962): let every x be at most R long and y w* x >= delta > 0 for some w* of length 1.
After k updates w = sum y x over the mistakes has w w* >= k delta, and |w|^2 <= k R^2, since each
mistake had y w x <= 0. So k delta <= |w| <= sqrt(k) R, which ends at k = (R / delta)^2.
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.runner import Settings
from rosenblatt.report.style import BLUE, GREEN, GREY, ORANGE, figure

MARGINS = 0.3, 0.2, 0.1, 0.05, 0.02, 0.01
DIMENSIONS = {2: BLUE, 10: GREEN, 50: ORANGE}
SAMPLES = 200


def with_margin(
    samples: int, dimensions: int, delta: float, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return x [N, D] in a ball of radius 1, y [N] of +1 and -1, and w* [D]: y w* x >= delta.

    x is moved along w*, away from the plane, until it keeps its distance.
    """
    direction = _ball(1, dimensions, rng)[0]
    direction /= np.linalg.norm(direction)
    x = _ball(samples, dimensions, rng)
    along = x @ direction
    across = x - along[:, None] * direction
    y = np.where(along > 0, 1.0, -1.0)
    kept = delta + (1 - delta) * np.abs(along)
    room = np.sqrt(1 - kept**2)
    length = np.linalg.norm(across, axis=1)
    across *= np.minimum(1, room / np.maximum(length, 1e-12))[:, None]
    return across + (y * kept)[:, None] * direction, y, direction


def _ball(samples: int, dimensions: int, rng: np.random.Generator) -> np.ndarray:
    """Return points [N, D] about evenly spread over directions, and over radii up to 1."""
    directions = rng.random((samples, 12, dimensions)).sum(1) - 6  # normal enough
    radii = rng.random((samples, 1)) ** (1 / dimensions)
    return radii * directions / np.linalg.norm(directions, axis=1, keepdims=True)


def learn(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return the weights [k + 1, D] before and after each of the k updates, until none is left."""
    w = np.zeros(x.shape[1])
    history = [w]
    mistaken = True
    while mistaken:
        mistaken = False
        for sample, sign in zip(x, y, strict=True):
            if sign * (w @ sample) <= 0:
                w = w + sign * sample
                history.append(w)
                mistaken = True
    return np.array(history)


def run(settings: Settings) -> dict[str, Any]:
    repeats = 2 if settings.quick else 10
    margins = MARGINS[:4] if settings.quick else MARGINS
    rng = np.random.default_rng(0)
    found: dict[int, list[tuple[float, int]]] = {}
    for dimensions in DIMENSIONS:
        found[dimensions] = []
        for delta in margins:
            for _ in range(repeats):
                x, y, direction = with_margin(SAMPLES, dimensions, delta, rng)
                margin = (y * (x @ direction)).min()
                radius = np.linalg.norm(x, axis=1).max()
                updates = len(learn(x, y)) - 1
                found[dimensions].append((float((radius / margin) ** 2), updates))
        shares = [updates / bound for bound, updates in found[dimensions]]
        settings.say(f"{dimensions} dimensions: at most {max(shares):.3f} of the bound")
    x, y, direction = with_margin(SAMPLES, 10, 0.03, np.random.default_rng(1))
    draw(found, (x, y, direction), settings)
    shares = [updates / bound for pairs in found.values() for bound, updates in pairs]
    return {
        "data_sets": len(shares),
        "within_the_bound": sum(share <= 1 for share in shares),
        "largest_share_of_the_bound": round(max(shares), 4),
        "updates_by_dimensions": {d: [k for _, k in pairs] for d, pairs in found.items()},
    }


def draw(
    found: dict[int, list[tuple[float, int]]],
    example: tuple[np.ndarray, np.ndarray, np.ndarray],
    settings: Settings,
) -> None:
    """Draw updates against the bound, and the proof's two inequalities on one set of data."""
    x, y, direction = example
    weights = learn(x, y)
    k = np.arange(len(weights))
    margin, radius = (y * (x @ direction)).min(), np.linalg.norm(x, axis=1).max()
    with figure(settings.picture, 16, 7) as drawing:
        left, right = drawing.subplots(1, 2)
        for (dimensions, pairs), marker in zip(found.items(), "os^", strict=True):
            left.loglog(*zip(*pairs, strict=True), marker, color=DIMENSIONS[dimensions], ms=3,
                        alpha=0.7, label=f"{dimensions} dimensions")  # fmt: skip
        ends = np.array([min(b for p in found.values() for b, _ in p),
                         max(b for p in found.values() for b, _ in p)])  # fmt: skip
        left.loglog(ends, ends, color=GREY, label="(R / delta)$^2$")
        left.set(xlabel="(R / delta)$^2$", ylabel="updates", title="updates never exceed the bound")
        left.legend()
        right.plot(k, radius * np.sqrt(k), color=ORANGE, label=r"R $\sqrt{k}$, from above")
        right.plot(k, np.linalg.norm(weights, axis=1), color="black", label="|w|")
        right.plot(k, weights @ direction, "--", color="black", label="w w*")
        right.plot(k, margin * k, color=BLUE, label="k delta, from below")
        right.set(xlabel="updates k", ylabel="length", title="the proof, on one set of data",
                  ylim=(0, 1.4 * radius * np.sqrt(k[-1])))  # fmt: skip
        right.legend()
