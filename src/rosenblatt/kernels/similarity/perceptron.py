"""The perceptron's rule: on a mistake, add the sample. A machine is the list of its mistakes.

Samples are shown one a step; signs are +1 and -1. A mistake is a score of the wrong sign, or 0.
Everything else (weights, dual coefficients, averages, votes) follows from which steps were
mistakes: `mistakes` [K, steps] is filled with their numbers, `counts` [K] tells how many.
"""

from typing import NamedTuple

import numpy as np
from numba import prange

from rosenblatt.kernels.core.dot import add_scaled, dot
from rosenblatt.kernels.core.jit import kernel, parallel_kernel


class Shown(NamedTuple):
    """At each step: which row of a Gram matrix [n, N] is the sample's, and which sample it is."""

    rows: np.ndarray
    samples: np.ndarray


@kernel
def _learn_sign(x, order, signs, mistakes):
    """Run one primal perceptron through `order`; return how many mistakes it made."""
    w = np.zeros(x.shape[1])
    count = 0
    for step in range(order.size):
        i = order[step]
        if signs[i] * dot(x[i], w) <= 0:
            add_scaled(x[i], np.float64(signs[i]), w)
            mistakes[count] = step
            count += 1
    return count


@parallel_kernel
def learn_signs(x, order, signs, mistakes, counts):
    """Run K primal perceptrons, one for each row of signs [K, N], on x [N, D] (Rosenblatt 1958)."""
    for k in prange(signs.shape[0]):
        counts[k] = _learn_sign(x, order, signs[k], mistakes[k])


@kernel
def learn_classes(x, order, labels, w, rivals, mistakes):
    """Run one primal perceptron of K classes; return how many mistakes it made.

    It is a mistake unless the label's score is above all others. Then the sample is added to the
    label's row of w [K, D] (float64, zeros at first) and taken from the best rival's, whose number
    goes to `rivals` (Duda & Hart 1973, section 5.12, Kesler's construction).
    """
    K = w.shape[0]
    count = 0
    for step in range(order.size):
        i = order[step]
        label = labels[i]
        rival, highest = -1, -np.inf
        for k in range(K):
            if k != label:
                score = dot(x[i], w[k])
                if score > highest:
                    rival, highest = k, score
        if highest >= dot(x[i], w[label]):
            add_scaled(x[i], 1.0, w[label])
            add_scaled(x[i], -1.0, w[rival])
            mistakes[count], rivals[count] = step, rival
            count += 1
    return count


@kernel
def _learn_dual(gram, shown, signs, scores, mistakes, count, first):
    rows, samples = shown
    for p in range(rows.size):
        i = samples[p]
        if signs[i] * scores[i] <= 0:
            add_scaled(gram[rows[p]], signs[i], scores)
            mistakes[count] = first + p
            count += 1
    return count


@parallel_kernel
def learn_dual(gram, shown, signs, scores, mistakes, counts, first):
    """Go on with K kernel perceptrons (Aizerman, Braverman & Rozonoer 1964) from step `first`.

    signs and scores [K, N] have the dtype of gram; scores are kept up to date for all samples,
    which costs one row of gram a mistake.
    """
    for k in prange(signs.shape[0]):
        counts[k] = _learn_dual(gram, shown, signs[k], scores[k], mistakes[k], counts[k], first)


@kernel
def _vote_row(row, samples, signs, lasted):
    score, vote = row.dtype.type(0), np.int64(0)
    for m in range(samples.size):
        score += signs[m] * row[samples[m]]
        vote += lasted[m] if score > 0 else -lasted[m]
    return vote


@parallel_kernel
def vote(gram, samples, signs, lasted, out):
    """Write the votes of all perceptrons on the way to out [M] (Freund & Schapire 1999, figure 1).

    gram [M, N]; after mistake m, on sample samples[m] of sign signs[m], the perceptron lasted for
    lasted[m] steps, and has as many votes.
    """
    for n in prange(gram.shape[0]):
        out[n] = _vote_row(gram[n], samples, signs, lasted)
