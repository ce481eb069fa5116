"""Boosting, stage by stage: trees of one variable add up, each to what those before it have left.

A curve with a step is told through noise. A few trees are blocks, some dozens follow the curve, and
hundreds at full rate follow the noise too: the training error falls on, the test error turns. At a
smaller rate more trees are wanted, and they end nearer to the curve (Friedman 2001, figure 1).
"""

from typing import Any

import numpy as np

from rosenblatt.classic import BoostedTreesRegressor
from rosenblatt.gallery.runner import SEED, Settings, in_words
from rosenblatt.kernels.core.elementwise import sin
from rosenblatt.report.style import BLUE, GREEN, GREY, ORANGE, figure

NOISE, LEAVES = 0.3, 4
STAGES = 1, 3, 10, 30, 100, 300
RATES = {"1": (1.0, ORANGE), "1/3": (1 / 3, GREEN), "1/10": (0.1, BLUE)}


def curve(x: np.ndarray) -> np.ndarray:
    """Return the true values at x [N], a wave that drops by one at 0.6."""
    return sin(x * 9) - (x > 0.6)


def drawn(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return places x [N, 1] from 0 to 1, and values [N] with noise on them."""
    x = np.sort(rng.random(count))
    return x[:, None], curve(x) + NOISE * (rng.random((12, count)).sum(0) - 6)


def staged(x: np.ndarray, y: np.ndarray, rate: float) -> dict[int, BoostedTreesRegressor]:
    """Return machines of as many trees as STAGES says, each the beginning of the next."""
    return {
        rounds: BoostedTreesRegressor(
            rounds=rounds, rate=rate, leaves=LEAVES, l2=0.0, least_rows=3, rows=1.0, columns=1.0
        ).fit(x, y)
        for rounds in STAGES
    }


def off(machine: BoostedTreesRegressor, x: np.ndarray, y: np.ndarray) -> float:
    """Return the root of the mean squared error on rows x [N, 1] of values y [N]."""
    return round(float(np.sqrt(np.square(machine.predict(x) - y).mean())), 4)


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    x, y = drawn(60 if settings.quick else 200, rng)
    asked, truth = drawn(2000, rng)
    machines = {name: staged(x, y, rate) for name, (rate, _) in RATES.items()}
    figures: dict[str, Any] = {"rows": len(x), "noise": NOISE}
    for name, stages in machines.items():
        figures[f"rate {name}"] = errors = {
            f"{rounds} trees": {"train": off(one, x, y), "test": off(one, asked, truth)}
            for rounds, one in stages.items()
        }
        settings.say(f"rate {name}: {in_words(errors)}")
    draw((x, y), machines, figures, settings)
    return figures


def draw(
    known: tuple[np.ndarray, np.ndarray],
    machines: dict[str, dict[int, BoostedTreesRegressor]],
    figures: dict[str, Any],
    settings: Settings,
) -> None:
    """Draw the sum of the trees at some stages, and the errors by their number."""
    fine = np.linspace(0, 1, 1001)
    with figure(settings.picture, 17, 9) as drawing:
        axes: Any = drawing.subplot_mosaic([["1", "10", "300"], ["errors"] * 3])
        for rounds in (1, 10, 300):
            panel = axes[str(rounds)]
            panel.plot(*known, ".", color=GREY, ms=2)
            panel.plot(fine, curve(fine), color="black", lw=0.8)
            panel.plot(fine, machines["1"][rounds].predict(fine[:, None]), color=ORANGE)
            panel.set_title(f"rate 1: {rounds} tree{'s' * (rounds > 1)}")
        for name, (_, color) in RATES.items():
            errors = figures[f"rate {name}"].values()
            for part, line in (("train", "--"), ("test", "-")):
                axes["errors"].semilogx(
                    STAGES, [error[part] for error in errors], line, color=color,
                    label=f"rate {name}, {part}",
                )  # fmt: skip
        axes["errors"].axhline(NOISE, color=GREY, lw=0.6)
        axes["errors"].set(xlabel="trees", ylabel="root mean squared error")
        axes["errors"].legend(ncols=3, fontsize="x-small")
