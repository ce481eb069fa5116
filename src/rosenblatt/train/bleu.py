"""BLEU: how much of a translation is in the reference, counted over a whole corpus."""

from collections import Counter
from math import exp, log

from rosenblatt.errors import UserError
from rosenblatt.ranges import Whole, check_value

Sentence = list[str]


def bleu(candidates: list[Sentence], references: list[Sentence], longest: int = 4) -> float:
    """Return BLEU in per cent, one reference a sentence (Papineni et al. 2002, section 2.3).

    The geometric mean of the clipped precisions of 1- to 4-grams over the corpus, times the brevity
    penalty; no smoothing: 0 where no n-gram of some length is right. Raises UserError where there
    is no sentence, no word in any reference, or not one reference for each candidate.
    """
    check_value("longest", longest, Whole(1, 100))
    for sentence in (*candidates, *references):
        if not isinstance(sentence, list | tuple):
            raise UserError(f"a sentence is a list of words, not {sentence!r}.")
    if len(candidates) != len(references) or not any(references):
        raise UserError(
            f"{len(candidates)} candidates for {len(references)} references; give one for each, "
            "and a word at least."
        )
    right, total = [0] * longest, [0] * longest
    for candidate, reference in zip(candidates, references, strict=True):
        for n in range(longest):
            found, wanted = _grams(candidate, n + 1), _grams(reference, n + 1)
            right[n] += sum(min(count, wanted[gram]) for gram, count in found.items())
            total[n] += max(len(candidate) - n, 0)
    if not all(right):
        return 0.0
    length, wanted_length = sum(map(len, candidates)), sum(map(len, references))
    penalty = min(0.0, 1 - wanted_length / length)
    precision = sum(log(r / t) for r, t in zip(right, total, strict=True)) / longest
    return 100 * exp(penalty + precision)


def _grams(sentence: Sentence, n: int) -> Counter:
    return Counter(tuple(sentence[i : i + n]) for i in range(len(sentence) - n + 1))
