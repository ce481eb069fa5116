"""Sentence pairs: what is learned of them by heart is translated back."""

import numpy as np
import pytest

from rosenblatt.gallery.translation import translations
from rosenblatt.models.sentence_pairs import Languages, Pairs, scores, translate, translate_by_beam
from rosenblatt.models.translator import AttentionTranslator, Decoder, Encoder, EncoderDecoder
from rosenblatt.train import Adam, Constant, Plan
from rosenblatt.train.fit import fit
from rosenblatt.train.losses import padded_cross_entropy

RNG = np.random.default_rng


@pytest.mark.parametrize("attention", [False, True])
def test_a_translator_learns_a_few_sentences_by_heart(attention):
    corpus = [(s.split(), t.split()) for s, t in translations(12, RNG(0))]
    languages = Languages.of(corpus, 1, not attention)
    sizes = (len(languages.source), len(languages.target))
    if attention:
        model = AttentionTranslator(sizes, 16, 24)
    else:
        model = EncoderDecoder(Encoder(sizes[0], 16, 24), Decoder(sizes[1], 16, 24))
    model.build((10,), RNG(0))
    plan = Plan(
        60, optimiser=Adam(), schedule=Constant(0.02), clip_norm=1.0, loss=padded_cross_entropy,
        metric=None,
    )  # fmt: skip
    fit(model, Pairs(corpus, languages).batches(12), plan)
    sources, references = zip(*corpus, strict=True)
    assert scores(translate(model, languages, sources), references)["exact"] > 0.9
    found = [translate_by_beam(model, languages, source, 3, 1.0) for source in sources]
    assert scores(found, references)["exact"] > 0.9
