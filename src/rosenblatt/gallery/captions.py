"""Captions: a convolutional network looks at a scene, a recurrent one says what is in it.

Scenes are made from the real digits in data/digits: "a three left of a seven". One in five
combinations of two digits and a relation is never trained on; the test has only those, drawn with
images of digits that no training scene had. The digits are turned, sheared and scaled a little for
training. After Vinyals et al. 2015 (Show and tell).
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from rosenblatt.data.corpus import Vocabulary
from rosenblatt.errors import UserError
from rosenblatt.features.augmentation import Augmentation
from rosenblatt.gallery.pictures import Pictures, pictures
from rosenblatt.gallery.runner import SEED, EpochLog, Settings
from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Dropout,
    Flatten,
    MaxPooling,
    Module,
    ReLU,
    Sequential,
    Tanh,
)
from rosenblatt.models.decoding import Symbols, greedy
from rosenblatt.models.sentence_pairs import START, STOP, UNKNOWN, teacher_forced
from rosenblatt.models.translator import Decoder
from rosenblatt.report.style import ORANGE, bare, figure
from rosenblatt.train import Adam, OneCycle, Plan, State
from rosenblatt.train.batches import Batch
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import padded_cross_entropy

NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RELATIONS = ("left of", "above")  # the first named is to the left, or above: one true caption
SIDE, SIZE = 8, 24  # pixels of a digit and of a scene
CHANGES = Augmentation(shift=0.8, rotation=12, scale=0.12, shear=0.12)  # as the final recipe's
CHANGED = 20  # steps with the same changed digits
BATCH = 64  # scenes
UNSEEN = 5  # one combination in so many is kept for the test

Combination = tuple[int, str, int]


class Captioner(Module):
    """Images [N, H, W, 1] to the state from which a decoder writes."""

    def __init__(self, symbols: int, units: int) -> None:
        self.symbols, self.units = symbols, units
        self.eye = Sequential([
            Convolution(32, 3, padding="same", activation="relu"), MaxPooling(2),
            Convolution(64, 3, padding="same", activation="relu"), MaxPooling(2),
            Convolution(96, 3, padding="same", activation="relu"),  # sees 18 pixels: a digit
            Flatten(), Dropout(0.3), Dense(256), BatchNormalisation(), ReLU(), Dense(2 * units),
            BatchNormalisation(), Tanh(),  # else the state runs to +-1 and learns no more
        ])  # fmt: skip
        self.decoder = Decoder(symbols, 32, units)

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        self.eye.build(shape, rng)
        return self.decoder.build((10,), rng)

    def __call__(self, images: Any, target: np.ndarray) -> Any:
        return self.decoder(target, self.eye(images))


def combinations() -> tuple[list[Combination], list[Combination]]:
    """Return the combinations to train on and those never to be seen, the same in every run."""
    every = [(a, relation, b) for a in range(10) for relation in RELATIONS for b in range(10)]
    order = np.random.default_rng(7).permutation(len(every))
    held = len(every) // UNSEEN
    return [every[i] for i in order[held:]], [every[i] for i in order[:held]]


def caption(combination: Combination) -> list[str]:
    """Return the words: a three left of a seven."""
    first, relation, second = combination
    return ["a", NAMES[first], *relation.split(), "a", NAMES[second]]


class Scenes:
    """Makes scenes of the images [M, 8, 8, 1] of digits, by label."""

    def __init__(self, images: np.ndarray, labels: np.ndarray) -> None:
        self.images = [images[labels == digit] for digit in range(10)]

    def scene(self, combination: Combination, rng: np.random.Generator) -> np.ndarray:
        """Return a scene [24, 24, 1] in 0..1: two digits, apart along the relation's axis alone."""
        first, relation, second = combination
        along = [int(rng.integers(0, 5)), int(rng.integers(12, 17))]  # no overlap
        across = [int(rng.integers(5, 12)), int(rng.integers(5, 12))]
        canvas = np.zeros((SIZE, SIZE, 1), np.float32)
        for digit, a, c in zip((first, second), along, across, strict=True):
            y, x = (a, c) if relation == "above" else (c, a)
            choice = self.images[digit][int(rng.integers(0, len(self.images[digit])))]
            canvas[y : y + SIDE, x : x + SIDE] = choice
        return canvas

    def batch(self, some: list[Combination], rng: np.random.Generator) -> np.ndarray:
        return np.stack([self.scene(one, rng) for one in some])


def digits(settings: Settings) -> Pictures:
    """Return grey images [N, 8, 8, 1] of digits. Raises UserError as pictures, or for others."""
    data = pictures(settings, SIDE, grey=True)
    if data.classes != tuple("0123456789"):
        raise UserError(f"{settings.data}: scenes are made of images of the digits 0 to 9.")
    return data


def run(settings: Settings) -> dict[str, Any]:
    data = digits(settings)
    seen, unseen = combinations()
    vocabulary = Vocabulary.of(map(caption, seen), 1, UNKNOWN, START, STOP)
    model = Captioner(len(vocabulary), 64 if settings.quick else 128)
    model.build((SIZE, SIZE, 1), np.random.default_rng(SEED))
    epochs, steps = (1, 40) if settings.quick else (10, 400)
    plan = Plan(
        epochs, optimiser=Adam(), schedule=OneCycle(0.004), clip_norm=1.0,
        loss=padded_cross_entropy, metric=None, seed=1, callbacks=(EpochLog(settings),),
    )  # fmt: skip
    fit(model, Described(data, seen, vocabulary, steps), plan)
    test = [one for one in unseen for _ in range(3 if settings.quick else 10)]
    images = Scenes(data.test, data.test_labels).batch(test, np.random.default_rng(99))
    written = describe(model, vocabulary, images)
    right = np.array([w == caption(one) for w, one in zip(written, test, strict=True)])
    draw(images, written, [caption(one) for one in test], settings)
    return {
        "combinations": len(seen), "unseen_combinations": len(unseen), "scenes": len(test),
        "exact": round(float(right.mean()), 4),
    }  # fmt: skip


class Described(NamedTuple):
    """A source of scenes with their captions, so many steps an epoch.

    They are newly drawn for every step, of digits that are changed now and then.
    """

    digits: Pictures
    seen: list[Combination]
    vocabulary: Vocabulary
    steps: int

    def epoch(self, state: State) -> Iterator[Batch]:
        for _ in range(self.steps):
            if state.step % CHANGED == 0:
                changed = CHANGES(self.digits.train, SEED, state.step)
                scenes = Scenes(changed, self.digits.labels)
            some = [self.seen[i] for i in state.rng.integers(0, len(self.seen), BATCH)]
            numbers = [self.vocabulary.encode(caption(one)) for one in some]
            given, wanted = teacher_forced(numbers, symbols(self.vocabulary))
            yield Batch((scenes.batch(some, state.rng), given), wanted)


def symbols(vocabulary: Vocabulary) -> Symbols:
    return Symbols(vocabulary.numbers[START], vocabulary.numbers[STOP])


def describe(model: Captioner, vocabulary: Vocabulary, images: np.ndarray) -> list[list[str]]:
    """Return the captions of images [N, H, W, 1]."""
    state = model.eye(images)
    chosen = greedy(model.decoder.step, state, len(images), symbols(vocabulary), 12)
    return [vocabulary.decode(numbers) for numbers in chosen]


def draw(
    images: np.ndarray, written: list[list[str]], true: list[list[str]], settings: Settings
) -> None:
    """Draw eight scenes of all the test with their captions, up to four of them wrong ones."""
    right = np.array([w == t for w, t in zip(written, true, strict=True)])
    wrong = _spread(np.flatnonzero(~right), 4)
    with figure(settings.picture, 16, 9.6) as drawing:
        shown = [*wrong, *_spread(np.flatnonzero(right), 8 - len(wrong))]
        panels = drawing.subplots(2, 4).ravel()
        for axes in panels:
            axes.set_axis_off()
        for axes, i in zip(panels, shown, strict=False):
            axes.set_axis_on()
            axes.imshow(images[i, :, :, 0], cmap="Greys")
            bare(axes)
            axes.spines[:].set_visible(True)
            axes.set_title(" ".join(written[i]), fontsize=7, color="black" if right[i] else ORANGE)
            if not right[i]:
                axes.set_xlabel(f"truth: {' '.join(true[i])}", fontsize=7)


def _spread(numbers: np.ndarray, count: int) -> list[int]:
    """Return at most `count` of the numbers, from all over them."""
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers)))
    return numbers[places.astype(np.int64)].tolist()
