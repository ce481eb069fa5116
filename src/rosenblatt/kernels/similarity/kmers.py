"""Counting equal words of letters in pairs of sequences.

Sequences are [N, L] uint8: letters 0 to 3, and 4 for a letter that is not known or after the end. A
word is read at some of the places of a window; a window with an unknown letter has none, -1.
"""

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel

UNKNOWN = 4


@kernel
def _read_words(sequence, length, places, out):
    known = 0
    for i in range(sequence.size):
        known = known + 1 if sequence[i] < UNKNOWN else 0
        start = i - length + 1
        if start >= 0:
            word = np.int64(0)
            for p in range(places.size):
                word = 4 * word + np.int64(sequence[start + places[p]])
            out[start] = word if known >= length else -1


@parallel_kernel
def read_words(sequences, length, places, out):
    """Write the word at `places` of each window of `length` letters to out [N, L - length + 1]."""
    for n in prange(sequences.shape[0]):
        _read_words(sequences[n], length, places, out[n])


@kernel
def count_words(words, counts):
    """Add how often each sequence holds each word to counts [N, V]; words [N, W], -1 for none."""
    for n in range(words.shape[0]):
        for i in range(words.shape[1]):
            if words[n, i] >= 0:
                counts[n, words[n, i]] += 1


@kernel
def index_words(words, starts, holders):
    """List which sequences hold each word: those of word w are holders[starts[w] : starts[w + 1]].

    words [M, W] from 0 to V - 1, or -1; starts [V + 1]; holders [M W]. A sequence that holds a word
    twice is listed twice; the lists rise (a counting sort).
    """
    starts[:] = 0
    for m in range(words.shape[0]):
        for i in range(words.shape[1]):
            if words[m, i] >= 0:
                starts[words[m, i] + 1] += 1
    for w in range(starts.size - 1):
        starts[w + 1] += starts[w]
    for m in range(words.shape[0]):
        for i in range(words.shape[1]):
            w = words[m, i]
            if w >= 0:
                holders[starts[w]] = m
                starts[w] += 1
    for w in range(starts.size - 1, 0, -1):
        starts[w] = starts[w - 1]
    starts[0] = 0


@kernel
def _count_row(words, starts, holders, last, counts):
    for i in range(words.size):
        w = words[i]
        if w >= 0:
            for h in range(starts[w], starts[w + 1]):
                if holders[h] > last:
                    break
                counts[holders[h]] += 1


@parallel_kernel
def count_pairs(words, starts, holders, half, counts):
    """Add how many pairs of words [N, W] and indexed words are equal to counts [N, M] (int32).

    half: only up to the diagonal.
    """
    for n in prange(words.shape[0]):
        _count_row(words[n], starts, holders, n if half else counts.shape[1], counts[n])


@kernel
def _compare_windows(first, second, length, counts):
    """Add to counts[d] the pairs of windows that differ in d of their letters, if in the table."""
    for i in range(first.size - length + 1):
        for j in range(second.size - length + 1):
            apart = 0
            for p in range(length):
                a, b = first[i + p], second[j + p]
                apart += 1 if a != b else 0
                apart += counts.size if a >= UNKNOWN or b >= UNKNOWN else 0
            if apart < counts.size:
                counts[apart] += 1


@parallel_kernel
def compare_with_partner(sequences, partners, length, counts):
    """Count pairs of windows of sequences[n] and partners[n] by letters apart: counts [N, d]."""
    for n in prange(sequences.shape[0]):
        _compare_windows(sequences[n], partners[n], length, counts[n])
