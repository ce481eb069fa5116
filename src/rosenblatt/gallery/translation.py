"""Translation by encoder and decoder: sources reversed or not, greedy or by beam, then attention.

Data: a file of sentences whose name has `train` and its language, such as multi30k_train.en.gz; its
neighbours with `.fr`, and with `val`, are found beside it. Without any, sentences of a small
bilingual grammar in which adjectives change sides. BLEU is on words in small letters, signs apart
(data/corpus.py, `words`).
"""

from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.corpus import read_parallel, words
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import Settings
from rosenblatt.gallery.sentences import translations
from rosenblatt.gallery.seq2seq import (
    Languages,
    Pairs,
    Sentence,
    scores,
    translate,
    translate_by_beam,
)
from rosenblatt.gallery.training import Trainer
from rosenblatt.models.translator import AttentionTranslator, Decoder, Encoder, EncoderDecoder
from rosenblatt.report.style import figure
from rosenblatt.train.optimisers import Adam
from rosenblatt.train.schedules import OneCycle

Corpus = list[tuple[Sentence, Sentence]]
BATCH, BEAM, NORMALISATION = 64, 5, 1.0


def read_corpora(path: Path) -> tuple[Corpus, Corpus]:
    """Return the pairs to train on and to test on. Raises UserError as read_parallel."""
    name = path.name
    if "train" not in name or ".en" not in name:
        raise UserError(f"{path}: the name should hold 'train' and '.en', to find its pair.")
    read = []
    for part in (name, name.replace("train", "val")):
        lines = read_parallel(path.with_name(part), path.with_name(part.replace(".en", ".fr")))
        read.append([(words(source), words(target)) for source, target in lines])
    kept = [(s, t) for s, t in read[0] if 0 < len(s) <= 40 and 0 < len(t) <= 40]
    return kept, read[1]


class Sizes:
    """Of the networks and their training: for real data, the small grammar, or a quick look."""

    def __init__(self, real: bool, quick: bool) -> None:
        self.units, self.embedding, self.dropout = (512, 256, 0.4) if real else (64, 32, 0.0)
        self.attention_units = 256 if real else 48
        self.epochs = 14 if real else 20
        self.attention_epochs = 10 if real else 6
        self.rate = 0.0015 if real else 0.008
        self.least = 3 if real else 1
        if quick:
            self.units, self.embedding, self.attention_units = 48, 24, 48
            self.epochs = self.attention_epochs = 6


def plain(languages: Languages, sizes: Sizes) -> EncoderDecoder:
    """Return the encoder-decoder of Sutskever et al. 2014, of one layer."""
    settings = (sizes.embedding, sizes.units, sizes.dropout)
    return EncoderDecoder(
        Encoder(len(languages.source), *settings), Decoder(len(languages.target), *settings)
    )


def attentive(languages: Languages, sizes: Sizes) -> AttentionTranslator:
    """Return the network of Bahdanau et al. 2015."""
    symbols = (len(languages.source), len(languages.target))
    return AttentionTranslator(symbols, sizes.embedding, sizes.attention_units, sizes.dropout)


def train(model: Any, pairs: Pairs, epochs: int, rate: float, say) -> None:
    rng = np.random.default_rng(0)
    model.build((10,), rng)
    steps = epochs * -(-len(pairs.sources) // BATCH)
    schedule = OneCycle(rate, rising=0.15, final_divisor=100)
    trainer = Trainer(model, steps, optimiser=Adam(), schedule=schedule, clip=1.0)
    for epoch in range(epochs):
        say(f"epoch {epoch + 1} of {epochs}: loss {pairs.epoch(trainer, BATCH, rng):.3f}")


def run(settings: Settings) -> dict[str, Any]:
    if settings.data:
        corpus, test = read_corpora(settings.data)
    else:
        made = [(s.split(), t.split()) for s, t in translations(2400, np.random.default_rng(0))]
        corpus, test = made[:2000], made[2000:]
    if settings.quick:
        corpus, test = corpus[:1500], test[:150]
    sizes = Sizes(settings.data is not None, settings.quick)
    sources, references = [s for s, _ in test], [t for _, t in test]
    figures: dict[str, Any] = {"pairs": len(corpus), "test_pairs": len(test)}
    for name, reverse, make in (
        ("not reversed", False, plain), ("reversed", True, plain), ("attention", False, attentive)
    ):  # fmt: skip
        languages = Languages.of(corpus, sizes.least, reverse)
        model = make(languages, sizes)
        epochs = sizes.epochs if make is plain else sizes.attention_epochs
        settings.say(f"{name}:")
        train(model, Pairs(corpus, languages), epochs, sizes.rate, settings.say)
        figures[name] = scores(translate(model, languages, sources), references)
        beamed = [translate_by_beam(model, languages, s, BEAM, NORMALISATION) for s in sources]
        figures[f"{name}, beam"] = scores(beamed, references)
        settings.say(f"{name}: greedy {figures[name]}, beam {figures[f'{name}, beam']}")
    figures["vocabularies"] = [len(languages.source), len(languages.target)]
    figures["differences"] = _differences(figures)
    assert isinstance(model, AttentionTranslator)
    draw(model, languages, sorted(sources, key=lambda s: abs(len(s) - 10))[:4], settings)
    return figures


def _differences(figures: dict[str, Any]) -> dict[str, float]:
    reversing = figures["reversed, beam"]["bleu"] - figures["not reversed, beam"]["bleu"]
    beam = figures["reversed, beam"]["bleu"] - figures["reversed"]["bleu"]
    attention = figures["attention, beam"]["bleu"] - figures["reversed, beam"]["bleu"]
    named = {"reversing": reversing, "beam": beam, "attention": attention}
    return {name: round(value, 2) for name, value in named.items()}


def draw(model: AttentionTranslator, languages: Languages, sources, settings: Settings) -> None:
    """Draw where the decoder looked while it wrote each word of four translations."""
    with figure(settings.picture, 17, 16) as drawing:
        for axes, source in zip(drawing.subplots(2, 2).ravel(), sources, strict=True):
            written = translate_by_beam(model, languages, source, BEAM, NORMALISATION)
            numbers = languages.target.encode(written)
            given = np.concatenate([[languages.symbols.start], numbers])
            shares = model.shares(languages.read(source), given)
            axes.imshow(shares, cmap="Greys", vmin=0, vmax=1, aspect="auto")
            axes.set_xticks(range(len(source)), source, rotation=60, ha="right")
            axes.set_yticks(range(len(given)), [*written, "STOP"])
