"""Hidden Markov models against the sum over all paths, and their gradient against differences."""

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rosenblatt.features.hidden_markov import FisherKernel, HiddenMarkov
from rosenblatt.features.sequences import encode

RNG = np.random.default_rng
MODEL, _ = HiddenMarkov.fit(encode(["ACGT"]), 2, RNG(3), rounds=0)


def probability(model, text):
    """Return p(text), summed over every path of the hidden states."""
    total = 0.0
    for path in product(range(len(model.initial)), repeat=len(text)):
        p = model.initial[path[0]]
        for before, after in pairwise(path):
            p *= model.transition[before, after]
        for state, letter in zip(path, text, strict=True):
            p *= 1.0 if letter == "N" else model.emission[state, "ACGT".index(letter)]
        total += p
    return total


@settings(max_examples=10, deadline=None)
@given(texts=st.lists(st.text("ACGTN", max_size=4).map(lambda t: t + "A"), min_size=1, max_size=3))
def test_likelihood_is_the_sum_over_all_paths(texts):
    (starts, moves, letters), likelihoods = MODEL.expect(encode(texts))
    wanted = [np.log(probability(MODEL, text)) for text in texts]
    np.testing.assert_allclose(likelihoods, wanted, rtol=1e-12)
    np.testing.assert_allclose(starts.sum(1), 1)
    np.testing.assert_allclose(moves.sum((1, 2)), [len(t) - 1 for t in texts], atol=1e-12)
    known = [[text.count(letter) for letter in "ACGT"] for text in texts]
    np.testing.assert_allclose(letters.sum(1), known, atol=1e-12)


def test_gradient_equals_differences():
    texts, step = ["ACGGTNA", "TTAC"], 1e-6
    x = encode(texts)
    tables = MODEL.initial, MODEL.transition, MODEL.emission
    columns = []
    for which, table in enumerate(tables):
        for place in np.ndindex(table.shape):
            values = []
            for sign in (1, -1):
                logits = np.log(table)
                logits[place] += sign * step
                moved = np.exp(logits) / np.exp(logits).sum(-1, keepdims=True)
                model = HiddenMarkov(*(moved if k == which else t for k, t in enumerate(tables)))
                values.append(model.expect(x)[1])
            columns.append((values[0] - values[1]) / (2 * step))
    np.testing.assert_allclose(MODEL.gradient(x), np.stack(columns, 1), rtol=1e-5, atol=1e-8)


def test_learning_raises_the_likelihood_and_finds_two_regimes():
    rng = RNG(0)
    halves = [rng.choice(list(kind), (40, 30)) for kind in ("AT", "CG")]
    x = encode(["".join(row) for row in np.hstack(halves)])
    model, history = HiddenMarkov.fit(x, 2, RNG(0), rounds=25)
    assert np.diff(history).min() > -1e-3  # LEAST is added to the counts
    assert model.emission.max(0).min() > 0.4  # each letter belongs to one state
    first = model.initial.argmax()
    assert model.emission[first, [0, 3]].sum() > 0.95


def test_the_kernel_is_one_and_tells_regimes_apart():
    x = encode(["ATATTAAT", "TTATAATA", "CGCCGGCG", "GGCGCCGC"])
    model, _ = HiddenMarkov.fit(x, 2, RNG(0), rounds=5)
    kernel = FisherKernel.fit(model, x)
    gram = kernel(x)
    np.testing.assert_allclose(gram, kernel(x, x), rtol=1e-5, atol=1e-5)
    np.testing.assert_allclose(gram.diagonal(), kernel.diagonal(x), rtol=1e-5)
    assert np.linalg.eigvalsh(gram.astype(np.float64)).min() > -1e-4
    assert gram[0, 1] > max(gram[0, 2], gram[0, 3])
    assert kernel(x, x[:3]).shape == (4, 3)


@pytest.mark.parametrize("texts", [["N"], ["NNA", "N"]])
def test_a_sequence_without_known_letters_says_nothing(texts):
    counts, likelihoods = MODEL.expect(encode(texts))
    assert likelihoods[-1] == 0
    assert not counts[2][-1].any()
