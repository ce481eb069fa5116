"""How a detector learns: its network, the windows it learns from, its loss, its training."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, NamedTuple

import numpy as np

from rosenblatt.arrays import check_axes, check_count, check_numbers, check_whole
from rosenblatt.detection.boxes import clip, correct, enlarge
from rosenblatt.detection.proposals import assign_targets, choose
from rosenblatt.detection.region_network import WHOLE, RegionNetwork, fractions, warp
from rosenblatt.detection.scenes import Scene, check_scene
from rosenblatt.detection.selective_search import selective_search
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
from rosenblatt.layers import BatchNormalisation, Convolution, Dense, MaxPooling, Module, ReLU
from rosenblatt.layers.base import SIZE
from rosenblatt.ranges import (
    FLAG,
    POSITIVE,
    SEED,
    SHARE,
    Each,
    Kind,
    Range,
    Whole,
    check_settings,
    check_value,
)
from rosenblatt.train import Adam, Cosine, Plan, cross_entropy
from rosenblatt.train.averaging import renew_statistics
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import as_outputs
from rosenblatt.train.robust import huber

SIDE, STEPS = Whole(4, 10_000), Whole(1, 10**9)
CLASSES = Whole(1, 1_000_000)
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

    settings: ClassVar[dict[str, Range]] = {
        "side": SIDE, "context": Whole(0, 4096), "levels": Each(Whole(1, 1000), 1, 20),
        "filters": Each(SIZE, 2, 20), "hidden": SIZE, "images": STEPS, "windows": STEPS,
        "share": SHARE, "sides": Each(SIDE, 5, 5), "seen": SIDE, "pretraining": Whole(0, 10**9),
        "steps": STEPS, "measured": STEPS, "rate": POSITIVE,
    }  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)
        if 2 * self.context >= self.side:
            raise UserError(
                f"context = {self.context} on both sides fills a side of {self.side}; give less."
            )

    @property
    def around(self) -> float:
        """Return how much is seen around a window on each side, as a share of its own."""
        return self.context / (self.side - 2 * self.context)


DESIGN = Kind(Design, "a Design")


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


EXAMPLE = Kind(Example, "an Example, as example(scene, most, seed) returns")


def example(scene: Scene, most: int, seed: int) -> Example:
    """Return a scene with up to `most` windows of selective search, and what is learned from.

    Raises UserError as check_scene, and where it has no object or a setting is out of range.
    """
    scene = check_scene(scene)
    check_value("most", most, STEPS)
    check_value("seed", seed, SEED)
    if not len(scene.boxes):
        raise UserError("the scene has no object to learn from; leave it out.")
    rng = np.random.default_rng(seed)
    asked = selective_search(scene.image, rng, most)
    many = np.repeat(scene.boxes, NEAR, axis=0)
    shifts = (rng.random(many.shape) - 0.5) * np.array([0.5, 0.5, 0.6, 0.6])
    near = clip(correct(many, shifts), scene.image.shape[:2])
    windows = np.concatenate([scene.boxes, near, asked])
    return Example(scene, asked, windows, *assign_targets(windows, scene.boxes, scene.labels))


def networks(classes: int, design: Design) -> tuple[RegionNetwork, RegionNetwork]:
    """Return a network that tells classes apart, and one for windows that shares all but its end.

    The latter's outputs are background, the classes, and the four steps of a correction. Raises
    UserError for classes below 1, or no Design.
    """
    check_value("classes", classes, CLASSES)
    check_value("design", design, DESIGN)
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
    the steps times SPREAD (Girshick 2015, equations 1 to 3). Raises UserError for other arrays.
    """
    output, targets = _checked(output, targets)
    classes = output.shape[-1] - 4
    if classes < 2:
        raise UserError(f"outputs of {output.shape[-1]} numbers; give 1 + K + 4.")
    labels = check_whole(targets[..., 0], "N R", -1, classes - 1, "labels")
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
    output, targets = _checked(output, targets)
    labels = check_whole(targets[..., 0], "N R", 1, output.shape[-1], "labels")
    return cross_entropy(output, labels - 1)


def _checked(output: np.ndarray, targets: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return outputs [N, R, D] and targets [N, R, 5]. Raises UserError where they are none."""
    output, targets = as_outputs(output), check_numbers(targets, "N R D", "targets")
    check_axes(output, "N R D", "output")
    if targets.shape != (*output.shape[:2], 5):
        raise UserError(
            f"targets of shape {targets.shape} for outputs of {output.shape}; give [N, R, 5]."
        )
    return output, targets


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
    Raises UserError where there is not a label for each window, or the square is smaller.
    """
    check_value("one", one, EXAMPLE)
    check_value("design", design, DESIGN)
    check_value("side", side, Whole(max(one.scene.image.shape[:2]), 100_000))
    among = check_whole(among, "M", -1, CLASSES.high, "labels")
    check_count(among, len(one.windows), "labels", "windows")
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

    only_foreground: no window of background is among them. Raises UserError where there is no
    Example, or no Design.
    """
    check_value("examples", examples, Each(EXAMPLE, 1, 10**9))
    check_value("design", design, DESIGN)
    check_value("shared", shared, FLAG)
    check_value("only_foreground", only_foreground, FLAG)
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

    Where there is one class alone, there is nothing to classify at first. Raises UserError where
    there is no Example, or one of another class.
    """
    check_value("examples", examples, Each(EXAMPLE, 1, 10**9))
    check_value("shared", shared, FLAG)
    first, second = networks(classes, design)
    most = max(int(one.labels.max()) for one in examples)
    if most > classes:
        raise UserError(f"an example is of class {most - 1}, and there are {classes}; give more.")
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
