"""A recurrence over a grid: which pixels lie inside a closed line? A window cannot tell.

Multi-dimensional recurrent layers (Graves 2007) sweep an image from its four corners. Whether a
pixel is inside depends on walls any distance away, so a convolution of a few pixels must guess.
"""

from typing import Any

import numpy as np

from rosenblatt.gallery.runner import SEED, EpochLog, Settings, in_words
from rosenblatt.layers import Concat, Convolution, Dense, GridRecurrent, Module, Sequential
from rosenblatt.report.style import bare, figure
from rosenblatt.train import Adam, OneCycle, Plan
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit

SIDE, BATCH = 14, 32
CORNERS = ("top left", "top right", "bottom left", "bottom right")


def drawings(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return images [N, 14, 14, 1] of a closed and an open rectangle, and what is enclosed.

    The open one has two or three sides; where both meet they may enclose more than one room.
    """
    images = np.zeros((count, SIDE, SIDE, 1), np.float32)
    for n in range(count):
        top, left, bottom, right = _rectangle(rng)
        sides = [(top, slice(left, right + 1)), (bottom, slice(left, right + 1)),
                 (slice(top, bottom + 1), left), (slice(top, bottom + 1), right)]  # fmt: skip
        for number in rng.permutation(4)[: int(rng.integers(2, 4))]:
            images[n, *sides[number], 0] = 1
        top, left, bottom, right = _rectangle(rng)
        images[n, top : bottom + 1, left : right + 1, 0] = 1
        images[n, top + 1 : bottom, left + 1 : right, 0] = 0
    return images, enclosed(images[..., 0] > 0)


def enclosed(walls: np.ndarray) -> np.ndarray:
    """Return 1 for what water from the border does not reach past walls [N, H, W], 0 elsewhere."""
    free = np.pad(~walls, ((0, 0), (1, 1), (1, 1)), constant_values=True)
    wet = np.zeros_like(free)
    wet[:, 0, 0] = True
    before = 0
    while wet.sum() > before:
        before = int(wet.sum())
        wet[:, 1:] |= wet[:, :-1]
        wet[:, :-1] |= wet[:, 1:]
        wet &= free
        wet[:, :, 1:] |= wet[:, :, :-1]
        wet[:, :, :-1] |= wet[:, :, 1:]
        wet &= free
    return (free & ~wet)[:, 1:-1, 1:-1].astype(np.int64)


def _rectangle(rng: np.random.Generator) -> tuple[int, int, int, int]:
    """Return top, left, bottom and right of a rectangle at least five pixels wide and high."""
    ends = []
    for _ in range(2):
        first = int(rng.integers(0, SIDE - 5))
        ends.append((first, int(rng.integers(first + 4, min(SIDE, first + 10)))))
    return ends[0][0], ends[1][0], ends[0][1], ends[1][1]


def sweeping(units: int) -> Module:
    """Return two layers, each of a sweep from every corner, and a decision for each pixel."""
    layers: list[Module] = [
        Concat([GridRecurrent(units, corner) for corner in CORNERS]) for _ in range(2)
    ]
    return Sequential([*layers, Dense(2, initialiser="glorot_uniform")])


def convolving(units: int) -> Module:
    """Return two convolutions of 5 x 5: each pixel sees 9 x 9 around it."""
    layers: list[Module] = [
        Convolution(4 * units, 5, padding="same", activation="relu") for _ in range(2)
    ]
    return Sequential([*layers, Dense(2, initialiser="glorot_uniform")])


def overlap(module: Module, images: np.ndarray, inside: np.ndarray) -> float:
    """Return the intersection over union of the pixels predicted inside and those that are."""
    predicted = module(images).argmax(axis=-1) == 1
    return float((predicted & (inside == 1)).sum() / (predicted | (inside == 1)).sum())


def batch(rng: np.random.Generator) -> Batch:
    """Return new drawings to learn from."""
    images, inside = drawings(BATCH, rng)
    return Batch((images,), inside)


def run(settings: Settings) -> dict[str, Any]:
    steps = 20 if settings.quick else 2500
    images, inside = drawings(200, np.random.default_rng(99))
    modules = {"sweeps": sweeping(10), "convolutions": convolving(10)}
    figures: dict[str, Any] = {"steps": steps, "test_images": len(images)}
    for name, module in modules.items():
        module.build((SIDE, SIDE, 1), np.random.default_rng(SEED))
        plan = Plan(
            1, optimiser=Adam(), schedule=OneCycle(0.01), clip_norm=1.0, metric=None, seed=1,
            callbacks=(EpochLog(settings, name),),
        )  # fmt: skip
        fit(module, Drawn(steps, batch), plan)
        figures[name] = {
            "overlap": round(overlap(module, images, inside), 4),
            "parameters": sum(p.value.size for p in module.parameters().values()),
        }
        settings.say(f"{name}: {in_words(figures[name])}")
    draw(modules, images[:4], inside[:4], settings)
    return figures


def draw(modules: dict[str, Module], images, inside, settings: Settings) -> None:
    """Draw images, the truth, and each network's chance of inside."""
    rows = {"image": images[..., 0], "inside": inside}
    for name, module in modules.items():
        logits = module(images).astype(np.float64)
        rows[name] = 1 / (1 + np.exp(logits[..., 0] - logits[..., 1]))
    with figure(settings.picture, 12, 12) as drawing:
        panels = drawing.subplots(len(rows), len(images))
        for line, (name, pictures) in zip(panels, rows.items(), strict=True):
            line[0].set_ylabel(name)
            for axes, picture in zip(line, pictures, strict=True):
                axes.imshow(picture, cmap="Greys", vmin=0, vmax=1)
                bare(axes)
                axes.spines[:].set_visible(True)
