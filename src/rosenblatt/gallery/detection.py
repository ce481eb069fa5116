"""Detection: R-CNN and SPP-net, the same layers on the same windows, and what sharing saves.

The network first learns to tell things apart (classification), then its last layer is replaced, and
it learns what windows of selective search are: background, or a class and a correction of the box
(Girshick et al. 2014). SPP-net runs its convolutions once an image (He et al. 2014), R-CNN once a
window. On scenes made by rule, or with --data on a pedestrians.npz.
"""

import time
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.detection.precision import Detections, average_precision, precision_recall
from rosenblatt.detection.proposals import call, choose, detect
from rosenblatt.detection.reading import read_pedestrians
from rosenblatt.detection.region_network import (
    WHOLE,
    RegionNetwork,
    at_once,
    fractions,
    one_by_one,
    warp,
)
from rosenblatt.detection.scenes import CLASSES, Scene, make_scene
from rosenblatt.detection.selective_search import selective_search
from rosenblatt.gallery.runner import Settings
from rosenblatt.gallery.training import Trainer
from rosenblatt.gallery.windows import rectangle
from rosenblatt.layers import Convolution, Dense, MaxPooling, Module
from rosenblatt.report.style import BLUE, ORANGE, bare, figure
from rosenblatt.train.losses import cross_entropy
from rosenblatt.train.optimisers import Adam
from rosenblatt.train.schedules import Cosine

SIDE, LEVELS = 48, (1, 2, 4)  # of warped windows; of the pyramid
BATCH = 32  # windows of a step, all of one image


class Example(NamedTuple):
    """A scene with its windows [M, 4], and for training what they are: label and steps, [M, 5]."""

    scene: Scene
    windows: np.ndarray
    targets: np.ndarray


def example(scene: Scene, most: int, seed: int) -> Example:
    """Return a scene with windows of selective search, and its true boxes among them."""
    windows = selective_search(scene.image, np.random.default_rng(seed), most)
    with_truth = np.concatenate([windows, scene.boxes])
    called = call(with_truth, scene.boxes, scene.labels)
    targets = np.concatenate([called.labels[:, None], called.steps], axis=1)
    return Example(scene, with_truth, targets)


def networks(classes: int) -> tuple[RegionNetwork, RegionNetwork]:
    """Return a network that tells classes apart, and one for windows that shares all but its end.

    The latter's outputs are background, the classes, and the four steps of a correction.
    """
    trunk: list[Module] = []
    for filters in (16, 32):
        trunk += [Convolution(filters, 3, padding="same", activation="relu"), MaxPooling(2)]
    trunk += [Convolution(64, 3, padding="same", activation="relu")]
    hidden = Dense(64, activation="relu")
    first, rng = RegionNetwork(trunk, LEVELS, [hidden, Dense(classes)]), np.random.default_rng(0)
    first.build((SIDE, SIDE, 3), rng)
    second = RegionNetwork(first.trunk, LEVELS, [hidden, Dense(1 + classes + 4)])
    second.build((SIDE, SIDE, 3), rng)
    return first, second


def loss(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return cross-entropy of the classes + squared error of the steps of things, and gradient.

    output [N, R, 1 + K + 4], targets [N, R, 5]: the label and the steps.
    """
    labels = targets[..., 0].astype(np.int64)
    classes = output.shape[-1] - 4
    value, d_logits = cross_entropy(np.ascontiguousarray(output[..., :classes]), labels)
    d_output = np.empty_like(output)
    d_output[..., :classes] = d_logits
    gap = (output[..., classes:] - targets[..., 1:]) * (labels > 0)[..., None]
    count = max(int((labels > 0).sum()), 1)
    d_output[..., classes:] = 2 * gap / count
    return value + float((gap**2).sum()) / count, d_output


def batches(
    examples: list[Example], steps: int, shared: bool
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Yield images, regions and targets: an image and its regions, or (not shared) warped windows.

    Half of the images are mirrored, their boxes with them.
    """
    rng = np.random.default_rng(2)
    for _ in range(steps):
        scene, windows, targets = examples[int(rng.integers(0, len(examples)))]
        some = choose(targets[:, 0], BATCH, rng)
        image, boxes, wanted = scene.image, windows[some], targets[some].astype(np.float32)
        if rng.random() < 0.5:
            width = image.shape[1]
            image = np.ascontiguousarray(image[:, ::-1])
            boxes = np.stack(
                [boxes[:, 0], width - boxes[:, 3], boxes[:, 2], width - boxes[:, 1]], axis=1
            )
            wanted[:, 2] *= -1
        if shared:
            yield image[None], fractions(boxes, image.shape[:2])[None], wanted[None]
        else:
            whole = np.broadcast_to(WHOLE, (BATCH, 1, 4))
            yield warp(image, boxes, SIDE), whole, wanted[:, None]


def trained(examples: list[Example], classes: int, steps: int, shared: bool) -> RegionNetwork:
    """Return a network trained to classify things, then to classify and correct windows."""
    first, second = networks(classes)
    rate = Cosine(0.002)
    if classes > 1:
        trainer = Trainer(first, steps // 2, optimiser=Adam(), schedule=rate)
        for step in range(steps // 2):
            scene, windows, targets = examples[step % len(examples)]
            regions = fractions(windows, scene.image.shape[:2])[None]
            labels = targets[None, :, 0].astype(np.int64) - 1  # background becomes -1: not counted
            trainer.learn((scene.image[None], regions), np.maximum(labels, -1))
    trainer = Trainer(second, steps, optimiser=Adam(), schedule=rate, loss=loss)
    for images, regions, targets in batches(examples, steps, shared):
        trainer.learn((images, regions), targets)
    return second


def find(network: RegionNetwork, one: Example, shared: bool) -> list[Detections]:
    """Return what a network finds of each class in a scene, among its windows but the true ones."""
    windows = one.windows[: len(one.windows) - len(one.scene.boxes)]
    if shared:
        outputs = at_once(network, one.scene.image, windows)
    else:
        outputs = one_by_one(network, one.scene.image, windows, SIDE)
    logits = np.ascontiguousarray(outputs[:, :-4])
    return detect(windows, logits, outputs[:, -4:], one.scene.image.shape[:2])


def mean_precision(found: list[list[Detections]], examples: list[Example], points: bool) -> float:
    """Return the mean over classes of the average precision at an overlap of 0.5."""
    values = []
    for label in range(len(found[0])):
        truth = [one.scene.boxes[one.scene.labels == label] for one in examples]
        if sum(map(len, truth)):
            curve = precision_recall([classes[label] for classes in found], truth)
            values.append(average_precision(curve, points))
    return round(float(np.mean(values)), 4)


def convolution_times(network: RegionNetwork, scene: Scene, windows: int) -> dict[str, float]:
    """Return seconds of the convolutions for an image, and for so many warped windows."""
    image = scene.image[None]
    some = np.random.default_rng(0).random((100, SIDE, SIDE, 3)).astype(np.float32)
    seconds = []
    for given in (image, some):
        network.trunk(given)
        start = time.perf_counter()
        network.trunk(given)
        seconds.append(time.perf_counter() - start)
    each = seconds[1] * windows / len(some)
    ratio = round(each / seconds[0], 1)
    return {"image": round(seconds[0], 5), "windows": round(each, 4), "ratio": ratio}


def run(settings: Settings) -> dict[str, Any]:
    if settings.data:
        scenes, classes, most = read_pedestrians(settings.data), 1, 1500
        scenes = scenes[:20] if settings.quick else scenes
    else:
        count = 20 if settings.quick else 250
        scenes = [make_scene(np.random.default_rng(seed)) for seed in range(count)]
        classes, most = len(CLASSES), 500
    examples = [example(scene, most, seed) for seed, scene in enumerate(scenes)]
    known, asked = [e for n, e in enumerate(examples) if n % 5], examples[::5]
    steps = 60 if settings.quick else 2500
    figures: dict[str, Any] = {"scenes": len(known), "test_scenes": len(asked), "steps": steps}
    for name, shared in (("SPP-net", True), ("R-CNN", False)):
        network = trained(known, classes, steps, shared)
        found = [find(network, one, shared) for one in asked]
        figures[name] = {
            "mean_average_precision": mean_precision(found, asked, False),
            "eleven_points": mean_precision(found, asked, True),
        }
        settings.say(f"{name}: {figures[name]}")
        if shared:
            draw(asked, found, settings)
    figures["convolution_seconds_of_2000_windows"] = convolution_times(network, scenes[0], 2000)
    return figures


def draw(examples: list[Example], found: list[list[Detections]], settings: Settings) -> None:
    """Draw scenes with true boxes, and what was found with a probability above a half."""
    with figure(settings.picture, 17, 9) as drawing:
        panels = drawing.subplots(2, 4)
        for axes in panels.flat:
            bare(axes)
        for axes, one, classes in zip(panels.flat, examples, found, strict=False):
            axes.imshow(one.scene.image)
            for box in one.scene.boxes:
                rectangle(axes, box, BLUE)
            for label, detections in enumerate(classes):
                sure = detections.scores > 0.5
                for box, score in zip(detections.boxes[sure], detections.scores[sure], strict=True):
                    rectangle(axes, box, ORANGE)
                    name = CLASSES[label] if len(classes) > 1 else "pedestrian"
                    axes.text(box[1], box[0], f"{name} {score:.2f}", color=ORANGE, fontsize=5,
                              va="bottom")  # fmt: skip
        drawing.suptitle("true boxes (blue), and found by SPP-net (orange)", fontsize=8)
