"""Hidden Markov models of sequences: what the hidden states are expected to have done.

Sequences are [N, L] uint8 as in kmers.py; an unknown letter is one that was not seen, and a
sequence ends with its last known letter. All numbers are float64.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.elementary import log
from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.similarity.kmers import UNKNOWN


class Model(NamedTuple):
    """Probabilities of the first state [S], of the next [S, S], and of the letters [S, 4]."""

    initial: np.ndarray
    transition: np.ndarray
    emission: np.ndarray


@kernel
def _length(sequence):
    length = sequence.size
    while length > 0 and sequence[length - 1] >= UNKNOWN:
        length -= 1
    return length


@kernel
def _emit(emission, state, letter):
    return emission[state, letter] if letter < UNKNOWN else 1.0


@kernel
def _forward(sequence, model, forward, scales):
    """Fill forward [L, S], each row scaled to a sum of 1, and the scales [L] by which it was."""
    initial, transition, emission = model
    S = initial.size
    for t in range(scales.size):
        total = 0.0
        for s in range(S):
            value = initial[s] if t == 0 else 0.0
            if t > 0:
                for r in range(S):
                    value += forward[t - 1, r] * transition[r, s]
            forward[t, s] = value * _emit(emission, s, sequence[t])
            total += forward[t, s]
        scales[t] = total
        for s in range(S):
            forward[t, s] /= total


@kernel
def _expect(sequence, model, starts, moves, letters):
    """Add the expected counts of one sequence, and return its log-likelihood.

    Rabiner 1989, equations 27 and 37, with the scaling of section V.A.
    """
    initial, transition, emission = model
    S, length = initial.size, _length(sequence)
    forward, scales = np.empty((length, S)), np.empty(length)
    _forward(sequence, model, forward, scales)
    backward, before = np.ones(S), np.empty(S)
    likelihood = 0.0
    for t in range(length - 1, -1, -1):
        likelihood += log(scales[t])
        for s in range(S):
            share = forward[t, s] * backward[s]
            if t == 0:
                starts[s] += share
            if sequence[t] < UNKNOWN:
                letters[s, sequence[t]] += share
        for s in range(S):  # what the step from t - 1 to t adds, and the row before
            before[s] = _emit(emission, s, sequence[t]) * backward[s] / scales[t]
        for r in range(S):
            backward[r] = 0.0
            for s in range(S):
                backward[r] += transition[r, s] * before[s]
                if t > 0:
                    moves[r, s] += forward[t - 1, r] * transition[r, s] * before[s]
    return likelihood


@parallel_kernel
def expectations(sequences, model, starts, moves, letters, likelihoods):
    """Write the expected counts of each sequence, given the model, and its log-likelihood [N].

    starts [N, S]: where it began; moves [N, S, S]: how often it went from one state to another;
    letters [N, S, 4]: how often a state showed a letter. All are zeros before.
    """
    for n in prange(sequences.shape[0]):
        likelihoods[n] = _expect(sequences[n], model, starts[n], moves[n], letters[n])
