"""How a detector learns: its network, the windows it learns from, its loss, its training."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from rosenblatt.detection.boxes import clip, correct, enlarge
from rosenblatt.detection.proposals import assign_targets, choose
from rosenblatt.detection.region_network import WHOLE, RegionNetwork, fractions, warp
from rosenblatt.detection.scenes import Scene
from rosenblatt.detection.selective_search import selective_search
from rosenblatt.features.resize import resize
from rosenblatt.layers import BatchNormalisation, Convolution, Dense, MaxPooling, Module, ReLU
from rosenblatt.train import Adam, Cosine, Plan, cross_entropy
from rosenblatt.train.averaging import renew_statistics
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.robust import huber

GREY = np.float32(0.5)  # taken from all pixels
SPREAD = np.array([10.0, 10.0, 5.0, 5.0])  # by which corrections are multiplied to be learned
NEAR = 8  # windows near each true box, beside those of selective search


@dataclass(frozen=True)
class Design:
    """What a detector and its training are made of.

    side of warped windows, of which `context` pixels on each side show what lies around them (16
    of 227 in Girshick et al. 2014); as much around a window is pooled with it where the image is
    seen whole, so that both ways see the same. levels of the pyramid, filters of the stages of the
    trunk, units of the hidden layer. A step sees some images, and some windows of each, a share
    of foreground. sides are five that the images, padded to squares, may have when they are seen
    whole; the third is the one scale, of all five a window's best is that where it has, with what
    lies around it, about `seen` pixels a side. pretraining: steps of telling objects apart; steps:
    of telling and correcting windows; measured: steps over which batch normalisation is measured
    at the end; rate: the first one.
    """

    side: int = 48
    context: int = 8
    levels: tuple[int, ...] = (1, 2, 4)
    filters: tuple[int, ...] = (16, 32, 64)
    hidden: int = 64
    images: int = 4
    windows: int = 32
    share: float = 0.33
    sides: tuple[int, ...] = (64, 80, 96, 128, 160)
    seen: int = 48
    pretraining: int = 500
    steps: int = 2000
    measured: int = 150
    rate: float = 0.003

    @property
    def around(self) -> float:
        """Return how much is seen around a window on each side, as a share of its own."""
        return self.context / (self.side - 2 * self.context)


class Example(NamedTuple):
    """A scene, `asked` windows of selective search in it, and all windows [M, 4] to learn from.

    Those are the true boxes first, boxes near them, and the windows asked about; labels [M] and
    steps [M, 4] are their targets (assign_targets).
    """

    scene: Scene
    asked: np.ndarray
    windows: np.ndarray
    labels: np.ndarray
    steps: np.ndarray


def example(scene: Scene, most: int, seed: int) -> Example:
    """Return a scene with up to `most` windows of selective search, and what is learned from."""
    rng = np.random.default_rng(seed)
    asked = selective_search(scene.image, rng, most)
    many = np.repeat(scene.boxes, NEAR, axis=0)
    shifts = (rng.random(many.shape) - 0.5) * np.array([0.5, 0.5, 0.6, 0.6])
    near = clip(correct(many, shifts), scene.image.shape[:2])
    windows = np.concatenate([scene.boxes, near, asked])
    return Example(scene, asked, windows, *assign_targets(windows, scene.boxes, scene.labels))


def networks(classes: int, design: Design) -> tuple[RegionNetwork, RegionNetwork]:
    """Return a network that tells classes apart, and one for windows that shares all but its end.

    The latter's outputs are background, the classes, and the four steps of a correction.
    """
    trunk: list[Module] = []
    for number, filters in enumerate(design.filters):
        for _ in range(1 if number == 0 else 2):
            trunk += [Convolution(filters, 3, padding="same"), BatchNormalisation(), ReLU()]
        if number < 2:
            trunk.append(MaxPooling(2))
    hidden: list[Module] = [Dense(design.hidden), BatchNormalisation(), ReLU()]
    rng = np.random.default_rng(0)
    first = RegionNetwork(trunk, design.levels, [*hidden, Dense(classes)])
    first.build((design.side, design.side, 3), rng)
    second = RegionNetwork(first.trunk, design.levels, [*hidden, Dense(1 + classes + 4)])
    second.build((design.side, design.side, 3), rng)
    return first, second


def loss(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return cross-entropy of the classes + smooth L1 of the steps of foreground, and gradient.

    output [N, R, 1 + K + 4], targets [N, R, 5]: the label, -1 where it does not count, and
    the steps times SPREAD (Girshick 2015, equations 1 to 3).
    """
    labels = targets[..., 0].astype(np.int64)
    classes = output.shape[-1] - 4
    value, d_logits = cross_entropy(np.ascontiguousarray(output[..., :classes]), labels, ignored=-1)
    d_output = np.zeros_like(output)
    d_output[..., :classes] = d_logits
    inside = labels > 0
    if inside.any():
        gap, d_steps = huber(output[inside, classes:], targets[inside, 1:])
        value += 4 * gap
        d_output[inside, classes:] = 4 * d_steps
    return value, d_output


def classify(output: np.ndarray, targets: np.ndarray) -> tuple[float, np.ndarray]:
    """Return cross-entropy of the classes alone, and gradient; output [N, R, K], else as loss."""
    return cross_entropy(output, targets[..., 0].astype(np.int64) - 1)


class Windows(NamedTuple):
    """An image [S, S, 3] with windows [R, 4] in it, with what lies around them, and targets [R, 5].

    around [R, 4]: the windows enlarged, within the image.
    """

    image: np.ndarray
    boxes: np.ndarray
    around: np.ndarray
    targets: np.ndarray


def draw_windows(
    one: Example, among: np.ndarray, side: int, design: Design, rng: np.random.Generator
) -> Windows:
    """Return some of the windows that `among` [M] has labels for, their image perhaps mirrored.

    The image is centred, its light and colours are changed a little, and it is padded to a square.
    """
    some = choose(among, design.windows, rng, design.share)
    boxes = one.windows[some]
    targets = np.empty((len(some), 5), np.float32)
    targets[:, 0], targets[:, 1:] = among[some], one.steps[some] * SPREAD
    rows, columns, _ = one.scene.image.shape
    light = np.float32(0.8) + np.float32(0.4) * rng.random(3).astype(np.float32)
    image = np.zeros((side, side, 3), np.float32)
    image[:rows, :columns] = (one.scene.image - GREY) * light
    if rng.random() < 0.5:
        image[:rows, :columns] = image[:rows, :columns][:, ::-1].copy()
        boxes = boxes.copy()
        boxes[:, [1, 3]] = columns - boxes[:, [3, 1]]
        targets[:, 2] *= -1
    return Windows(image, boxes, enlarge(boxes, design.around, (rows, columns)), targets)


def drawing(
    examples: list[Example], design: Design, shared: bool, only_foreground: bool
) -> Callable[[np.random.Generator], Batch]:
    """Return what draws a batch: images and their regions, or (not shared) warped windows.

    only_foreground: no window of background is among them.
    """
    side = max(max(one.scene.image.shape[:2]) for one in examples)
    labels = [np.where(one.labels > 0, one.labels, -1) if only_foreground else one.labels
              for one in examples]  # fmt: skip

    def batch(rng: np.random.Generator) -> Batch:
        drawn = [draw_windows(examples[n], labels[n], side, design, rng)
                 for n in rng.integers(0, len(examples), design.images)]  # fmt: skip
        targets = np.stack([one.targets for one in drawn])
        if shared:
            size = design.sides[int(rng.integers(0, len(design.sides)))]
            images = resize(np.stack([one.image for one in drawn]), (size, size))
            regions = fractions(np.stack([one.around for one in drawn]), (side, side))
            return Batch((images, regions), targets)
        images = np.concatenate([warp(one.image, one.boxes, design.side, design.context)
                                 for one in drawn])  # fmt: skip
        whole = np.broadcast_to(WHOLE, (len(images), 1, 4))
        return Batch((images, whole), targets.reshape(-1, 1, 5))

    return batch


def trained(examples: list[Example], classes: int, design: Design, shared: bool) -> RegionNetwork:
    """Return a network trained to classify objects, then to classify and correct windows.

    Where there is one class alone, there is nothing to classify at first.
    """
    first, second = networks(classes, design)
    plan = Plan(
        1, optimiser=Adam(), schedule=Cosine(design.rate), clip_norm=5.0, loss=classify,
        metric=None, seed=2,
    )  # fmt: skip
    if classes > 1 and design.pretraining:
        objects = drawing(examples, design, shared, True)
        fit(first, Drawn(design.pretraining, objects), plan)
    draw = drawing(examples, design, shared, False)
    fit(second, Drawn(design.steps, draw), replace(plan, loss=loss))
    rng = np.random.default_rng(plan.seed)
    renew_statistics(second, (draw(rng).inputs for _ in range(design.measured)))
    return second
