"""Sentence rating: is a review of a film for it or against it? Many to one.

Data: `1 or 0<TAB>sentence` a line (.tsv or .tsv.gz); without any, sentences made by a small
grammar in which the last clause counts and a negation turns it.
"""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.corpus import Vocabulary, padded, read_lines, words
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import SEED, Settings, one_of
from rosenblatt.layers import (
    LSTM,
    Bidirectional,
    Dense,
    Dropout,
    Embedding,
    Module,
    Stack,
)
from rosenblatt.report.style import BLUE, ORANGE, figure
from rosenblatt.train import Adam, Cosine, Plan
from rosenblatt.train.batches import Batch, ByLength
from rosenblatt.train.fit import fit

FOLDS, BATCH = 5, 32

GOOD = ("moving", "funny", "brilliant", "tender", "gripping", "wise", "fresh", "charming")
BAD = ("dull", "clumsy", "tedious", "shallow", "noisy", "stale", "lifeless", "silly")
THINGS = ("film", "plot", "cast", "script", "ending", "music", "camera", "story")
NEVER = ("never", "not", "hardly", "anything but")
DEGREES = ("", "quite ", "very ", "rather ", "truly ")


def reviews(count: int, rng: np.random.Generator) -> list[tuple[int, str]]:
    """Return (1 good or 0 bad, sentence): the last clause counts, and a negation turns it."""
    made = []
    for _ in range(count):
        label, clauses = 0, []
        for _ in range(int(rng.integers(1, 4))):
            label = int(rng.integers(0, 2))
            negated = rng.random() < 0.4
            adjective = one_of(GOOD if label != negated else BAD, rng)
            negation = one_of(NEVER, rng) + " " if negated else ""
            clauses.append(
                f"the {one_of(THINGS, rng)} is {negation}{one_of(DEGREES, rng)}{adjective}"
            )
        made.append((label, " , but ".join(clauses) + " ."))
    return made


def read_reviews(path: Path) -> list[tuple[int, str]]:
    """Return (label, sentence) of each line. Raises UserError as read_text, or for another form."""
    read = []
    for row, line in enumerate(read_lines(path), 1):
        label, tab, sentence = line.partition("\t")
        if label not in ("0", "1") or not tab or not words(sentence):
            raise UserError(f"{path}: row {row}: expected 1 or 0, a tab and a sentence.")
        read.append((int(label), sentence))
    if len(read) < FOLDS or len({label for label, _ in read}) < 2:
        raise UserError(f"{path}: needs at least {FOLDS} sentences, of both kinds.")
    return read


class Sizes:
    """Of the network and its training: for real reviews, or for those of the small grammar."""

    def __init__(self, real: bool, quick: bool) -> None:
        self.units, self.dropout = (96, 0.5) if real else (24, 0.1)
        self.rate = 0.002 if real else 0.01
        self.epochs = 2 if quick else 6 if real else 8


def network(symbols: int, sizes: Sizes, rng: np.random.Generator) -> Module:
    """Return embeddings, an LSTM from each end, and a dense layer on their last outputs."""
    units, dropout = sizes.units, sizes.dropout
    module = Stack([
        Embedding(symbols, units), Dropout(dropout),
        Bidirectional(LSTM(units, "last"), LSTM(units, "last", reverse=True)), Dropout(dropout),
        Dense(2, initialiser="glorot_uniform"),
    ])  # fmt: skip
    module.build((10,), rng)
    return module


def outputs(module: Module, sentences: list[np.ndarray]) -> np.ndarray:
    """Return the logits [N, 2], computed in batches of like lengths."""
    result = np.empty((len(sentences), 2), np.float32)
    order = np.argsort([len(s) for s in sentences], kind="stable")
    for first in range(0, len(order), 256):
        index = order[first : first + 256]
        result[index] = module(*padded([sentences[i] for i in index]))
    return result


def train_fold(
    data: tuple[list[list[str]], np.ndarray], train: np.ndarray, sizes: Sizes, seed: int
) -> tuple[Module, Vocabulary, float]:
    """Train on the rows `train`; return the network, its vocabulary and the last epoch's loss."""
    sentences, labels = data
    vocabulary = Vocabulary.of((sentences[i] for i in train), 2, "<unknown>")
    encoded = {int(i): vocabulary.encode(sentences[i]) for i in train}
    module = network(len(vocabulary), sizes, np.random.default_rng(seed))

    def batch(some: np.ndarray, rng: np.random.Generator) -> Batch:
        rows = train[some]
        return Batch(padded([encoded[int(i)] for i in rows]), labels[rows])

    plan = Plan(
        sizes.epochs, optimiser=Adam(), schedule=Cosine(sizes.rate), clip_norm=1.0, seed=seed
    )
    lengths = np.array([len(encoded[int(i)]) for i in train])
    state = fit(module, ByLength(lengths, BATCH, batch), plan)
    return module, vocabulary, state.loss


def run(settings: Settings) -> dict[str, Any]:
    rng = np.random.default_rng(SEED)
    rated = read_reviews(settings.data) if settings.data else reviews(2000, rng)
    if settings.quick:
        rated = rated[:800]
    sizes = Sizes(settings.data is not None, settings.quick)
    sentences = [words(sentence) for _, sentence in rated]
    labels = np.array([label for label, _ in rated])
    folds = rng.permutation(len(rated)) % FOLDS
    probabilities = np.empty(len(rated))
    scores = []
    for fold in range(1 if settings.quick else FOLDS):
        train, test = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        module, vocabulary, loss = train_fold((sentences, labels), train, sizes, fold)
        logits = outputs(module, [vocabulary.encode(sentences[i]) for i in test])
        scores.append(float(np.mean(logits.argmax(axis=1) == labels[test])))
        difference = (logits[:, 1] - logits[:, 0]).astype(np.float64)
        probabilities[test] = 1 / (1 + np.exp(-difference))
        last_test = test
        settings.say(f"fold {fold + 1}: accuracy {scores[-1]:.4f}, loss {loss:.3f}")
    examples = draw(module, vocabulary, [sentences[i] for i in last_test], settings)
    histogram = [
        np.histogram(probabilities[last_test][labels[last_test] == k], 10, (0, 1))[0].tolist()
        for k in (0, 1)
    ]
    return {
        "sentences": len(rated), "folds": len(scores), "accuracy": round(float(np.mean(scores)), 4),
        "by_fold": [round(score, 4) for score in scores], "probabilities": histogram,
        "drawn": examples,
    }  # fmt: skip


def draw(module: Module, vocabulary: Vocabulary, sentences: list[list[str]], settings) -> list[str]:
    """Draw how the probability of "for it" moves as the sentence is read, for four sentences."""
    chosen = sorted(sentences, key=lambda s: abs(len(s) - 11))[:4]
    with figure(settings.picture, 16, 9) as drawing:
        for axes, sentence in zip(drawing.subplots(2, 2).ravel(), chosen, strict=True):
            numbers = vocabulary.encode(sentence)
            logits = outputs(module, [numbers[: t + 1] for t in range(len(numbers))])
            chance = 1 / (1 + np.exp(-(logits[:, 1] - logits[:, 0])))
            colors = [BLUE if c > 0.5 else ORANGE for c in chance]
            axes.bar(range(len(chance)), chance - 0.5, bottom=0.5, color=colors)
            axes.axhline(0.5, color="0.4", linewidth=0.6)
            axes.set_xticks(range(len(sentence)), sentence, rotation=60, ha="right", fontsize=7)
            axes.set(ylim=(0, 1), ylabel="chance of praise")
    return [" ".join(sentence) for sentence in chosen]
