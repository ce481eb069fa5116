"""BLEU against the examples of its paper, and a count by hand."""

from math import exp, log

import pytest

from rosenblatt.train.bleu import bleu


def test_a_perfect_translation_has_100():
    sentence = "the cat sat on the mat".split()  # noqa: SIM905
    assert bleu([sentence], [sentence]) == pytest.approx(100)


def test_repeated_words_count_as_often_as_in_the_reference():
    """Papineni et al. 2002, example 2: the modified unigram precision is 2/7."""
    candidate, reference = ["the"] * 7, "the cat is on the mat".split()  # noqa: SIM905
    assert bleu([candidate], [reference], longest=1) == pytest.approx(100 * 2 / 7)


def test_a_corpus_by_hand():
    candidates = [["a", "b", "c", "d"], ["e", "f"]]
    references = [["a", "b", "c", "x"], ["e", "f", "g", "h"]]
    # 1-grams 5 of 6, 2-grams 3 of 4, length 6 against 8.
    expected = exp(1 - 8 / 6 + (log(5 / 6) + log(3 / 4)) / 2)
    assert bleu(candidates, references, longest=2) == pytest.approx(100 * expected)
    assert bleu(candidates, references) == 0
