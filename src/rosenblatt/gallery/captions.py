"""Captions: a convolutional network looks at a scene, a recurrent one says what is in it.

Scenes are made from the real digits in data/digits: "a three left of a seven". One in five
combinations of two digits and a relation is never trained on; the test has only those, drawn with
images of digits that no training scene had. After Vinyals et al. 2015 (Show and tell).
"""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.challenge import load_challenge
from rosenblatt.data.corpus import Vocabulary
from rosenblatt.gallery.runner import SEED, Settings
from rosenblatt.gallery.seq2seq import START, STOP, UNKNOWN
from rosenblatt.gallery.training import Trainer
from rosenblatt.layers import (
    BatchNormalisation,
    Convolution,
    Dense,
    Flatten,
    MaxPooling,
    Module,
    ReLU,
    Sequential,
    Tanh,
)
from rosenblatt.models.decoding import Symbols, greedy
from rosenblatt.models.translator import Decoder
from rosenblatt.report.style import bare, figure
from rosenblatt.train.optimisers import Adam
from rosenblatt.train.schedules import OneCycle

DIGITS = Path(__file__).parents[3] / "data" / "digits"
NAMES = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
RELATIONS = ("left of", "above")  # the first named is to the left, or above: one true caption
SIDE, SIZE = 8, 24  # pixels of a digit and of a scene
UNSEEN = 5  # one combination in so many is kept for the test

Combination = tuple[int, str, int]


class Captioner(Module):
    """Images [N, H, W, 1] to the state from which a decoder writes."""

    def __init__(self, symbols: int, units: int) -> None:
        self.symbols, self.units = symbols, units
        self.eye = Sequential([
            Convolution(32, 3, padding="same", activation="relu"), MaxPooling(2),
            Convolution(64, 3, padding="same", activation="relu"), MaxPooling(2),
            Flatten(), Dense(256), BatchNormalisation(), ReLU(), Dense(2 * units),
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
    """Makes scenes of the images [M, 8, 8] of digits, by label."""

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
            canvas[y : y + SIDE, x : x + SIDE, 0] = choice
        return canvas

    def batch(self, some: list[Combination], rng: np.random.Generator) -> np.ndarray:
        return np.stack([self.scene(one, rng) for one in some])


def run(settings: Settings) -> dict[str, Any]:
    challenge = load_challenge(settings.data or DIGITS)
    pixels = challenge.train.reshape(-1, SIDE, SIDE).astype(np.float32)
    pixels /= pixels.max()
    labels = np.asarray(challenge.labels).astype(np.int64)
    last = len(pixels) * 4 // 5
    seen, unseen = combinations()
    vocabulary = Vocabulary.of(map(caption, seen), 1, UNKNOWN, START, STOP)
    model = Captioner(len(vocabulary), 64 if settings.quick else 128)
    model.build((SIZE, SIZE, 1), np.random.default_rng(SEED))
    steps = 900 if settings.quick else 6000
    scenes = Scenes(pixels[:last], labels[:last])
    train(model, scenes, seen, vocabulary, steps, settings.say)
    test = [one for one in unseen for _ in range(3 if settings.quick else 10)]
    images = Scenes(pixels[last:], labels[last:]).batch(test, np.random.default_rng(99))
    written = describe(model, vocabulary, images)
    right = np.array([w == caption(one) for w, one in zip(written, test, strict=True)])
    draw(images, written, right, settings)
    return {
        "combinations": len(seen), "unseen_combinations": len(unseen), "scenes": len(test),
        "exact": round(float(right.mean()), 4),
    }  # fmt: skip


def train(model, scenes, seen, vocabulary, steps, say) -> None:
    """Train on scenes drawn anew for every step."""
    rng = np.random.default_rng(1)
    start, stop = vocabulary.numbers[START], vocabulary.numbers[STOP]
    numbers = {one: vocabulary.encode(caption(one)) for one in seen}
    longest = max(map(len, numbers.values())) + 1
    trainer = Trainer(model, steps, optimiser=Adam(), schedule=OneCycle(0.004), clip=1.0)
    for step in range(steps):
        some = [seen[i] for i in rng.integers(0, len(seen), 64)]
        given, wanted = np.full((64, longest), stop), np.full((64, longest), -1)
        for n, one in enumerate(some):
            count = len(numbers[one])
            given[n, 0], given[n, 1 : count + 1] = start, numbers[one]
            wanted[n, :count], wanted[n, count] = numbers[one], stop
        loss = trainer.learn((scenes.batch(some, rng), given), wanted)
        if (step + 1) % 500 == 0:
            say(f"step {step + 1:,} of {steps:,}: loss {loss:.4f}")


def describe(model: Captioner, vocabulary: Vocabulary, images: np.ndarray) -> list[list[str]]:
    """Return the captions of images [N, H, W, 1]."""
    symbols = Symbols(vocabulary.numbers[START], vocabulary.numbers[STOP])
    chosen = greedy(model.decoder.step, model.eye(images), len(images), symbols, 12)
    return [vocabulary.decode(numbers) for numbers in chosen]


def draw(
    images: np.ndarray, written: list[list[str]], right: np.ndarray, settings: Settings
) -> None:
    """Draw eight scenes with their captions, wrong ones first, four at the most."""
    shown = [*np.flatnonzero(~right)[:4], *np.flatnonzero(right)][:8]
    with figure(settings.picture, 16, 9) as drawing:
        for axes, i in zip(drawing.subplots(2, 4).ravel(), shown, strict=False):
            axes.imshow(images[i, :, :, 0], cmap="Greys")
            bare(axes)
            axes.spines[:].set_visible(True)
            mark = "" if right[i] else " (wrong)"
            axes.set_title(" ".join(written[i]) + mark, fontsize=7)
