"""Feature learning without a network: a kernel machine finds the pixels that its answer hangs on.

Images of noise are of the second class where the pixels on a ring, which nobody marks, are bright
on the whole. The Laplacian kernel counts all pixels alike; a recursive feature machine
(Radhakrishnan et al. 2024) counts them by the slopes of what it has learned, and learns again.
"""

from typing import Any

import numpy as np

from rosenblatt.classic import FeatureMachineClassifier
from rosenblatt.gallery.runner import SEED, Settings, in_words
from rosenblatt.report.style import bare, figure

SIDE = 16
RING = 3.5, 5.0  # from the middle of the image, in pixels


def relevant() -> np.ndarray:
    """Return which pixels lie on the ring, [16, 16] bool."""
    place = np.arange(SIDE) - (SIDE - 1) / 2
    distance = np.hypot(place[:, None], place)
    return (distance >= RING[0]) & (distance < RING[1])


def images(count: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return images of noise as rows [N, 256], and whether the ring of each is bright."""
    x = rng.random((count, SIDE * SIDE), np.float32)
    return x, (x[:, relevant().reshape(-1)].mean(1) > 0.5).astype(np.int64)


def found(metric: np.ndarray) -> float:
    """Return the share of the ring's pixels among as many that the metric [256] counts most."""
    ring = relevant().reshape(-1)
    return float(ring[np.argsort(-metric, kind="stable")[: ring.sum()]].mean())


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    x, labels = images(200 if settings.quick else 800, rng)
    new, truth = images(1000, rng)
    figures: dict[str, Any] = {"images": len(x), "pixels": int(relevant().sum())}
    metrics = {}
    for rounds in range(2 if settings.quick else 4):
        machine = FeatureMachineClassifier(rounds).fit(x, labels)
        name = f"{rounds} round{'s' * (rounds != 1)}"
        metrics[name] = machine.metric_
        figures[name] = {"accuracy": round(machine.score(new, truth), 4)}
        if rounds:  # before, all pixels count alike
            figures[name]["found"] = round(found(machine.metric_), 4)
        settings.say(f"{name}: {in_words(figures[name])}")
    draw({"an image": new[0], "what counts": relevant() * 1.0} | metrics, settings)
    return figures


def draw(pictures: dict[str, np.ndarray], settings: Settings) -> None:
    """Draw an image, its ring, and the metric after each number of rounds."""
    with figure(settings.picture, 3 * len(pictures), 3.9) as drawing:
        panels = drawing.subplots(1, len(pictures))
        drawing.supxlabel("the darker a pixel, the more it counts", fontsize=8)
        for axes, (name, picture) in zip(panels, pictures.items(), strict=True):
            axes.imshow(picture.reshape(SIDE, SIDE), cmap="Greys", vmin=0, vmax=1)
            axes.set_title(name)
            bare(axes)
            axes.spines[:].set_visible(True)
