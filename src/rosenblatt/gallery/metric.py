"""Metric learning: a network taught by pairs and triplets alone, judged by the nearest neighbour.

The network never learns what a class is, only which images are alike: the contrastive loss (Hadsell
et al. 2006) and the triplet loss (Schroff et al. 2015) bring those of one class near each other. An
image is then of the class of its nearest neighbour; so are images of classes never trained on.
"""

from typing import Any

import numpy as np

from rosenblatt.features.kmeans import assign
from rosenblatt.gallery.pictures import Pictures, pictures
from rosenblatt.gallery.runner import Settings, in_words
from rosenblatt.layers import Convolution, Dense, Flatten, MaxPooling, Module, Sequential
from rosenblatt.report.style import figure
from rosenblatt.train import Adam, Cosine, Plan
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.metric_losses import contrastive, triplet

LOSSES = {"contrastive": contrastive, "triplet": triplet}
BATCH = 40
UNSEEN = 2  # the last classes, of which no image is trained on


def network(size: int, shape: tuple[int, ...]) -> Module:
    """Return a convolutional network from images of `shape` to embeddings of `size` numbers."""
    module = Sequential([
        Convolution(16, 3, padding="same", activation="relu"), MaxPooling(2),
        Convolution(32, 3, padding="same", activation="relu"), MaxPooling(2),
        Flatten(), Dense(64, activation="relu"), Dense(size, initialiser="glorot_uniform"),
    ])  # fmt: skip
    module.build(shape, np.random.default_rng(0))
    return module


def nearest_neighbour(
    known: np.ndarray, labels: np.ndarray, asked: np.ndarray, truth: np.ndarray
) -> float:
    """Return the share of rows `asked` whose nearest row of `known` has their label."""
    flat = [np.ascontiguousarray(x.reshape(len(x), -1), np.float32) for x in (asked, known)]
    return float(np.mean(labels[assign(*flat)] == truth))


def train(module: Module, loss: Any, data: Pictures, steps: int) -> None:
    """Train on batches of images of the classes to be seen."""
    seen = np.flatnonzero(data.labels < len(data.classes) - UNSEEN)

    def batch(rng: np.random.Generator) -> Batch:
        some = seen[rng.integers(0, len(seen), BATCH)]
        return Batch((data.train[some],), data.labels[some])

    plan = Plan(
        1, optimiser=Adam(), schedule=Cosine(0.003), loss=loss, clip_norm=5.0, metric=None, seed=1
    )
    fit(module, Drawn(steps, batch), plan)


def among(data: Pictures, new: bool) -> list[np.ndarray]:
    """Return which rows of training and test images are of classes never seen, or of seen ones."""
    limit = len(data.classes) - UNSEEN
    return [np.flatnonzero((c >= limit) == new) for c in (data.labels, data.test_labels)]


def score(data: Pictures, known: np.ndarray, asked: np.ndarray) -> dict[str, float]:
    """Return the nearest neighbour's accuracy among the classes trained on, and among the others.

    known and asked are the embeddings of training and test images.
    """
    figures = {}
    for name, new in (("seen", False), ("unseen", True)):
        first, second = among(data, new)
        rows = known[first], data.labels[first], asked[second], data.test_labels[second]
        figures[name] = round(nearest_neighbour(*rows), 4)
    return figures


def run(settings: Settings) -> dict[str, Any]:
    steps = 50 if settings.quick else 1000
    data = pictures(settings)
    figures: dict[str, Any] = {"pixels": score(data, data.train, data.test)}
    planes = {}
    for name, loss in LOSSES.items():
        for size in (2, 16):
            module = network(size, data.train.shape[1:])
            train(module, loss, data, steps)
            known, asked = module(data.train), module(data.test)
            figures[f"{name}, {size} numbers"] = score(data, known, asked)
            if size == 2:
                planes[name] = asked
            settings.say(f"{name}, {size} numbers: {in_words(figures[f'{name}, {size} numbers'])}")
    draw(planes, data, settings)
    return {"steps": steps, "nearest_neighbour": figures}


def draw(planes: dict[str, np.ndarray], data: Pictures, settings: Settings) -> None:
    """Draw the test images' embeddings in the plane, each as its class's name."""
    from matplotlib import colormaps

    colors = colormaps["tab10"].colors  # type: ignore[attr-defined]
    with figure(settings.picture, 17, 9) as drawing:
        for axes, (name, points) in zip(
            drawing.subplots(1, len(planes)), planes.items(), strict=True
        ):
            for label, (x, y) in zip(data.test_labels, points, strict=True):
                new = label >= len(data.classes) - UNSEEN
                axes.text(
                    x, y, data.classes[label][:3], color=colors[label % 10],
                    fontsize=7 if new else 5, weight="bold" if new else "normal",
                    ha="center", va="center",
                )  # fmt: skip
            room = 0.05 * np.ptp(points, axis=0)  # for half a name
            low, high = points.min(0) - room, points.max(0) + room
            axes.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]))
            axes.set_title(f"{name}: test images; bold, classes never trained on")
