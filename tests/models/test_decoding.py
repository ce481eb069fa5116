"""Decoding against exhaustive search, and sampling against its distribution."""

import itertools

import numpy as np
import pytest

from rosenblatt.errors import UserError
from rosenblatt.models.decoding import Symbols, beam_search, draw, greedy, log_softmax

START, STOP, WORDS = 3, 0, 3  # the vocabulary is STOP, 1, 2


class Table:
    """A model whose logits are drawn anew for each prefix of symbols; its state is the prefix."""

    def __init__(self, seed):
        self.seed = seed
        self.logits = {}

    def of(self, prefix):
        if prefix not in self.logits:
            key = [self.seed, *prefix, len(prefix)]
            self.logits[prefix] = 2 * np.random.default_rng(key).random(WORDS)
        return self.logits[prefix]

    def step(self, symbols, state):
        after = np.concatenate([state, symbols[:, None]], axis=1)
        return np.array([self.of(tuple(map(int, row))) for row in after]), after

    def score(self, path, normalisation):
        prefix, total = (START,), 0.0
        for symbol in path:
            total += log_softmax(self.of(prefix)[None])[0, symbol]
            prefix += (symbol,)
        return total / len(path) ** normalisation


def every_path(longest):
    """Yield all sequences that STOP ends, or their length."""
    for length in range(1, longest + 1):
        for body in itertools.product((1, 2), repeat=length - 1):
            yield (*body, STOP)
    yield from itertools.product((1, 2), repeat=longest)


EMPTY = np.empty((1, 0), np.int64)


@pytest.mark.parametrize("normalisation", [0.0, 0.7, 1.0])
@pytest.mark.parametrize("seed", range(6))
def test_a_beam_as_wide_as_all_sequences_is_exhaustive(seed, normalisation):
    model, longest = Table(seed), 4
    symbols = Symbols(START, STOP)
    found = beam_search(model.step, EMPTY, symbols, longest, WORDS**longest, normalisation)
    best = max(every_path(longest), key=lambda path: model.score(path, normalisation))
    assert found == [symbol for symbol in best if symbol != STOP]


@pytest.mark.parametrize("seed", range(6))
def test_a_beam_of_one_without_normalisation_is_greedy(seed):
    model, symbols = Table(seed), Symbols(START, STOP)
    both = greedy(model.step, np.concatenate([EMPTY, EMPTY]), 2, symbols, 4)
    assert both[0] == both[1] == beam_search(model.step, EMPTY, symbols, 4, 1, 0.0)


def test_draws_follow_the_distribution():
    logits = np.log(np.array([0.5, 0.2, 0.3], np.float32))
    rng = np.random.default_rng(0)
    counts = np.bincount([draw(logits, rng) for _ in range(4000)], minlength=3)
    np.testing.assert_allclose(counts / 4000, [0.5, 0.2, 0.3], atol=0.03)
    cold = np.bincount([draw(logits, rng, 0.5) for _ in range(4000)], minlength=3)
    np.testing.assert_allclose(cold / 4000, np.array([25, 4, 9]) / 38, atol=0.03)
    assert {draw(logits, rng, top_k=2) for _ in range(200)} == {0, 2}
    assert {draw(logits, rng, 0) for _ in range(20)} == {0}


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64, np.int8, np.float16])
def test_logits_of_every_type_are_drawn_alike(dtype):
    logits = np.array([0, 100, 3], dtype)  # the negative of an unsigned 0 is still the least
    assert draw(logits, np.random.default_rng(0), 0) == 1
    assert draw(logits, np.random.default_rng(0)) == 1
    assert draw(np.array([False, True]), np.random.default_rng(0), 0) == 1


def test_a_step_that_gives_no_pair_is_named():
    symbols = Symbols(START, STOP)
    for given in (None, np.zeros((1, 3))):
        with pytest.raises(UserError, match=r"it must give \(logits, state\)"):
            beam_search(lambda last, state, given=given: given, None, symbols, 4, 2)


def test_a_stop_outside_of_the_vocabulary_is_refused():
    model = Table(0)
    for search in (
        lambda symbols: greedy(model.step, np.array([[START]]), 1, symbols, 4),
        lambda symbols: beam_search(model.step, np.array([[START]]), symbols, 4, 2),
    ):
        with pytest.raises(UserError, match="STOP, symbol 3, is none"):
            search(Symbols(START, WORDS))
