"""String kernels that compare two sequences place by place, or by all their alignments.

Sequences are [N, L] uint8 as in kernels.similarity.kmers.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.jit import kernel, parallel_kernel
from rosenblatt.kernels.similarity.kmers import UNKNOWN

LANES = 16  # sequences that are aligned at a time


class Weights(NamedTuple):
    """e^(beta score) of a match, a mismatch, of a gap's first place and of each further one."""

    match: float
    mismatch: float
    opening: float
    extension: float


@kernel
def _equal_runs(first, second, gains):
    """Return the sum over runs of equal letters at equal places of gains[length of the run]."""
    total, run = 0.0, 0
    for i in range(min(first.size, second.size)):
        if first[i] == second[i] and first[i] < UNKNOWN:
            run += 1
        else:
            total += gains[run]
            run = 0
    return total + gains[run]


@kernel
def _equal_runs_row(sequence, others, gains, out):
    for m in range(out.size):
        out[m] = _equal_runs(sequence, others[m], gains)


@parallel_kernel
def equal_runs(sequences, others, gains, out):
    """Write the sums for all pairs to out [N, M]; gains [L + 1] float64."""
    for n in prange(sequences.shape[0]):
        _equal_runs_row(sequences[n], others, gains, out[n])


@kernel
def _align_cell(letter, letters, weights, before, now, j, out_total):
    """Fill cell j of row `now` for LANES sequences, and add what ends in a pair to the total.

    before, now [3, L + 1, LANES]: what ends in a pair, in a gap of one and of the other.
    """
    match, mismatch, opening, extension = weights
    corner_pair, corner_x, corner_y = before[0, j - 1], before[1, j - 1], before[2, j - 1]
    up_pair, up_x = before[0, j], before[1, j]
    left_pair, left_x, left_y = now[0, j - 1], now[1, j - 1], now[2, j - 1]
    pair, x, y = now[0, j], now[1, j], now[2, j]
    for k in range(LANES):
        known = letter < UNKNOWN and letters[k] < UNKNOWN
        score = match if letter == letters[k] else mismatch
        score = score if known else 0.0
        pair[k] = score * (1.0 + corner_pair[k] + corner_x[k] + corner_y[k])
        x[k] = opening * up_pair[k] + extension * up_x[k]
        y[k] = opening * (left_pair[k] + left_x[k]) + extension * left_y[k]
        out_total[k] += pair[k]


@kernel
def _align(first, lanes, weights, total):
    """Add to total [LANES] the sum of e^(beta score) over all local alignments with each of lanes.

    lanes [L, LANES]. Saigo, Vert, Ueda & Akutsu 2004, equations 8 to 10: M is the sum over what
    ends in a pair of letters, X and Y in a gap; every alignment ends in a pair.
    """
    table = np.zeros((2, 3, lanes.shape[0] + 1, LANES))
    for i in range(first.size):
        before, now = table[i % 2], table[1 - i % 2]
        for j in range(1, lanes.shape[0] + 1):
            _align_cell(first[i], lanes[j - 1], weights, before, now, j, total)


@kernel
def _align_row(sequence, lanes, weights, out):
    for block in range(lanes.shape[0]):
        first = block * LANES
        total = out[first : first + LANES]
        total[:] = 1.0  # the empty alignment
        _align(sequence, lanes[block], weights, total)


@parallel_kernel
def alignments(sequences, lanes, weights, out):
    """Write the sums for all pairs to out [N, B LANES] (float64).

    lanes [B, L, LANES]: the other sequences, LANES of them side by side.
    """
    for n in prange(sequences.shape[0]):
        _align_row(sequences[n], lanes, weights, out[n])
