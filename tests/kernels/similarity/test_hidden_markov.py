from itertools import product

import numpy as np
import pytest

from rosenblatt.kernels.similarity.hidden_markov import Model, expectations
from rosenblatt.kernels.similarity.kmers import UNKNOWN


def model_of(S):
    rng = np.random.default_rng(9)
    shapes = (S,), (S, S), (S, 4)
    tables = (rng.random(shape) for shape in shapes)
    return Model(*(a / a.sum(-1, keepdims=True) for a in tables))


def by_listing_paths(sequence, model):
    """Return (starts, moves, letters, log-likelihood), summed over all paths of hidden states."""
    initial, transition, emission = model
    S = len(initial)
    while len(sequence) and sequence[-1] == UNKNOWN:
        sequence = sequence[:-1]
    starts, moves, letters, total = np.zeros(S), np.zeros((S, S)), np.zeros((S, 4)), 0.0
    for path in product(range(S), repeat=len(sequence)):
        chance = 1.0
        for t, (state, letter) in enumerate(zip(path, sequence, strict=True)):
            chance *= transition[path[t - 1], state] if t else initial[state]
            chance *= emission[state, letter] if letter != UNKNOWN else 1.0
        total += chance
        for t, (state, letter) in enumerate(zip(path, sequence, strict=True)):
            if t == 0:
                starts[state] += chance
            else:
                moves[path[t - 1], state] += chance
            if letter != UNKNOWN:
                letters[state, letter] += chance
    return starts / total, moves / total, letters / total, np.log(total)


@pytest.mark.parametrize("S", [1, 3])
def test_expected_counts_equal_those_over_all_paths(S):
    sequences = np.array([[0, 1, 3, 3, 2], [2, 4, 0, 4, 4], [1, 4, 4, 4, 4]], np.uint8)
    model, N = model_of(S), len(sequences)
    found = np.zeros((N, S)), np.zeros((N, S, S)), np.zeros((N, S, 4)), np.zeros(N)
    expectations(sequences, model, *found)
    for n, sequence in enumerate(sequences):
        for array, expected in zip(found, by_listing_paths(sequence, model), strict=True):
            np.testing.assert_allclose(array[n], expected, atol=1e-12)


def test_an_empty_sequence_tells_nothing():
    found = np.zeros((1, 2)), np.zeros((1, 2, 2)), np.zeros((1, 2, 4)), np.full(1, np.nan)
    expectations(np.full((1, 3), UNKNOWN, np.uint8), model_of(2), *found)
    assert not any(array.any() for array in found)
