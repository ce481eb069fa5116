"""A character language model: it learns to write by guessing the next letter.

Default text: sources of Python's standard library, which every machine has. The last tenth is held
out. The training stops at any time and goes on from its checkpoint, OUT/characters.checkpoint.npz,
to the same bits; the command `write` draws text from it.
"""

import json
import math
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.archive import REFUSED
from rosenblatt.data.corpus import Vocabulary, read_text
from rosenblatt.errors import UserError
from rosenblatt.gallery import checkpoint
from rosenblatt.gallery.runner import SEED, Settings
from rosenblatt.gallery.training import Trainer
from rosenblatt.models.decoding import draw
from rosenblatt.models.language import LanguageModel, States, windows
from rosenblatt.report.style import BLUE, ORANGE, figure
from rosenblatt.train.optimisers import Adam
from rosenblatt.train.schedules import Cosine

STREAMS, STEPS = 64, 64
SAVED = 200  # steps between checkpoints
KIND = "character model"
SOURCES = ("textwrap", "random", "heapq", "calendar", "argparse", "difflib", "ast", "fractions")


class Plan:
    """Sizes of the model and of its training."""

    def __init__(self, quick: bool) -> None:
        self.units, self.embedding, self.dropout = (96, 32, 0.0) if quick else (512, 64, 0.3)
        self.streams, self.steps = (16, 40) if quick else (STREAMS, STEPS)
        self.epochs = 3 if quick else 14
        self.rate = 0.01 if quick else 0.003


def library_text(quick: bool) -> str:
    """Return sources of the standard library, ASCII only."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    names = SOURCES[:4] if quick else SOURCES
    text = "".join((folder / f"{name}.py").read_text("utf-8") for name in names)
    return "".join(character for character in text if character.isascii())


def run(settings: Settings) -> dict[str, Any]:
    text = read_text(settings.data) if settings.data else library_text(settings.quick)
    vocabulary = Vocabulary(sorted(set(text)))
    numbers = vocabulary.encode(text)
    held = len(numbers) * 9 // 10
    plan = Plan(settings.quick)
    if held <= plan.streams * plan.steps:
        raise UserError(
            f"{settings.data}: {len(text):,} characters, of which nine tenths do not fill a window "
            f"of {plan.streams} streams of {plan.steps} steps; give a longer text."
        )
    model = LanguageModel(len(vocabulary), plan.embedding, plan.units, 1, plan.dropout)
    model.build((plan.steps,), np.random.default_rng(SEED))
    training = Training(model, vocabulary, numbers[:held], plan, settings)
    training.go_on()
    spent = training.spent.so_far()
    loss = model.loss(numbers[held:])
    draw_curves(training, loss, settings)
    sample = generate(model, vocabulary, text[held : held + 20], 300, temperature=0.8, top_k=40)
    return {
        "characters": len(numbers), "symbols": len(vocabulary), "steps": training.trainer.step,
        "held_out_nats": round(loss, 4), "bits_per_character": round(loss / math.log(2), 4),
        "perplexity": round(math.exp(loss), 3), "plan": vars(plan), "training": spent,
        "sample": sample,
    }  # fmt: skip


class Training:
    """A training under way: all that a checkpoint holds."""

    def __init__(self, model, vocabulary, text, plan, settings) -> None:
        self.model, self.vocabulary, self.text, self.plan = model, vocabulary, text, plan
        self.settings = settings
        self.windows = list(windows(text, plan.streams, plan.steps))
        self.total = plan.epochs * len(self.windows)
        schedule = Cosine(plan.rate, plan.rate / 50)
        self.trainer = Trainer(model, self.total, optimiser=Adam(), schedule=schedule)
        self.states: States = None
        self.losses: list[float] = []
        self.samples: list[str] = []
        self.spent = checkpoint.Spent()
        self.file = settings.out / f"{settings.name}.checkpoint.npz"

    def go_on(self) -> None:
        """Train from the checkpoint, if there is one of the same text and plan, to the end."""
        self.load()
        ages = {self.total // 50, self.total // 5, self.total}
        while self.trainer.step < self.total:
            self.one_step()
            step = self.trainer.step
            if step in ages:
                self.samples.append(
                    generate(self.model, self.vocabulary, self.vocabulary.symbols[0], 240)
                )
            if (step % SAVED == 0 or step == self.total) and not self.settings.quick:
                self.save()
                recent = np.mean(self.losses[-SAVED:])
                self.settings.say(f"step {step:,} of {self.total:,}: {recent:.3f} nats")

    def one_step(self) -> None:
        number = self.trainer.step % len(self.windows)
        inputs, targets = self.windows[number]
        states = None if number == 0 else self.states
        loss, tape = self.trainer.learn_from(lambda: self.model(inputs, states), targets)
        self.states = self.model.carried(tape)
        self.losses.append(loss)

    def key(self) -> str:
        """Return what a checkpoint must fit: text, vocabulary and plan."""
        return json.dumps([KIND, len(self.text), self.vocabulary.symbols, vars(self.plan)])

    def save(self) -> None:
        """Write the checkpoint."""
        arrays = checkpoint.arrays_of(self.trainer)
        arrays |= {f"state.{n}": value for n, value in enumerate(self.states or ())}
        arrays["losses"] = np.array(self.losses)
        notes = {"samples": self.samples, "spent": self.spent.so_far()}
        checkpoint.save(self.file, self.key(), arrays, notes)

    def load(self) -> None:
        """Take up a checkpoint, if there is one. Raises UserError as checkpoint.load."""
        found = None if self.settings.quick else checkpoint.load(self.file, self.key())
        if found is None:
            return
        arrays, notes = found
        self.samples, self.losses = notes["samples"], arrays.pop("losses").tolist()
        self.spent = checkpoint.Spent(notes["spent"])
        checkpoint.put_back(self.trainer, arrays, len(self.losses))
        self.states = tuple(checkpoint.part(arrays, "state.").values()) or None
        self.settings.say(f"going on from step {self.trainer.step:,}")


def trained(file: Path) -> tuple[LanguageModel, Vocabulary]:
    """Return the model of a checkpoint, however old, and its characters.

    Raises UserError where there is none, or as checkpoint.load.
    """
    found = checkpoint.load(file)
    if found is None:
        raise UserError(f"{file}: is not there; `gallery characters` trains a model.")
    try:
        kind, _, symbols, plan = json.loads(found[1]["key"])
        if kind != KIND:
            raise ValueError(f"it is of the kind {kind!r}")
        model = LanguageModel(len(symbols), plan["embedding"], plan["units"])
        model.build((plan["steps"],), np.random.default_rng(SEED))
        model.load_state(checkpoint.part(found[0], "weight."))
    except REFUSED as error:
        raise UserError(
            f"{file}: holds no character model ({error}); `gallery characters` trains one."
        ) from error
    return model, Vocabulary(symbols)


def generate(
    model: LanguageModel,
    vocabulary: Vocabulary,
    prime: str,
    length: int,
    *,
    temperature: float = 1.0,
    top_k: int | None = None,
    seed: int = 0,
) -> str:
    """Return `length` characters that follow `prime`. Raises UserError for an unknown character."""
    rng = np.random.default_rng(seed)
    states: States = None
    written: list[int] = []
    if not prime:
        raise UserError("the text to go on from is empty; give at least one character.")
    for number in vocabulary.encode(prime):
        logits, states = model.step(np.array([number]), states)
    for _ in range(length):
        written.append(draw(logits[0], rng, temperature, top_k))
        logits, states = model.step(np.array(written[-1:]), states)
    return "".join(vocabulary.decode(written))


def draw_curves(training: Training, held_out: float, settings: Settings) -> None:
    """Draw the loss over the steps, and what the model wrote at three ages."""
    losses = np.array(training.losses)
    width = max(1, len(losses) // 200)
    smooth = losses[: len(losses) // width * width].reshape(-1, width).mean(axis=1)
    with figure(settings.picture, 16, 8) as drawing:
        left, right = drawing.subplots(1, 2, width_ratios=[1, 1.2])
        left.plot(np.arange(1, len(smooth) + 1) * width, smooth, color=BLUE, label="training")
        left.axhline(held_out, color=ORANGE, linestyle="--", label=f"held out: {held_out:.3f}")
        left.axhline(
            math.log(len(training.vocabulary)), color="0.5", linestyle=":", label="guessing"
        )
        left.set(xlabel="step", ylabel="nats a character", ylim=(0, None))
        left.legend()
        right.axis("off")
        y = 1.0
        for age, sample in zip(("2 %", "20 %", "100 %"), training.samples, strict=True):
            lines = sample.replace("$", r"\$").split("\n")[:8]
            text = "\n".join(line[:60] for line in lines)
            right.text(0, y, f"written after {age} of the training", va="top", weight="bold")
            right.text(0, y - 0.06, text, va="top", family="DejaVu Sans Mono", fontsize=6)
            y -= 0.35
