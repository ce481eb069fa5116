"""What the systems that translate share: pairs as numbers, training, and scores."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Self

import numpy as np

from rosenblatt.arrays import check_whole
from rosenblatt.data.corpus import Vocabulary, padded
from rosenblatt.models.decoding import Symbols, beam_search, greedy
from rosenblatt.ranges import FLAG, TEXT, Each, Kind, Whole, check_value
from rosenblatt.train.batches import Batch, ByLength
from rosenblatt.train.bleu import bleu

SENTENCE = Each(TEXT, 1, 100_000)  # of words
WORDS = Each(Each(TEXT, 0, 100_000), 1, 1_000_000_000)  # of sentences, perhaps of none
SENTENCES = Each(SENTENCE, 1, 1_000_000_000)
PAIRS = Each(Each(SENTENCE, 2, 2), 1, 1_000_000_000)
LENGTH = Whole(1, 1_000_000)
UNKNOWN, START, STOP = "<unknown>", "<start>", "<stop>"
Sentence = list[str]


class Languages(NamedTuple):
    """The vocabularies of source and target, and whether sources are read from their end."""

    source: Vocabulary
    target: Vocabulary
    reverse: bool

    @classmethod
    def of(cls, pairs: Sequence[tuple[Sentence, Sentence]], least: int, reverse: bool) -> Self:
        """Return the vocabularies of the words that occur `least` times.

        Raises UserError where pairs are no lists of words, or a setting is out of range.
        """
        check_value("pairs", pairs, PAIRS)
        check_value("least", least, LENGTH)
        check_value("reverse", reverse, FLAG)
        source = Vocabulary.of((s for s, _ in pairs), least, UNKNOWN)
        target = Vocabulary.of((t for _, t in pairs), least, UNKNOWN, START, STOP)
        return cls(source, target, reverse)

    @property
    def symbols(self) -> Symbols:
        return Symbols(self.target.numbers[START], self.target.numbers[STOP])

    def read(self, sentence: Sentence) -> np.ndarray:
        """Return a source as the encoder reads it."""
        numbers = self.source.encode(sentence)
        return numbers[::-1].copy() if self.reverse else numbers


LANGUAGES = Kind(Languages, "the vocabularies of both: Languages.of(pairs, 1, False)")


class Pairs:
    """Sentence pairs as numbers, given out in batches. Raises UserError as Languages.of."""

    def __init__(self, pairs: Sequence[tuple[Sentence, Sentence]], languages: Languages) -> None:
        check_value("pairs", pairs, PAIRS)
        check_value("languages", languages, LANGUAGES)
        self.languages = languages
        self.sources = [languages.read(source) for source, _ in pairs]
        self.targets = [languages.target.encode(target) for _, target in pairs]
        self.lengths = np.array(
            [len(t) + len(s) / 100 for s, t in zip(self.sources, self.targets, strict=True)]
        )

    def batch(self, rows: np.ndarray, rng: np.random.Generator) -> Batch:
        """Return the inputs (source, mask, given) and the targets wanted of some pairs."""
        source, mask = padded([self.sources[i] for i in rows])
        given, wanted = teacher_forced([self.targets[i] for i in rows], self.languages.symbols)
        return Batch((source, mask, given), wanted)

    def batches(self, size: int) -> ByLength:
        """Return the pairs as a source of batches of that size. Raises UserError for another."""
        check_value("size", size, LENGTH)
        return ByLength(self.lengths, size, self.batch)


def teacher_forced(
    targets: Sequence[np.ndarray], symbols: Symbols
) -> tuple[np.ndarray, np.ndarray]:
    """Return what a decoder is given, START + target, and wanted to say, target + STOP.

    Both are [N, T]; behind the end STOP is given, and what is wanted is filled up with -1.
    Raises UserError where the targets are no lists of symbols.
    """
    check_value("targets", targets, Each(Kind(np.ndarray, "an array"), 1, 1_000_000_000))
    check_value("symbols", symbols, Kind(Symbols, "Symbols(start, stop)"))
    targets = [check_whole(one, "T", 0, 2**31, "targets", empty=True) for one in targets]
    given, _ = padded([np.concatenate([[symbols.start], one]) for one in targets], symbols.stop)
    wanted, _ = padded([np.concatenate([one, [symbols.stop]]) for one in targets], -1)
    return given, wanted


def translate(
    model: Any, languages: Languages, sentences: Sequence[Sentence], longest: int = 40
) -> list[Sentence]:
    """Return the greedy translations, computed for 128 sentences at a time.

    Raises UserError where sentences are no lists of words, or the model knows other languages.
    """
    check_value("languages", languages, LANGUAGES)
    check_value("sentences", sentences, SENTENCES)
    order = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
    translations: list[Sentence] = [[] for _ in sentences]
    for first in range(0, len(order), 128):
        rows = order[first : first + 128]
        state = model.start(*padded([languages.read(sentences[i]) for i in rows]))
        chosen = greedy(model.step, state, len(rows), languages.symbols, longest)
        for i, numbers in zip(rows, chosen, strict=True):
            translations[i] = languages.target.decode(numbers)
    return translations


def translate_by_beam(
    model: Any, languages: Languages, sentence: Sentence, width: int, normalisation: float
) -> Sentence:
    """Return the best translation that a beam search finds. Raises UserError as translate."""
    check_value("languages", languages, LANGUAGES)
    check_value("sentence", sentence, SENTENCE)
    state = model.start(*padded([languages.read(sentence)]))
    longest = 2 * len(sentence) + 5
    numbers = beam_search(model.step, state, languages.symbols, longest, width, normalisation)
    return languages.target.decode(numbers)


def scores(candidates: Sequence[Sentence], references: Sequence[Sentence]) -> dict[str, float]:
    """Return BLEU and the share of sentences translated to the letter. Raises UserError as bleu."""
    check_value("candidates", candidates, WORDS)
    check_value("references", references, WORDS)
    found = bleu(list(candidates), list(references))
    same = np.mean([c == r for c, r in zip(candidates, references, strict=True)])
    return {
        "bleu": round(found, 2),
        "exact": round(float(same), 4),
    }
