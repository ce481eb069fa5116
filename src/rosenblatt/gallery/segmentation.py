"""A class for every pixel: fully convolutional networks, from coarse to fine, and a random field.

FCN-32 learns first, FCN-16 goes on from its weights, FCN-8 from those (Long et al. 2015); beside
them the same with enlarging that stays bilinear; at the end a dense random field (Kraehenbuehl &
Koltun 2011). Before, what makes this possible: dense layers read as convolutions score all patches
of an image at once. On scenes made by rule, or with --data on a pedestrians.npz, in five folds.
"""

import time
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.detection.reading import read_pedestrians
from rosenblatt.detection.scenes import CLASSES, Scene, make_scene
from rosenblatt.gallery.runner import Settings
from rosenblatt.gallery.training import Trainer
from rosenblatt.layers import Convolution, Dense, Flatten, MaxPooling, Module, Sequential
from rosenblatt.models.dense_evaluation import as_convolutions, patches
from rosenblatt.models.fully_convolutional import FullyConvolutional, intersection_over_union
from rosenblatt.models.random_field import MeanField
from rosenblatt.report.style import bare, figure
from rosenblatt.train.optimisers import Adam
from rosenblatt.train.schedules import Cosine

BATCH = 8
WIDTHS = (16, 32, 64, 64, 64)


class Pixels(NamedTuple):
    """Images [N, H, W, 3] of equal size, and the class of each pixel [N, H, W], -1 outside."""

    images: np.ndarray
    truth: np.ndarray


def pixels(scenes: list[Scene], side: int) -> Pixels:
    """Return scenes in squares of `side` pixels; class 0 is the background."""
    images = np.zeros((len(scenes), side, side, 3), np.float32)
    truth = np.full((len(scenes), side, side), -1)
    for n, scene in enumerate(scenes):
        rows, columns, _ = scene.image.shape
        assert scene.instance is not None
        images[n, :rows, :columns] = scene.image - np.float32(0.5)
        classes = np.concatenate([[0], scene.labels + 1])
        truth[n, :rows, :columns] = classes[scene.instance]
    return Pixels(images, truth)


def train(network: Module, data: Pixels, epochs: int, rate: float = 0.005) -> None:
    """Train on images in random order, half of them mirrored."""
    rng = np.random.default_rng(1)
    batches = max(1, len(data.images) // BATCH)
    trainer = Trainer(network, epochs * batches, optimiser=Adam(), schedule=Cosine(rate), clip=5.0)
    for _ in range(epochs):
        order = rng.permutation(len(data.images))
        for first in range(batches):
            some = order[first * BATCH : (first + 1) * BATCH]
            way = 1 if rng.random() < 0.5 else -1
            images = np.ascontiguousarray(data.images[some][:, :, ::way])
            trainer.learn((images,), np.ascontiguousarray(data.truth[some][:, :, ::way]))


def logits(network: Module, images: np.ndarray) -> np.ndarray:
    """Return the network's outputs, one image at a time."""
    return np.concatenate([network(images[n : n + 1]).copy() for n in range(len(images))])


def overlaps(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return the mean intersection over union of all classes, and of those but the background."""
    found = intersection_over_union(scores.argmax(-1), truth, scores.shape[-1])
    known = [value for value in found if value is not None]
    return {"mean": round(float(np.mean(known)), 4), "things": round(float(np.mean(known[1:])), 4)}


def chain(data: Pixels, classes: int, epochs: int, learned: bool) -> dict[str, FullyConvolutional]:
    """Return FCN-32, FCN-16 and FCN-8, each trained from the one before."""
    networks: dict[str, FullyConvolutional] = {}
    before = None
    for stride in (32, 16, 8):
        network = FullyConvolutional(classes, list(WIDTHS), stride, learned)
        network.build(data.images.shape[1:], np.random.default_rng(0))
        if before is not None:
            network.begin_from(before)
        train(network, data, epochs)
        networks[f"FCN-{stride}"] = before = network
    return networks


def field(scores: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return the logits after mean field, with the settings that MeanField has by default."""
    layer = MeanField()
    layer.build((scores.shape[1:], images.shape[1:]), None)
    parts = [layer(scores[n : n + 1], images[n : n + 1]) for n in range(len(scores))]
    return np.concatenate(parts)


def at_once(side: int, sizes: tuple[int, int]) -> dict[str, float]:
    """Compare scoring all patches of an image at once with one by one: difference and times."""
    patch, stride = sizes
    rng = np.random.default_rng(0)
    layers: list[Module] = [
        Convolution(8, 3, activation="relu"), MaxPooling(2), Convolution(16, 3, activation="relu"),
        MaxPooling(2), Flatten(), Dense(32, activation="relu"), Dense(2),
    ]  # fmt: skip
    single = Sequential(layers)
    single.build((patch, patch, 3), rng)
    dense = as_convolutions(layers, (patch, patch, 3))
    image = rng.random((side, side, 3)).astype(np.float32)
    every = patches(image, patch, stride)
    flat = np.ascontiguousarray(every).reshape(-1, patch, patch, 3)
    seconds, outputs = [], []
    for module, given in ((dense, image[None]), (single, flat)):
        module(given[:256])  # compiles
        start = time.perf_counter()
        parts = [module(given[n : n + 256]) for n in range(0, len(given), 256)]
        seconds.append(time.perf_counter() - start)
        outputs.append(np.concatenate([part.reshape(-1, 2) for part in parts]))
    gap = float(np.abs(outputs[0] - outputs[1]).max())
    return {"patches": len(flat), "largest_difference": gap,
            "times_faster": round(seconds[1] / seconds[0], 1)}  # fmt: skip


def run(settings: Settings) -> dict[str, Any]:
    side, epochs, folds = (192, 40, 5) if settings.data else (64, 25, 1)
    if settings.quick:
        epochs, folds = 6, 1
    figures: dict[str, Any] = {"all_patches_at_once": at_once(128, (46, 4))}
    settings.say(f"all patches at once: {figures['all_patches_at_once']}")
    if settings.data:
        scenes, classes = read_pedestrians(settings.data), 2
    else:
        count = 40 if settings.quick else 200
        scenes = [make_scene(np.random.default_rng(seed), side) for seed in range(count)]
        classes = 1 + len(CLASSES)
    results: dict[str, list[dict[str, float]]] = {}
    for fold in range(folds):
        kept = [n % 5 != fold for n in range(len(scenes))]
        known = pixels([s for s, keep in zip(scenes, kept, strict=True) if keep], side)
        asked = pixels([s for s, keep in zip(scenes, kept, strict=True) if not keep], side)
        drawn = one_fold(known, asked, classes, epochs)
        for name, scores in drawn.items():
            results.setdefault(name, []).append(overlaps(scores, asked.truth))
        settings.say(f"fold {fold + 1}: { {name: rows[-1] for name, rows in results.items()} }")
    draw(drawn, asked, settings)
    figures["epochs"], figures["folds"] = epochs, folds
    figures["intersection_over_union"] = {
        name: {key: round(float(np.mean([row[key] for row in rows])), 4) for key in rows[0]}
        for name, rows in results.items()
    }
    return figures


def one_fold(known: Pixels, asked: Pixels, classes: int, epochs: int) -> dict[str, np.ndarray]:
    """Train all networks; return the logits of each for the images asked about, by name."""
    found = {}
    for name, network in chain(known, classes, epochs, True).items():
        found[name] = logits(network, asked.images)
    bilinear = chain(known, classes, epochs, False)["FCN-8"]
    found["FCN-8, bilinear"] = logits(bilinear, asked.images)
    found["FCN-8 and field"] = field(found["FCN-8"], asked.images)
    return found


def draw(scores: dict[str, np.ndarray], asked: Pixels, settings: Settings) -> None:
    """Draw images, the truth, and what each network makes of them."""
    count = min(4, len(asked.images))
    rows = {"image": asked.images + 0.5, "truth": np.maximum(asked.truth, 0)}
    rows |= {name: found.argmax(-1) for name, found in scores.items()}
    with figure(settings.picture, 2.4 * len(rows), 2.4 * count) as drawing:
        panels = drawing.subplots(count, len(rows), squeeze=False)
        for column, (name, images) in enumerate(rows.items()):
            panels[0, column].set_title(name, fontsize=6)
            for axes, image in zip(panels[:, column], images, strict=False):
                axes.imshow(image, cmap="viridis", vmin=0, vmax=scores["FCN-8"].shape[-1] - 1)
                bare(axes)
