"""Part-of-speech tagging: a tag for every word, from the words on both sides. Many to many.

A word is the sum of what is learned about it: vectors of the word, of its first and last letters,
and of its form (capitals, digits), side by side. Data: `word<TAB>tag` a line, an empty line between
sentences, in a file ..._train...; its neighbour ..._dev... is the test. Without any, clauses made
by a small grammar whose nouns and verbs share forms.
"""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.corpus import Vocabulary, padded, read_lines
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import SEED, EpochLog, Settings, one_of
from rosenblatt.layers import (
    LSTM,
    Bidirectional,
    Concatenate,
    Dense,
    Dropout,
    Embedding,
    Module,
    Stack,
)
from rosenblatt.report.style import figure
from rosenblatt.tape import current_tape
from rosenblatt.train import Adam, Cosine, Plan
from rosenblatt.train.batches import Batch, ByLength
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import padded_cross_entropy

Sentence = list[tuple[str, str]]
BATCH, FORGOTTEN = 32, 0.1  # sentences a batch; share of words trained on as unknown

# Nouns and verbs share forms, so the tag depends on the place: "the fish swim", "men fish".
NOUNS = ("fish", "men", "dogs", "plants", "books", "fires", "drinks", "walks")
VERBS = ("fish", "plant", "book", "fire", "drink", "walk", "swim", "sleep")
PLACES = (("in", "ADP"), ("near", "ADP"), ("under", "ADP"))
ADJECTIVES = ("old", "light", "green", "quick", "small")
ADVERBS = ("often", "never", "quickly", "well")


def tagged(count: int, rng: np.random.Generator) -> list[list[tuple[str, str]]]:
    """Return sentences of (word, part of speech)."""
    return [_clause(rng) for _ in range(count)]


def _clause(rng: np.random.Generator) -> list[tuple[str, str]]:
    words = _noun_phrase(rng)
    if rng.random() < 0.4:
        words.append((one_of(ADVERBS, rng), "ADV"))
    words.append((one_of(VERBS, rng), "VERB"))
    if rng.random() < 0.5:
        words += _noun_phrase(rng)
    if rng.random() < 0.5:
        words += [PLACES[int(rng.integers(0, len(PLACES)))], *_noun_phrase(rng)]
    return [*words, (".", "PUNCT")]


def _noun_phrase(rng: np.random.Generator) -> list[tuple[str, str]]:
    words = [("the", "DET")] if rng.random() < 0.5 else []
    if rng.random() < 0.5:
        words.append((one_of(ADJECTIVES, rng), "ADJ"))
    return [*words, (one_of(NOUNS, rng), "NOUN")]


def read_tagged(path: Path) -> list[Sentence]:
    """Return the sentences. Raises UserError as read_text, or for a line of another form."""
    sentences: list[Sentence] = [[]]
    for row, line in enumerate(read_lines(path), 1):
        if not line.strip():
            sentences.append([])
            continue
        word, tab, tag = line.partition("\t")
        if not (word and tab and tag):
            raise UserError(f"{path}: row {row}: expected a word, a tab and its tag.")
        sentences[-1].append((word, tag))
    return [sentence for sentence in sentences if sentence]


def neighbour(path: Path, name: str, other: str) -> Path:
    """Return the file beside `path` whose name has `other` for `name`. Raises UserError."""
    if name not in path.name:
        raise UserError(f"{path}: the name should hold {name!r}, so that its pair can be found.")
    return path.with_name(path.name.replace(name, other))


def form(word: str) -> str:
    """Return what a word looks like: capitals, small letters, digits and signs, runs shortened."""
    kinds = [
        "A" if c.isupper() else "a" if c.islower() else "0" if c.isdigit() else c for c in word
    ]
    return "".join(k for i, k in enumerate(kinds) if i < 1 or k != kinds[i - 1])[:6]


FEATURES = {
    "word": lambda word: word.lower(),
    "last three": lambda word: word.lower()[-3:],
    "last two": lambda word: word.lower()[-2:],
    "first three": lambda word: word.lower()[:3],
    "form": form,
}


class Tagger(Module):
    """Embeddings of each feature side by side, LSTMs from both ends, a dense layer on each step."""

    def __init__(self, symbols: list[int], widths: list[int], units: int, tags: int) -> None:
        self.symbols, self.widths, self.units, self.tags = symbols, widths, units, tags
        self.look_ups = [Embedding(s, w) for s, w in zip(symbols, widths, strict=True)]
        self.join = Concatenate()
        self.layers = Stack([
            Dropout(0.4), Bidirectional(LSTM(units), LSTM(units, reverse=True)), Dropout(0.4),
            Dense(tags, initialiser="glorot_uniform"),
        ])  # fmt: skip

    def build(self, shape: Any, rng: Any) -> tuple[int, ...]:
        parts = tuple(look_up.build(shape[:1], rng) for look_up in self.look_ups)
        return self.layers.build(self.join.build(parts, rng), rng)

    def __call__(self, x: np.ndarray, mask: np.ndarray) -> Any:
        """Map features [N, T, F] and a mask [N, T] to logits [N, T, tags]."""
        parts = [
            look_up(np.ascontiguousarray(x[:, :, f])) for f, look_up in enumerate(self.look_ups)
        ]
        return self.layers(self.join(*parts), mask)


class Words:
    """The vocabularies of all features, and of the tags."""

    def __init__(self, sentences: list[Sentence]) -> None:
        self.features = [
            Vocabulary.of(([f(w) for w, _ in s] for s in sentences), 2, "<unknown>")
            for f in FEATURES.values()
        ]
        self.tags = Vocabulary(sorted({tag for s in sentences for _, tag in s}))

    def encode(self, sentence: Sentence) -> np.ndarray:
        """Return the features [T, F] of a sentence."""
        columns = [
            vocabulary.encode([feature(word) for word, _ in sentence])
            for vocabulary, feature in zip(self.features, FEATURES.values(), strict=True)
        ]
        return np.stack(columns, axis=1)


def batch_of(sentences: list[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return features [N, T, F] and mask [N, T]."""
    columns = [padded([s[:, f] for s in sentences]) for f in range(sentences[0].shape[1])]
    return np.stack([numbers for numbers, _ in columns], axis=2), columns[0][1]


def train(sentences: list[Sentence], known: Words, settings: Settings) -> Tagger:
    real = settings.data is not None
    widths, units = ([96, 48, 24, 32, 16], 128) if real else ([16, 4, 4, 4, 4], 24)
    model = Tagger([len(v) for v in known.features], widths, units, len(known.tags))
    model.build((10,), np.random.default_rng(SEED))
    x = [known.encode(s) for s in sentences]
    y = [known.tags.encode([tag for _, tag in s]) for s in sentences]

    def batch(rows: np.ndarray, rng: np.random.Generator) -> Batch:
        features, mask = batch_of([x[i] for i in rows])
        features[:, :, 0][rng.random(mask.shape) < FORGOTTEN] = 0
        return Batch((features, mask), padded([y[i] for i in rows], -1)[0])

    epochs, rate = (8, 0.003) if real else (10, 0.01)
    epochs = 2 if settings.quick else epochs
    plan = Plan(
        epochs, optimiser=Adam(), schedule=Cosine(rate), clip_norm=2.0, loss=padded_cross_entropy,
        metric=None, seed=SEED, callbacks=(EpochLog(settings),),
    )  # fmt: skip
    fit(model, ByLength(np.array([len(s) for s in sentences]), BATCH, batch), plan)
    return model


def confusion(model: Tagger, sentences: list[Sentence], known: Words) -> np.ndarray:
    """Return the counts [true tag, tag given] over all words."""
    assert current_tape() is None
    counts = np.zeros((len(known.tags), len(known.tags)), np.int64)
    order = sorted(sentences, key=len)
    for first in range(0, len(order), 128):
        some = order[first : first + 128]
        features, mask = batch_of([known.encode(s) for s in some])
        given = model(features, mask).argmax(axis=-1)[mask]
        true = known.tags.encode([tag for s in some for _, tag in s])
        np.add.at(counts, (true, given), 1)
    return counts


def run(settings: Settings) -> dict[str, Any]:
    if settings.data:
        sentences = read_tagged(settings.data)
        test = read_tagged(neighbour(settings.data, "train", "dev"))
    else:
        rng = np.random.default_rng(SEED)
        sentences, test = tagged(2000, rng), tagged(300, rng)
    if settings.quick:
        sentences, test = sentences[:400], test[:100]
    known = Words(sentences)
    every = len(test)
    test = [s for s in test if all(tag in known.tags.numbers for _, tag in s)]
    if not test:
        raise UserError(f"{settings.data}: has no tag of its neighbour to test on; give its pair.")
    counts = confusion(train(sentences, known, settings), test, known)
    accuracy = np.trace(counts) / counts.sum()
    draw(counts, known.tags.symbols, float(accuracy), settings)
    recall = np.diag(counts) / np.maximum(counts.sum(axis=1), 1)
    return {
        "words": sum(map(len, sentences)), "test_words": int(counts.sum()),
        "sentences_with_new_tags_left_out": every - len(test),
        "tags": len(known.tags), "accuracy": round(float(accuracy), 4),
        "recall": dict(zip(known.tags.symbols, recall.round(3).tolist(), strict=True)),
    }  # fmt: skip


def draw(counts: np.ndarray, tags: list[str], accuracy: float, settings: Settings) -> None:
    """Draw which tags are taken for which."""
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    with figure(settings.picture, 12, 11) as drawing:
        axes = drawing.subplots()
        picture = axes.imshow(shares, cmap="cividis", vmin=0, vmax=1)
        for i, j in np.argwhere(shares >= 0.02):
            color = "black" if shares[i, j] > 0.6 else "white"
            axes.text(j, i, f"{100 * shares[i, j]:.0f}", ha="center", va="center",
                      color=color, fontsize=6)  # fmt: skip
        axes.set_xticks(range(len(tags)), tags, rotation=60, ha="right")
        axes.set_yticks(range(len(tags)), tags)
        axes.set(xlabel="tag given", ylabel="true tag", title=f"accuracy {accuracy:.4f}")
        drawing.colorbar(picture, label="share of the true tag", shrink=0.8)
