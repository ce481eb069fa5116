"""Regression: where the object in a picture is, learned by squares, by amounts, by Huber's loss.

A fifth of the targets is wrong: whoever wrote them left 0, 0 where the place was not known. Squares
aim at the mean of what the targets say, so that every answer is drawn towards that corner; the
amounts of the errors aim at the median, which a fifth cannot move; Huber's loss (1964) is a square
near the target and an amount beyond. The same networks also learn from the true places alone.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.detection.scenes import make_scene
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Flatten,
    MaxPooling,
    Module,
    ReLU,
    Sequential,
)
from rosenblatt.report.style import BLUE, GREEN, ORANGE, bare, few_shades, figure
from rosenblatt.train import Adam, Cosine, Plan, mean_squared_error
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.robust import huber, mean_absolute_error

SIDE, BATCH, WIDTH = 48, 32, 0.1
LOSSES: dict[str, tuple[Callable[..., tuple[float, np.ndarray]], str]] = {
    "squares": (mean_squared_error, ORANGE),
    "amounts": (mean_absolute_error, GREEN),
    "Huber": (partial(huber, width=WIDTH), BLUE),
}


class Places(NamedTuple):
    """Images [N, H, W, 3] and the middle of the object in each, [N, 2] in shares of the sides."""

    images: np.ndarray
    middles: np.ndarray


def places(count: int, first: int) -> Places:
    """Return so many scenes of one object each, from the seed `first` on."""
    scenes = [make_scene(np.random.default_rng(first + n), SIDE, 1) for n in range(count)]
    some = [scene for scene in scenes if len(scene.boxes)]  # an object may find no room
    boxes = np.stack([scene.boxes[0] for scene in some])
    middles = ((boxes[:, :2] + boxes[:, 2:]) / (2 * SIDE)).astype(np.float32)
    return Places(np.stack([scene.image - np.float32(0.5) for scene in some]), middles)


def spoiled(middles: np.ndarray, share: float) -> np.ndarray:
    """Return targets of which a share is left at 0."""
    targets = middles.copy()
    targets[np.random.default_rng(3).permutation(len(targets))[: round(share * len(targets))]] = 0
    return targets


def network() -> Module:
    """Return a network from an image to two numbers."""
    layers: list[Module] = []
    for filters in (16, 32, 32):
        layers += [Convolution(filters, 3, padding="same"), BatchNormalisation(), ReLU()]
        layers.append(MaxPooling(2))
    module = Sequential([*layers, Flatten(), Dense(64, activation="relu"), Dense(2)])
    module.build((SIDE, SIDE, 3), np.random.default_rng(0))
    return module


def learned(known: Places, targets: np.ndarray, loss: Any, steps: int) -> Module:
    """Return a network that has learned the targets by a loss."""
    module = network()

    def batch(rng: np.random.Generator) -> Batch:
        some = rng.integers(0, len(targets), BATCH)
        return Batch((known.images[some],), targets[some])

    plan = Plan(
        1, optimiser=Adam(), schedule=Cosine(0.003), loss=loss, clip_norm=5.0, metric=None, seed=1
    )
    fit(module, Drawn(steps, batch), plan)
    return module


def run(settings: Settings) -> dict[str, Any]:
    count, steps = (40, 2) if settings.quick else (1200, 400)
    known, asked = places(count, 0), places(count // 4, 100_000)
    figures: dict[str, Any] = {}
    answers = {}
    for name, (loss, _) in LOSSES.items():
        for share in (0.0, 0.2):
            module = learned(known, spoiled(known.middles, share), loss, steps)
            answers[name] = module(asked.images)
            off = np.sqrt(((answers[name] - asked.middles) ** 2).sum(1)) * SIDE
            key = f"{name}, {share:.0%} of the targets wrong"
            figures[key] = {"mean": round(float(off.mean()), 2),
                            "median": round(float(np.median(off)), 2)}  # fmt: skip
            settings.say(f"{key}: {in_words(figures[key])} pixels off")
    draw(asked, answers, settings)
    return {"scenes": len(known.images), "test_scenes": len(asked.images), "side": SIDE,
            "steps": steps, "pixels_off": figures}  # fmt: skip


def draw(asked: Places, answers: dict[str, np.ndarray], settings: Settings) -> None:
    """Draw the losses, some scenes with the answers, and answers against truth."""
    with figure(settings.picture, 17, 9) as drawing:
        halves: Any = drawing.subfigures(2, 1, height_ratios=(4, 5))
        above, below = halves
        panels = above.subplots(1, 5)
        for axes, image, middle, n in zip(
            panels, asked.images, asked.middles, range(5), strict=False
        ):
            axes.imshow(few_shades(image + 0.5))
            bare(axes)
            axes.plot(*middle[::-1] * SIDE - 0.5, "+", color="black", ms=9, mew=3,
                      label="truth")  # fmt: skip
            axes.plot(*middle[::-1] * SIDE - 0.5, "+", color="white", ms=8, mew=1)
            for name, (_, color) in LOSSES.items():
                axes.plot(*answers[name][n][::-1] * SIDE - 0.5, "o", color=color, ms=4,
                          mec="white", mew=0.5, label=name)  # fmt: skip
            axes.set(xlim=(-0.5, SIDE - 0.5), ylim=(SIDE - 0.5, -0.5))  # an answer may lie outside
        above.legend(*panels[0].get_legend_handles_labels(), loc="outside lower center", ncols=4)
        left, *others = below.subplots(1, 4)
        gaps = np.linspace(-0.5, 0.5, 201)
        for name, (loss, color) in LOSSES.items():
            values = np.array([loss(np.array([gap]), np.zeros(1))[0] for gap in gaps])
            left.plot(gaps, values / values.max(), color=color, label=name)
        left.set(title="losses, the largest 1", xlabel="error")
        for axes, (name, (_, color)) in zip(others, LOSSES.items(), strict=True):
            axes.plot([0, 1], [0, 1], color="0.7", lw=0.8)
            axes.plot(asked.middles.ravel(), answers[name].ravel(), ".", color=color, ms=2)
            axes.set(title=f"{name}, a fifth wrong", xlabel="true place", xlim=(0, 1),
                     ylim=(0, 1), aspect="equal")  # fmt: skip
        others[0].set_ylabel("answer")
