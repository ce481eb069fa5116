"""Translation by encoder and decoder: sources reversed or not, greedy or by beam, then attention.

Data: a file of sentences whose name has `train` and its language, such as multi30k_train.en.gz; its
neighbours with `.fr`, and with `val`, are found beside it. Without any, sentences of a small
bilingual grammar in which adjectives change sides. BLEU is on words in small letters, signs apart
(data/corpus.py, `words`). Each network is kept in OUT/translation.NAME.npz after every epoch, and
goes on from there to the same bits.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rosenblatt.data.corpus import read_parallel, words
from rosenblatt.errors import UserError
from rosenblatt.gallery.runner import SEED, EpochLog, Settings, in_words, one_of, spent
from rosenblatt.models.sentence_pairs import (
    Languages,
    Pairs,
    Sentence,
    scores,
    translate,
    translate_by_beam,
)
from rosenblatt.models.translator import AttentionTranslator, Decoder, Encoder, EncoderDecoder
from rosenblatt.report.style import figure
from rosenblatt.train import Adam, OneCycle, Plan
from rosenblatt.train.checkpoint import Checkpoint
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import padded_cross_entropy

Corpus = list[tuple[Sentence, Sentence]]
BEAM, NORMALISATION = 5, 1.0
LEAST = 4  # times that a word of real data occurs, or it is unknown

# English and French: the adjective changes sides, the article and the ending agree.
FRENCH_NOUNS = {
    "cat": ("chat", "m"), "dog": ("chien", "m"), "boat": ("bateau", "m"), "boy": ("garçon", "m"),
    "house": ("maison", "f"), "car": ("voiture", "f"), "woman": ("femme", "f"),
    "door": ("porte", "f"),
}  # fmt: skip
FRENCH_ADJECTIVES = {
    "black": ("noir", "noire"), "green": ("vert", "verte"), "blue": ("bleu", "bleue"),
    "white": ("blanc", "blanche"),
}  # fmt: skip
FRENCH_VERBS = {"sees": "voit", "likes": "aime", "hides": "cache", "follows": "suit"}


def translations(count: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    """Return (English, French) sentences."""
    return [_translation(rng) for _ in range(count)]


def _translation(rng: np.random.Generator) -> tuple[str, str]:
    verb = one_of(tuple(FRENCH_VERBS), rng)
    (subject, sujet), (thing, chose) = _bilingual_phrase(rng), _bilingual_phrase(rng)
    if rng.random() < 0.3:
        return f"{subject} does not see {thing} .", f"{sujet} ne voit pas {chose} ."
    return f"{subject} {verb} {thing} .", f"{sujet} {FRENCH_VERBS[verb]} {chose} ."


def _bilingual_phrase(rng: np.random.Generator) -> tuple[str, str]:
    noun = one_of(tuple(FRENCH_NOUNS), rng)
    french, gender = FRENCH_NOUNS[noun]
    feminine = gender == "f"
    english = "the" if rng.random() < 0.5 else "a"
    article = {"the": ("le", "la"), "a": ("un", "une")}[english][feminine]
    if rng.random() < 0.6:
        adjective = one_of(tuple(FRENCH_ADJECTIVES), rng)
        ending = FRENCH_ADJECTIVES[adjective][feminine]
        return f"{english} {adjective} {noun}", f"{article} {french} {ending}"
    return f"{english} {noun}", f"{article} {french}"


def read_corpora(path: Path) -> tuple[Corpus, Corpus]:
    """Return the pairs to train on, of 1 to 40 words, and those to test on.

    Raises UserError as read_parallel, where no pair is left, or one to test on is empty.
    """
    name = path.name
    if "train" not in name or ".en" not in name:
        raise UserError(f"{path}: the name should hold 'train' and '.en', to find its pair.")
    read = []
    for part in (name, name.replace("train", "val")):
        lines = read_parallel(path.with_name(part), path.with_name(part.replace(".en", ".fr")))
        read.append([(words(source), words(target)) for source, target in lines])
    kept = [(s, t) for s, t in read[0] if 0 < len(s) <= 40 and 0 < len(t) <= 40]
    if not kept:
        raise UserError(f"{path}: no sentence and its translation have 1 to 40 words each.")
    for row, (source, target) in enumerate(read[1], 1):
        if not source or not target:
            raise UserError(f"{path.with_name(part)}: row {row}: is empty, or its translation is.")
    return kept, read[1]


@dataclass(frozen=True)
class Design:
    """What a network and its training are made of; rate: the highest, batch: pairs of a step."""

    units: int
    embedding: int
    dropout: float
    epochs: int
    batch: int = 64
    rate: float = 0.002


# For real data, for the small grammar, and for a quick look.
PLAIN = {
    "real": Design(384, 256, 0.2, 18, batch=32),
    "made": Design(64, 32, 0.0, 20, rate=0.008),
    "quick": Design(48, 24, 0.0, 2, rate=0.008),
}
ATTENTIVE = {
    "real": Design(256, 192, 0.3, 8),
    "made": Design(48, 32, 0.0, 6, rate=0.008),
    "quick": Design(48, 24, 0.0, 2, rate=0.008),
}


def plain(languages: Languages, design: Design) -> EncoderDecoder:
    """Return the encoder-decoder of Sutskever et al. 2014, of one layer."""
    settings = (design.embedding, design.units, design.dropout)
    return EncoderDecoder(
        Encoder(len(languages.source), *settings), Decoder(len(languages.target), *settings)
    )


def attentive(languages: Languages, design: Design) -> AttentionTranslator:
    """Return the network of Bahdanau et al. 2015."""
    symbols = (len(languages.source), len(languages.target))
    return AttentionTranslator(symbols, design.embedding, design.units, design.dropout)


KINDS = {  # whether sources are read from their end, the network, and its designs
    "reversed": (True, plain, PLAIN), "attention": (False, attentive, ATTENTIVE),
    "not reversed": (False, plain, PLAIN),
}  # fmt: skip


def train(
    name: str, model: Any, pairs: Pairs, design: Design, settings: Settings
) -> dict[str, Any]:
    """Train a network, on from its checkpoint if there is one; return what that cost in all."""
    model.build((10,), np.random.default_rng(SEED))
    file = settings.out / f"{settings.name}.{name.replace(' ', '-')}.npz"
    symbols = [pairs.languages.source.symbols, pairs.languages.target.symbols]
    key = json.dumps([name, len(pairs.sources), symbols, asdict(design)])
    kept = () if settings.quick else (Checkpoint(file, key),)
    plan = Plan(
        design.epochs, optimiser=Adam(), loss=padded_cross_entropy, metric=None, clip_norm=1.0,
        schedule=OneCycle(design.rate, rising=0.15, final_divisor=100), seed=SEED,
        callbacks=(EpochLog(settings, name), *kept),
    )  # fmt: skip
    state = fit(model, pairs.batches(design.batch), plan)
    parameters = sum(p.value.size for p in model.parameters().values())
    return {"parameters": parameters, **spent(state)}


def run(settings: Settings) -> dict[str, Any]:
    if settings.data:
        corpus, test = read_corpora(settings.data)
    else:
        made = [(s.split(), t.split()) for s, t in translations(2400, np.random.default_rng(SEED))]
        corpus, test = made[:2000], made[2000:]
    if settings.quick:
        corpus, test = corpus[:300], test[:20]
    kind = "quick" if settings.quick else "real" if settings.data else "made"
    sources, references = [s for s, _ in test], [t for _, t in test]
    figures: dict[str, Any] = {"pairs": len(corpus), "test_pairs": len(test)}
    for name, (reverse, make, designs) in KINDS.items():
        design = designs[kind]
        languages = Languages.of(corpus, LEAST if settings.data else 1, reverse)
        model = make(languages, design)
        cost = train(name, model, Pairs(corpus, languages), design, settings)
        by_beam = [translate_by_beam(model, languages, s, BEAM, NORMALISATION) for s in sources]
        figures[name] = {
            "greedy": scores(translate(model, languages, sources), references),
            "beam": scores(by_beam, references),
            "design": asdict(design),
            "training": cost,
        }
        settings.say(f"{name}: {in_words(figures[name])}")
        if isinstance(model, AttentionTranslator):
            draw(model, languages, sorted(sources, key=lambda s: abs(len(s) - 10))[:4], settings)
    figures["vocabularies"] = [len(languages.source), len(languages.target)]
    figures["differences"] = _differences(figures)
    return figures


def _differences(figures: dict[str, Any]) -> dict[str, float]:
    """Return what reversing, the beam and attention each add to BLEU."""
    greedy = {name: figures[name]["greedy"]["bleu"] for name in KINDS}
    beam = {name: figures[name]["beam"]["bleu"] for name in KINDS}
    named = {
        "reversing": beam["reversed"] - beam["not reversed"],
        "attention": beam["attention"] - beam["reversed"],
        **{f"beam, {name}": beam[name] - greedy[name] for name in KINDS},
    }
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
        drawing.supxlabel("read", fontsize=8)
        drawing.supylabel("written: the darker, the more its step looked at the word", fontsize=8)
