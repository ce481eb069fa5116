"""How the networks for pixels learn: their data, its variation, from coarse to fine."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from rosenblatt.arrays import as_numbers, check_count, check_images, check_numbers, check_whole
from rosenblatt.detection.scenes import SCENE, Scene, check_scene
from rosenblatt.errors import UserError
from rosenblatt.features.resize import resize
from rosenblatt.kernels.core.elementary import power
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
from rosenblatt.layers.base import SIZE
from rosenblatt.models.dense_evaluation import as_convolutions
from rosenblatt.models.fully_convolutional import FullyConvolutional, intersection_over_union
from rosenblatt.models.random_field import MeanField, WithField
from rosenblatt.ranges import (
    EPOCHS,
    GENERATOR,
    POSITIVE,
    WEIGHT,
    Each,
    Kind,
    Range,
    Whole,
    check_settings,
    check_value,
)
from rosenblatt.train import Adam, Cosine, Plan, State, cross_entropy
from rosenblatt.train.batches import Batch, Drawn
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import as_outputs

SIDE, STEPS, CLASSES = Whole(4, 10_000), Whole(1, 10**9), Whole(2, 1_000_000)
GREY = np.float32(0.5)  # taken from all pixels
SCALES = (0.6, 1.5)  # an image in training is made so much smaller, up to so much larger
ASPECT = 1.16  # and so much wider or narrower than high, at the most
LIGHT = 0.15  # added to all pixels, or taken away, at the most; to each colour half as much


@dataclass(frozen=True)
class Design:
    """What the networks and their training are made of.

    Squares of `side` pixels, which the trained network sees enlarged to `seen`; filters of the
    five blocks; epochs of FCN-32, 16 and 8, and of the random field together with the network;
    images of a step, with the field and without. weight: of foreground in the loss, where the
    background has 1. patch: the side of the patches of the patch-wise network, which halves it
    `halvings` times, and learns from 64 of them in each of its steps. rate: the first one; that of
    the patch-wise network is a fifth of it, that of the field's training a tenth.
    """

    side: int = 64
    seen: int = 96
    filters: tuple[int, ...] = (8, 24, 64, 96, 128)
    epochs: tuple[int, int, int] = (20, 10, 20)
    together: int = 4
    images: int = 8
    images_with_field: int = 2
    patch: int = 30
    halvings: int = 2
    patch_steps: int = 800
    rate: float = 0.005
    weight: float = 1.5

    settings: ClassVar[dict[str, Range]] = {
        "side": SIDE, "seen": SIDE, "filters": Each(SIZE, 1, 5), "epochs": Each(EPOCHS, 3, 3),
        "together": EPOCHS, "images": STEPS, "images_with_field": STEPS, "patch": SIDE,
        "halvings": Whole(0, 5), "patch_steps": STEPS, "rate": POSITIVE, "weight": WEIGHT,
    }  # fmt: skip

    def __post_init__(self) -> None:
        check_settings(self)


DESIGN = Kind(Design, "a Design")


class Pixels(NamedTuple):
    """Images [N, H, W, 3] of equal size, and the class of each pixel [N, H, W], -1 outside."""

    images: np.ndarray
    truth: np.ndarray


def pixels(scenes: list[Scene], side: int) -> Pixels:
    """Return scenes in squares of `side` pixels; class 0 is the background.

    Raises UserError as check_scene, and for one that is larger, or whose pixels are of no object.
    """
    check_value("scenes", scenes, Each(SCENE, 1, 10**9))
    check_value("side", side, SIDE)
    images = np.zeros((len(scenes), side, side, 3), np.float32)
    truth = np.full((len(scenes), side, side), -1)
    for n, scene in enumerate(map(check_scene, scenes)):
        rows, columns, _ = scene.image.shape
        if scene.instance is None or max(rows, columns) > side:
            what = "does not tell its pixels" if scene.instance is None else "is larger"
            raise UserError(f"scene {n + 1} of {rows} x {columns} pixels {what}; leave it out.")
        images[n, :rows, :columns] = scene.image - GREY
        classes = np.concatenate([[0], scene.labels + 1])
        truth[n, :rows, :columns] = classes[scene.instance]
    return Pixels(images, truth)


def check_pixels(data: Pixels) -> Pixels:
    """Return images and truth that fit each other. Raises UserError where they do not."""
    check_value("data", data, Kind(Pixels, "Pixels"))
    images = check_images(data.images)
    truth = check_whole(data.truth, "N H W", -1, CLASSES.high, "truth")
    square = images.shape[1] == images.shape[2]
    if truth.shape != images.shape[:3] or images.shape[3] != 3 or not square:
        raise UserError(
            f"images of shape {images.shape} and truth of {truth.shape}; give [N, S, S, 3] and "
            "[N, S, S]."
        )
    return Pixels(images, truth)


def varied(
    image: np.ndarray, truth: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray]:
    """Return an image [S, S, 3] and its truth [S, S] of another size, shape, place, side and light.

    What was outside stays -1 in the truth; what has no room is cut. Raises UserError for other
    arrays.
    """
    check_value("rng", rng, GENERATOR)
    image, truth = check_numbers(image, "S T C", "image"), as_numbers(truth, "truth")
    [image], [truth] = check_pixels(Pixels(image[None], truth[None]))
    side = len(image)
    scale = SCALES[0] * power(SCALES[1] / SCALES[0], rng.random())
    wider = power(ASPECT, rng.random() - 0.5)
    sizes = round(side * scale / wider), round(side * scale * wider)
    contrast = 0.75 + 0.5 * rng.random(3)
    light = LIGHT * (2 * rng.random() - 1 + rng.random(3) - 0.5)
    lit = np.where((truth >= 0)[..., None], image * contrast + light, 0).astype(image.dtype)
    larger = resize(lit[None], sizes)[0]
    near = [(2 * np.arange(size) + 1) * side // (2 * size) for size in sizes]
    labels = truth[near[0][:, None], near[1]]
    if rng.random() < 0.5:
        larger, labels = larger[:, ::-1], labels[:, ::-1]
    spans = [_spans(size, side, rng) for size in sizes]
    source, target = (tuple(part) for part in zip(*spans, strict=True))
    new_image, new_truth = np.zeros_like(image), np.full_like(truth, -1)
    new_image[target], new_truth[target] = larger[source], labels[source]
    return new_image, new_truth


def _spans(size: int, side: int, rng: np.random.Generator) -> tuple[slice, slice]:
    """Return which part of `size` pixels goes where among `side`, at a random place."""
    place, length = int(rng.integers(0, abs(side - size) + 1)), min(side, size)
    part, whole = slice(place, place + length), slice(0, length)
    return (part, whole) if size > side else (whole, part)


class Varied(NamedTuple):
    """A source of images in random order, each of them varied, so many a step."""

    data: Pixels
    batch: int

    @property
    def steps(self) -> int:
        return max(1, len(self.data.images) // self.batch)

    def epoch(self, state: State) -> Iterator[Batch]:
        order = state.rng.permutation(len(self.data.images))
        for first in range(0, self.steps * self.batch, self.batch):
            drawn = [
                varied(self.data.images[n], self.data.truth[n], state.rng)
                for n in order[first : first + self.batch]
            ]
            images, truth = (np.stack(part) for part in zip(*drawn, strict=True))
            yield Batch((images,), truth)


def train(
    network: Module, data: Pixels, epochs: int, batch: int, rate: float, weight: float
) -> None:
    """Train on the images in random order, each of them varied; foreground has `weight`.

    Raises UserError as check_pixels, and for settings out of range.
    """
    data = check_pixels(data)
    check_value("batch", batch, STEPS)
    check_value("weight", weight, WEIGHT)

    def loss(output: np.ndarray, truth: np.ndarray) -> tuple[float, np.ndarray]:
        weights = np.array([1.0] + [weight] * (output.shape[-1] - 1))
        return cross_entropy(output, truth, class_weights=weights, ignored=-1)

    plan = Plan(
        epochs, optimiser=Adam(), schedule=Cosine(rate), loss=loss, clip_norm=5.0, metric=None,
        seed=1,
    )  # fmt: skip
    fit(network, Varied(data, batch), plan)


def logits(network: Module, images: np.ndarray, side: int) -> np.ndarray:
    """Return the logits [N, S, S, classes] of images [N, S, S, 3], float32.

    They are means of those for an image and for its mirror image. The network sees both enlarged to
    squares of `side` pixels; its outputs are brought back to S. Raises UserError for other images.
    """
    images = check_images(images)
    check_value("side", side, SIDE)
    found = []
    for image in images:
        seen = resize(image[None], (side, side))
        mirrored = network(np.ascontiguousarray(seen[:, :, ::-1]))[:, :, ::-1].copy()
        found.append(resize((network(seen) + mirrored) / 2, image.shape[:2]))
    return np.concatenate(found)


def refined(field: MeanField, scores: np.ndarray, images: np.ndarray) -> np.ndarray:
    """Return what a random field makes of scores [N, H, W, classes] of images [N, H, W, 3].

    Raises UserError where there is not an image for each.
    """
    check_value("field", field, Kind(MeanField, "a MeanField"))
    scores, images = check_images(scores, "scores"), check_images(images)
    check_count(scores, len(images), "scores", "images")
    pairs = zip(scores, images, strict=True)
    return np.concatenate([field(one[None], image[None]).copy() for one, image in pairs])


def overlaps(scores: np.ndarray, truth: np.ndarray) -> dict[str, float]:
    """Return the mean intersection over union of all classes, and of those but the background.

    scores [N, H, W, classes], or any leading axes; truth [N, H, W], -1 where no pixel counts.
    Raises UserError where a mean would be of none.
    """
    scores = as_outputs(scores)
    found = intersection_over_union(scores.argmax(-1), truth, scores.shape[-1], ignored=-1)
    known = [[value for value in values if value is not None] for values in (found, found[1:])]
    if not all(known):
        raise UserError("no pixel is of an object, nor taken for one; give scenes that have some.")
    mean, foreground = (round(float(np.mean(values)), 4) for values in known)
    return {"mean": mean, "foreground": foreground}


def chain(
    data: Pixels, classes: int, design: Design, learned: bool
) -> dict[str, FullyConvolutional]:
    """Return FCN-32, FCN-16 and FCN-8, each trained from the one before.

    Raises UserError as check_pixels, and for no Design.
    """
    check_value("design", design, DESIGN)
    networks: dict[str, FullyConvolutional] = {}
    before = None
    for stride, epochs in zip((32, 16, 8), design.epochs, strict=True):
        network = fully_convolutional(data, classes, design, stride, learned)
        if before is not None:
            network.begin_from(before)
        train(network, data, epochs, design.images, design.rate, design.weight)
        networks[f"FCN-{stride}"] = before = network
    return networks


def fully_convolutional(
    data: Pixels, classes: int, design: Design, stride: int, learned: bool = True
) -> FullyConvolutional:
    """Return a network for the data, not trained. Raises UserError as check_pixels."""
    check_value("design", design, DESIGN)
    data = check_pixels(data)
    check_value("filters", design.filters, Each(SIZE, 5, 5))  # it halves five times
    network = FullyConvolutional(classes, list(design.filters), stride, learned)
    network.build(data.images.shape[1:], np.random.default_rng(0))
    return network


def copied(network: FullyConvolutional, data: Pixels, design: Design) -> FullyConvolutional:
    """Return an FCN-8 with the same weights, to be trained on apart."""
    other = fully_convolutional(data, network.classes, design, 8, network.learned)
    other.load_state(network.state())
    return other


def with_field(network: Module, shape: tuple[int, ...]) -> WithField:
    """Return a trained network with a random field at its end, as MeanField is by default."""
    both = WithField(network, MeanField())
    both.build(shape, np.random.default_rng(0))
    return both


def patch_layers(classes: int, design: Design) -> list[Module]:
    """Return layers that tell the class of the pixel in the middle of a patch.

    Raises UserError for classes below 2, or no Design.
    """
    check_value("classes", classes, CLASSES)
    check_value("design", design, DESIGN)
    layers: list[Module] = []
    for filters in design.filters[: design.halvings]:
        layers += [Convolution(filters, 3), BatchNormalisation(), ReLU(), MaxPooling(2)]
    return [*layers, Flatten(), Dense(64, activation="relu"), Dense(classes)]


def patch_wise(data: Pixels, classes: int, design: Design) -> list[Module]:
    """Return those layers, trained on patches around random pixels whose class is known.

    Raises UserError as check_pixels, for no Design, and where no pixel is known.
    """
    data = check_pixels(data)
    if data.truth.max() < 0:
        raise UserError("the class of no pixel is known; give scenes that tell them.")
    layers = patch_layers(classes, design)
    module, size = Sequential(layers), design.patch
    module.build((size, size, 3), np.random.default_rng(0))
    margin = size // 2
    padded = np.pad(data.images, ((0, 0), (margin, margin), (margin, margin), (0, 0)))
    places = np.argwhere(data.truth >= 0)

    def batch(rng: np.random.Generator) -> Batch:
        some = places[rng.integers(0, len(places), 64)]
        cut = np.stack([padded[n, y : y + size, x : x + size] for n, y, x in some])
        return Batch((cut,), data.truth[tuple(some.T)])

    plan = Plan(
        1, optimiser=Adam(), schedule=Cosine(design.rate / 5), clip_norm=5.0, metric=None, seed=1
    )
    fit(module, Drawn(design.patch_steps, batch), plan)
    return layers


def patch_logits(layers: list[Module], images: np.ndarray, design: Design) -> np.ndarray:
    """Return the scores of the patches around all pixels [N, H, W, classes], all at once.

    Those of every 2^halvings-th pixel are computed, those between interpolated. Raises UserError
    for other images, or no Design.
    """
    images = check_images(images)
    check_value("design", design, DESIGN)
    size, stride = design.patch, 2**design.halvings
    dense = as_convolutions(layers, (size, size, 3))
    before, side = size // 2 - stride // 2, images.shape[1]
    after = size - stride - before
    padded = np.pad(images, ((0, 0), (before, after), (before, after), (0, 0)))
    found = np.concatenate([dense(padded[n : n + 1]).copy() for n in range(len(padded))])
    return resize(found, (side, side))
