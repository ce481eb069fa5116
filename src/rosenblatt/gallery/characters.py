"""A character language model: it learns to write by guessing the next letter.

Default text: sources of Python's standard library, which every computer has. The last tenth is held
out. The training stops at any time and goes on from its last epoch, OUT/characters.checkpoint.npz,
to the same bits; the command `write` draws text from it.
"""

import json
import math
import sysconfig
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.archive import REFUSED, read_archive
from rosenblatt.data.corpus import Vocabulary, read_text
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import SEED, EpochLog, Settings, spent
from rosenblatt.layers import Module
from rosenblatt.models.decoding import draw
from rosenblatt.models.language import LanguageModel, States, Streams
from rosenblatt.report.style import BLUE, ORANGE, figure
from rosenblatt.train import Adam, Callback, Cosine, Plan, State
from rosenblatt.train.checkpoint import Checkpoint, grouped
from rosenblatt.train.fit import fit

STREAMS, STEPS = 64, 64
KIND = "character model"
FILE, QUICK = "characters.checkpoint.npz", "characters.quick.npz"
SOURCES = ("textwrap", "random", "heapq", "calendar", "argparse", "difflib", "ast", "fractions")


class Design:
    """Sizes of the model and of its training."""

    def __init__(self, quick: bool) -> None:
        self.units, self.embedding, self.dropout = (96, 32, 0.0) if quick else (512, 64, 0.3)
        self.streams, self.steps = (16, 40) if quick else (STREAMS, STEPS)
        self.epochs = 3 if quick else 14
        self.rate = 0.01 if quick else 0.003


def library_text(quick: bool) -> str:
    """Return sources of the standard library, ASCII only."""
    folder = Path(sysconfig.get_paths()["stdlib"])
    names = SOURCES[:1] if quick else SOURCES
    text = "".join((folder / f"{name}.py").read_text("utf-8") for name in names)
    return "".join(character for character in text if character.isascii())


def run(settings: Settings) -> dict[str, Any]:
    text = read_text(settings.data) if settings.data else library_text(settings.quick)
    vocabulary = Vocabulary(sorted(set(text)))
    numbers = vocabulary.encode(text)
    held = len(numbers) * 9 // 10
    design = Design(settings.quick)
    if held <= design.streams * design.steps:
        raise UserError(
            f"{settings.data}: {len(text):,} characters, of which nine tenths do not fill a window "
            f"of {design.streams} streams of {design.steps} steps; give a longer text."
        )
    model = LanguageModel(len(vocabulary), design.embedding, design.units, 1, design.dropout)
    model.build((design.steps,), np.random.default_rng(SEED))
    state = train(model, vocabulary, numbers[:held], design, settings)
    loss = model.loss(numbers[held:])
    draw_curves(state, loss, math.log(len(vocabulary)), settings)
    sample = generate(model, vocabulary, text[held : held + 20], 300, temperature=0.8, top_k=40)
    return {
        "characters": len(numbers), "symbols": len(vocabulary), "steps": state.step,
        "held_out_nats": round(loss, 4), "bits_per_character": round(loss / math.log(2), 4),
        "perplexity": round(math.exp(loss), 3), "design": vars(design), "training": spent(state),
        "sample": sample,
    }  # fmt: skip


class Diary(Callback):
    """Notes in the history each step's loss, and what the model writes at three ages."""

    def __init__(self, vocabulary: Vocabulary) -> None:
        self.vocabulary = vocabulary
        self.losses: list[float] = []

    def on_step(self, module: Module, state: State) -> None:
        self.losses.append(state.step_loss)

    def on_epoch(self, module: Module, state: State) -> None:
        assert isinstance(module, LanguageModel)
        state.history[-1]["losses"], self.losses = self.losses, []
        if state.epoch in (1, (state.total_epochs + 1) // 2, state.total_epochs):
            first = self.vocabulary.symbols[0]
            state.history[-1]["sample"] = generate(module, self.vocabulary, first, 240)


def train(
    model: LanguageModel, vocabulary: Vocabulary, text: np.ndarray, design: Any, settings: Settings
) -> State:
    """Train on the numbers of a text, on from the checkpoint of the same text and plan."""
    source = Streams(model, text, design.streams, design.steps)
    key = json.dumps([KIND, len(text), vocabulary.symbols, vars(design)])
    file = settings.out / (QUICK if settings.quick else FILE)
    if settings.quick:
        file.unlink(missing_ok=True)  # seconds of work, perhaps on another text
    told = Diary(vocabulary), EpochLog(settings), Checkpoint(file, key)
    plan = Plan(
        design.epochs, optimiser=Adam(), schedule=Cosine(design.rate, design.rate / 50),
        clip_norm=5.0, metric=None, callbacks=told,
    )  # fmt: skip
    return fit(model, source, plan)


def trained(file: Path) -> tuple[LanguageModel, Vocabulary]:
    """Return the model of a checkpoint, however old, and its characters.

    Raises UserError where there is none, it is damaged, or something else.
    """
    if not file.exists():
        raise UserError(f"{file}: is not there; `gallery characters` trains a model.")
    description, arrays = read_archive(file)
    try:
        kind, _, symbols, plan = json.loads(description["key"])
        if kind != KIND:
            raise ValueError(f"it is of the kind {kind!r}")
        model = LanguageModel(len(symbols), plan["embedding"], plan["units"])
        model.build((plan["steps"],), np.random.default_rng(SEED))
        model.load_state(grouped(arrays)["network"])
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


def draw_curves(state: State, held_out: float, guessing: float, settings: Settings) -> None:
    """Draw the loss over the steps, and what the model wrote at three ages."""
    losses = np.array([loss for row in state.history for loss in row["losses"]])
    samples = {row["epoch"]: row["sample"] for row in state.history if "sample" in row}
    width = max(1, len(losses) // 200)
    smooth = losses[: len(losses) // width * width].reshape(-1, width).mean(axis=1)
    with figure(settings.picture, 16, 8) as drawing:
        left, right = drawing.subplots(1, 2, width_ratios=[1, 1.2])
        left.plot(np.arange(1, len(smooth) + 1) * width, smooth, color=BLUE, label="training")
        left.axhline(held_out, color=ORANGE, linestyle="--", label=f"held out: {held_out:.3f}")
        left.axhline(guessing, color="0.5", linestyle=":", label="guessing")
        left.set(xlabel="step", ylabel="nats a character", ylim=(0, None))
        left.legend()
        right.axis("off")
        y = 1.0
        for epoch, sample in samples.items():
            lines = sample.replace("$", r"\$").split("\n")[:7]
            text = "\n".join(line[:60] for line in lines)
            age = f"written after epoch {epoch} of {state.total_epochs}"
            right.text(0, y, age, va="top", weight="bold")
            right.text(0, y - 0.06, text, va="top", family="DejaVu Sans Mono", fontsize=6)
            y -= 0.35
