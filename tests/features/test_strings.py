"""String kernels against explicit feature maps on short strings."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.errors import UserError
from rosenblatt.features import strings
from rosenblatt.features.gram import Normalised
from rosenblatt.features.sequences import encode, reverse_complement
from rosenblatt.features.strings import Gapped, Mismatch, Spectrum
from tests.reference.similarity import strings as reference

DNA = st.lists(st.text("ACGTN", min_size=1, max_size=9), min_size=2, max_size=4)


def both(features, text):
    """Return the features of a sequence and of its other strand, added."""
    return (features(text) + features(reference.other_strand(text))) / np.sqrt(2)


CASES = {
    "spectrum": (lambda b: Spectrum(3, b), lambda t: reference.mismatch_features(t, 3, 0)),
    "mismatch 1": (lambda b: Mismatch(3, b, 1), lambda t: reference.mismatch_features(t, 3, 1)),
    "mismatch 2": (lambda b: Mismatch(4, b, 2), lambda t: reference.mismatch_features(t, 4, 2)),
    "gapped": (
        lambda b: Gapped(4, b, 2),
        lambda t: reference.gapped_features(t, 4, 2, combinations),
    ),
}


@pytest.mark.parametrize(("few", "table"), [(strings.FEW, 1), (0, strings.TABLE), (0, 1)])
@pytest.mark.parametrize("strands", [False, True])
@pytest.mark.parametrize("name", CASES)
@settings(max_examples=3, deadline=None)
@given(x=DNA, y=DNA)
def test_equals_the_explicit_features(name, strands, few, table, x, y):
    make, features = CASES[name]
    kernel = make(strands)

    def rows(texts):
        return np.array([both(features, t) if strands else features(t) for t in texts])

    usual = strings.FEW, strings.TABLE
    strings.FEW, strings.TABLE = few, table
    try:
        cross, own = kernel(encode(x), encode(y)), kernel(encode(x))
    finally:
        strings.FEW, strings.TABLE = usual
    np.testing.assert_allclose(cross, rows(x) @ rows(y).T, rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(own, rows(x) @ rows(x).T, rtol=1e-5, atol=1e-5)
    np.testing.assert_array_equal(own, own.T)
    np.testing.assert_allclose(kernel.diagonal(encode(x)), own.diagonal(), rtol=1e-6)


def test_a_sequence_shorter_than_a_word_is_at_a_right_angle_to_all():
    gram = Normalised(Spectrum(5))(encode(["ACG", "ACGTACGT", "ACGTACGT"]))
    np.testing.assert_allclose(gram, [[0, 0, 0], [0, 1, 1], [0, 1, 1]], atol=1e-6)


def test_long_words_need_no_table():
    text = "ACGTTGCAACGTACGGATTCAGGCTAACGTAC"
    gram = Spectrum(31)(encode([text, text, "C" + text]))
    np.testing.assert_array_equal(gram, [[2, 2, 2], [2, 2, 2], [2, 2, 3]])


def test_encoding_knows_letters_of_all_kinds():
    np.testing.assert_array_equal(encode(["ACGT", "acuN"]), [[0, 1, 2, 3], [0, 1, 3, 4]])
    np.testing.assert_array_equal(encode(["AC", "RYS"]), [[0, 1, 4], [4, 4, 4]])
    np.testing.assert_array_equal(reverse_complement(encode(["AACGN"])), encode(["NCGTT"]))


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        (["ACG", "AXG"], r"row 2, letter 2 is 'X'"),
        (["ACG", ""], "row 2 holds no letter"),
        (["A€"], "row 1, letter 2"),
        ([], "holds no letter"),
    ],
)
def test_what_is_no_sequence_is_named(texts, message):
    with pytest.raises(UserError, match=message):
        encode(texts)


@pytest.mark.parametrize("make", [lambda: Spectrum(0), lambda: Mismatch(3, False, 3),
                                  lambda: Gapped(3, False, 4)])  # fmt: skip
def test_impossible_words_are_refused(make):
    with pytest.raises(UserError, match=r"must be"):
        make()
